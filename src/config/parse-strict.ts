import { distance } from 'fastest-levenshtein';
import type { z } from 'zod';
import { type Complaint, ConfigError } from './errors.ts';
import type { LocatedYaml, Path } from './parse-yaml.ts';
import { maxExcerptChars, show } from './show.ts';

/** How a file's problems are called, and which of its keys are known but not run yet. */
interface Strictness {
  readonly code: string;
  /** As `suite.key`. */
  readonly notRunYet?: ReadonlySet<string>;
}

const maxComplaints = 50;

/**
 * Parses located data with a strict schema.
 *
 * @throws ConfigError POLICY_INVALID (or the given code) that lists every problem, up to fifty, with file, line,
 *   key, what was expected, what came, and the nearest known key
 */
export function parseStrict<T>(schema: z.ZodType<T>, yaml: LocatedYaml, strictness: Strictness): T {
  const result = schema.safeParse(yaml.value);
  if (result.success) return result.data;
  const known = knownKeys(schema);
  const complaints: Complaint[] = [];
  for (const issue of result.error.issues.filter(saysMost)) {
    // A hostile file has as many unknown keys as fit into it.
    const room = maxComplaints - complaints.length;
    if (issue.code === 'unrecognized_keys') {
      const keys = issue.keys.slice(0, room);
      complaints.push(...keys.map((key) => unknownKey({ key, path: issue.path, yaml, known, strictness })));
    } else if (room > 0) {
      complaints.push(wrongValue(issue, yaml, strictness));
    }
  }
  throw configErrorOf(complaints);
}

/** Whether no issue of the same value says it more narrowly than "a number that can be counted to". */
function saysMost(issue: z.core.$ZodIssue, _at: number, all: readonly z.core.$ZodIssue[]): boolean {
  if (issue.code !== 'too_big' || Number(issue.maximum) !== Number.MAX_SAFE_INTEGER) return true;
  const path = renderPath(issue.path);
  return !all.some((one) => one !== issue && one.code === 'too_big' && renderPath(one.path) === path);
}

/** One error out of several problems. */
export function configErrorOf(complaints: readonly Complaint[]): ConfigError {
  const [first, ...others] = complaints;
  if (first === undefined) throw new RangeError('configErrorOf: expected at least one complaint, got none');
  return new ConfigError(first, { others });
}

const notRunYetRemedy = 'this version does not run it yet; remove it';

function wrongValue(issue: z.core.$ZodIssue, yaml: LocatedYaml, strictness: Strictness): Complaint {
  const path = renderPath(issue.path);
  const value = valueAt(yaml.value, issue.path);
  return {
    code: strictness.code,
    where: `${yaml.locate(issue.path)} ${path}`,
    expected: expectationOf(issue),
    got: show(value),
    remedy: remedyOf(issue, value, path),
  };
}

function remedyOf(issue: z.core.$ZodIssue, value: unknown, path: string): string {
  if (value === undefined) return `add ${path}`;
  const isNumber = issue.code === 'invalid_type' && (issue.expected === 'number' || issue.expected === 'int');
  return isNumber && typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value)
    ? `write ${value} without quotes`
    : `correct ${path}`;
}

function unknownKey(input: {
  readonly key: string;
  readonly path: Path;
  readonly yaml: LocatedYaml;
  readonly known: readonly string[];
  readonly strictness: Strictness;
}): Complaint {
  const { key, path, yaml, known, strictness } = input;
  const full = renderPath([...path, key]);
  const later = strictness.notRunYet?.has(dotted([...path, key])) ?? false;
  const nearest = nearestKey(key, dotted(path), known);
  const remedy =
    nearest === undefined ? `remove ${full}` : `the nearest known key is ${JSON.stringify(nearest)}`;
  return {
    code: strictness.code,
    where: `${yaml.locate(path, key)} ${full}`,
    expected: later ? 'a key that this version runs' : 'a known key',
    got: show(key),
    remedy: later ? notRunYetRemedy : remedy,
  };
}

