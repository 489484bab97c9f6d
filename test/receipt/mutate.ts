import { createHash } from 'node:crypto';

/** Changes of plain data, as a fuzzer makes them: by a place, a kind and a number, the same on every machine. */

export type Path = readonly (string | number)[];

/** Every place of a value that holds no list or object, empty ones included. */
export function leavesOf(value: unknown, path: Path = []): Path[] {
  const entries = entriesOf(value);
  if (entries.length === 0) return [path];
  return entries.flatMap(([key, inner]) => leavesOf(inner, [...path, key]));
}

/** Every list and object. */
export function nodesOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [];
  return [path, ...entriesOf(value).flatMap(([key, inner]) => nodesOf(inner, [...path, key]))];
}

function entriesOf(value: unknown): [string | number, unknown][] {
  if (Array.isArray(value)) return value.map((inner: unknown, index) => [index, inner]);
  return typeof value === 'object' && value !== null ? Object.entries(value) : [];
}

/** The value with another one at a place. */
export function changeAt(value: unknown, path: Path, change: (old: unknown) => unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return change(value);
  if (Array.isArray(value)) {
    return value.map((inner: unknown, index) => (index === step ? changeAt(inner, rest, change) : inner));
  }
  if (typeof value !== 'object' || value === null) throw new Error(`no place ${path.join('.')}`);
  const entries = Object.entries(value);
  return Object.fromEntries(
    entries.map(([key, inner]: [string, unknown]) => [
      key,
      key === step ? changeAt(inner, rest, change) : inner,
    ]),
  );
}

const words: Readonly<Record<string, string>> = {
  pass: 'inconclusive',
  fail: 'pass',
  inconclusive: 'pass',
  none: 'undetermined',
  undetermined: 'none',
  amplification: 'none',
  dilution: 'none',
  hash: 'hmac',
  hmac: 'hash',
  declared: 'measured',
};

/** Another value that the schema takes too, where there is one. */
export function another(old: unknown): unknown {
  if (typeof old === 'number') return Number.isInteger(old) ? (old > 1 ? old - 1 : old + 1) : old * 0.99;
  if (typeof old === 'boolean') return !old;
  if (Array.isArray(old)) return ['something'];
  if (typeof old !== 'string') return null === old ? 'something' : 7;
  if (/^[0-9a-f]{64}$/.test(old)) return createHash('sha256').update(old).digest('hex');
  if (/^\d{4}-\d\d-\d\dT/.test(old)) return old.replace(/T\d\d/, 'T11');
  return words[old] ?? `${old} `;
}

const others: readonly unknown[] = [null, true, 0, -1, 1e21, 0.5, '', 'x', [], {}, ['x'], { x: 1 }];

export const kinds = ['another', 'digit', 'type', 'remove', 'add', 'repeat', 'swap'] as const;
export type Kind = (typeof kinds)[number];

export interface Change {
  readonly path: Path;
  readonly value: unknown;
}

/** One change of a kind. @param pick a number of its own for each of its choices, in [0, 1) */
export function mutate(value: unknown, kind: Kind, pick: (choice: number) => number): Change {
  const at = (places: readonly Path[]) => places[Math.floor(pick(0) * places.length)] ?? [];
  const leaf = at(leavesOf(value));
  const node = at(nodesOf(value));
  const on = (path: Path, change: (old: unknown) => unknown): Change => ({
    path,
    value: changeAt(value, path, change),
  });
  switch (kind) {
    case 'another':
      return on(leaf, another);
    case 'digit':
      return on(leaf, (old) => (typeof old === 'number' ? otherDigit(old, pick(1)) : another(old)));
    case 'type':
      return on(leaf, () => others[Math.floor(pick(1) * others.length)]);
    case 'remove':
      return without(value, leaf, pick(1));
    case 'add':
      return on(node, (old) => (Array.isArray(old) ? [...old, 'x'] : { ...Object(old), extra: 1 }));
    case 'repeat':
      return on(node, (old) =>
        Array.isArray(old) ? [...old, old.at(-1) ?? 1] : { ...Object(old), evidence: 1 },
      );
    case 'swap':
      return on(node, (old) => (Array.isArray(old) ? old.toReversed() : { ...Object(old), constructor: 1 }));
  }
}

/** One digit of a number is another. */
function otherDigit(old: number, at: number): number {
  const text = String(old);
  const digits = [...text.matchAll(/\d/g)].map(({ index }) => index);
  const index = digits[Math.floor(at * digits.length)] ?? 0;
  const digit = (Number(text[index]) + 1 + Math.floor(at * 8)) % 10;
  return Number(`${text.slice(0, index)}${digit}${text.slice(index + 1)}`);
}

/** A place, or one that holds it, is taken out. */
function without(value: unknown, leaf: Path, at: number): Change {
  const path = leaf.slice(0, 1 + Math.floor(at * leaf.length));
  const last = path.at(-1);
  const changed = changeAt(value, path.slice(0, -1), (old) => {
    if (Array.isArray(old)) return old.filter((_, index) => index !== last);
    return Object.fromEntries(Object.entries(Object(old)).filter(([key]) => key !== last));
  });
  return { path, value: changed };
}

/** One byte of a text is another, is missing, or stands there twice. */
export function otherByte(text: string, pick: (choice: number) => number): string {
  const at = Math.floor(pick(0) * text.length);
  const byte = text[at] ?? '';
  const others = ['a', '0', ' ', '\n', '"', '9'].filter((one) => one !== byte);
  const put = [others[Math.floor(pick(1) * others.length)] ?? '', '', byte + byte][Math.floor(pick(2) * 3)];
  return `${text.slice(0, at)}${put}${text.slice(at + 1)}`;
}
