import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isPair,
  isScalar,
  LineCounter,
  parseDocument,
  visit,
} from 'yaml';
import { ConfigError } from './errors.ts';
import { excerpt, show } from './show.ts';

/** Steps from the top of a file to a value. */
export type Path = readonly PropertyKey[];

/** A YAML file taken apart, with the line of every key, so that messages can say where. */
export interface LocatedYaml {
  readonly file: string;
  readonly value: unknown;
  /** `file:line` of a path, or of its nearest ancestor that is there. */
  locate(path: Path, key?: string): string;
}

const maxYamlChars = 1_000_000;

/**
 * Reads YAML text as plain data. Aliases are refused: they buy a policy nothing and expand without bound.
 *
 * @throws ConfigError YAML_SYNTAX or YAML_ALIAS with file and line, FILE_TOO_LARGE
 */
export function parseYaml(text: string, file: string): LocatedYaml {
  if (text.length > maxYamlChars) {
    throw new ConfigError({
      code: 'FILE_TOO_LARGE',
      where: file,
      expected: `at most ${maxYamlChars} characters of YAML`,
      got: String(text.length),
      remedy: 'name the right file',
    });
  }
  try {
    return locateYaml(text, file);
  } catch (error) {
    // The library goes one call deeper for each level, and what nests without end ends the stack.
    if (!(error instanceof RangeError)) throw error;
    throw syntaxError(file, tooDeep);
  }
}

function locateYaml(text: string, file: string): LocatedYaml {
  const lines = new LineCounter();
  // The library's own search for repeated keys takes a minute on a hostile file; refuseTraps does it in one walk.
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: false, merge: false });
  const lineOf = (offset: number) => `${file}:${lines.linePos(offset).line}`;
  const [broken] = [...document.errors, ...document.warnings];
  if (broken !== undefined) {
    const got = broken.message.split('\n')[0]?.replace(/ at line.*$/, '') ?? 'a syntax error';
    throw syntaxError(lineOf(broken.pos[0]), excerpt(got));
  }
  // Under YAML 1.1 `010` is eight and `<<` merges: a reviewer would read another file than we do.
  if (document.directives?.yaml.version !== '1.2') throw syntaxError(`${file}:1`, 'a directive of YAML 1.1');
  refuseTraps(document, lineOf);
  const locate = (path: Path, key?: string) => {
    for (let length = path.length; length >= 0; length -= 1) {
      const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
      if (!isNode(node)) continue;
      const named = length === path.length && key !== undefined ? keyOffset(node, key) : undefined;
      const own = length > 0 ? ownKeyOffset(document, path.slice(0, length)) : undefined;
      const offset = named ?? own ?? node.range?.[0];
      if (offset !== undefined) return lineOf(offset);
    }
    return `${file}:1`;
  };
  return { file, value: document.toJS({ maxAliasCount: 0 }), locate };
}

/** Refuses what is YAML and has no place in a policy: aliases, keys that are no texts, and keys that repeat. */
function refuseTraps(document: Document, lineOf: (offset: number) => string): void {
  const at = (node: unknown) => lineOf((isNode(node) ? node.range?.[0] : undefined) ?? 0);
  visit(document, {
    Alias: (_, alias) => {
      throw new ConfigError({
        code: 'YAML_ALIAS',
        where: at(alias),
        expected: 'YAML without aliases',
        got: 'an alias',
        remedy: 'write the value out where it is used',
      });
    },
    Seq: (_, seq, above) => refuseDepth(above.length, at(seq)),
    Map: (_, map, above) => {
      refuseDepth(above.length, at(map));
      const seen = new Set<string>();
      for (const { key } of map.items) {
        if (isAlias(key)) continue;
        if (!isScalar(key)) throw syntaxError(at(key), 'a key that is a list or a mapping');
        const name = String(key.value);
        if (seen.has(name)) throw syntaxError(at(key), `${show(name)} again`);
        seen.add(name);
      }
    },
  });
}

/** Our files go six levels deep; whoever shows a value that goes on and on would run out of stack. */
function refuseDepth(levels: number, where: string): void {
  if (levels > 100) throw syntaxError(where, tooDeep);
}

const tooDeep = 'lists or mappings nested without end';

function syntaxError(where: string, got: string): ConfigError {
  const remedy = 'correct the syntax on that line';
  return new ConfigError({ code: 'YAML_SYNTAX', where, expected: 'YAML with each key once', got, remedy });
}

/** Where a key of a mapping stands. */
function keyOffset(node: unknown, key: string): number | undefined {
  if (!isMap(node)) return undefined;
  const pair = node.items.find(
    (item) => isPair(item) && isScalar(item.key) && String(item.key.value) === key,
  );
  return pair !== undefined && isScalar(pair.key) ? pair.key.range?.[0] : undefined;
}

function ownKeyOffset(document: ReturnType<typeof parseDocument>, path: Path): number | undefined {
  const parent = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  return keyOffset(parent, String(path.at(-1)));
}