/** The key as it stands elsewhere, else the nearest of the same mapping, else the nearest of all, with its path. */
function nearestKey(key: string, parent: string, known: readonly string[]): string | undefined {
  const nameOf = (path: string) => path.slice(path.lastIndexOf('.') + 1);
  const isBelow = (path: string) => path.startsWith(parent === '' ? '' : `${parent}.`);
  const siblings = known.filter((path) => isBelow(path) && path === join(parent, nameOf(path)));
  const ranked = [...known.filter(isBelow), ...known.filter((path) => !isBelow(path))];
  const pathOf = (name: string | undefined) => ranked.find((path) => nameOf(path) === name);
  return pathOf(key) ?? nearestOf(key, siblings.map(nameOf)) ?? pathOf(nearestOf(key, known.map(nameOf)));
}

/** The known name nearest to what was written, in edits, or undefined where none is near. */
export function nearestOf(word: string, known: readonly string[]): string | undefined {
  const written = word.slice(0, maxExcerptChars).toLowerCase();
  const ranked = known
    .map((candidate) => ({ candidate, edits: distance(written, candidate.toLowerCase()) }))
    .sort((a, b) => a.edits - b.edits || (a.candidate < b.candidate ? -1 : 1));
  const best = ranked[0];
  return best !== undefined && best.edits <= Math.max(3, written.length / 2) ? best.candidate : undefined;
}

/** Every key that the schema knows at any depth, as a dotted path, from the JSON Schema that it makes. */
function knownKeys(schema: z.ZodType): string[] {
  const paths = new Set<string>();
  const walk = (node: unknown, path: string) => {
    if (typeof node !== 'object' || node === null) return;
    for (const [key, value] of Object.entries(node)) {
      if (key !== 'properties') walk(value, path);
      else for (const [name, child] of Object.entries(value)) addKey(join(path, name), child);
    }
  };
  const addKey = (path: string, child: unknown) => {
    paths.add(path);
    walk(child, path);
  };
  walk(schema.toJSONSchema({ io: 'input', unrepresentable: 'any' }), '');
  return [...paths];
}

function join(parent: string, name: string): string {
  return parent === '' ? name : `${parent}.${name}`;
}

/** A path as a schema knows it: without the places in lists. */
function dotted(path: Path): string {
  return path.filter((step) => typeof step !== 'number').join('.');
}

function expectationOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.expected === 'int' ? 'a whole number' : `${article(issue.expected)}`;
    case 'invalid_value':
      return issue.values.map((value) => JSON.stringify(value)).join(' or ');
    case 'too_small':
      return `${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}${unitOf(issue.origin, issue.minimum)}`;
    case 'too_big':
      return `${issue.inclusive === false ? 'less than' : 'at most'} ${issue.maximum}${unitOf(issue.origin, issue.maximum)}`;
    default:
      return issue.message;
  }
}

function unitOf(origin: string, count: number | bigint): string {
  const isOne = Number(count) === 1;
  if (origin === 'array') return isOne ? ' entry' : ' entries';
  return origin === 'string' ? (isOne ? ' character' : ' characters') : '';
}

function article(type: string): string {
  const plain: Record<string, string> = { object: 'mapping', array: 'list', boolean: 'true or false' };
  const word = plain[type] ?? type;
  return word === 'true or false' ? word : `${/^[aeiou]/.test(word) ? 'an' : 'a'} ${word}`;
}

/** `suite.queries[0].sample`, or the file's top level; a key that is no plain word is shown as an excerpt. */
export function renderPath(path: Path): string {
  const text = path.map(renderStep).join('');
  return text === '' ? '(top level)' : text.replace(/^\./, '');
}

function renderStep(step: PropertyKey): string {
  if (typeof step === 'number') return `[${step}]`;
  const key = String(step);
  return /^[A-Za-z_]\w{0,59}$/.test(key) ? `.${key}` : `[${show(key)}]`;
}

function valueAt(value: unknown, path: Path): unknown {
  let here = value;
  for (const step of path) {
    if (typeof here !== 'object' || here === null) return undefined;
    here = Reflect.get(here, step);
  }
  return here;
}
