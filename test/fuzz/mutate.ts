import type { Random } from './random.ts';

/** What breaks parsers: ends of number lines, marks of YAML, JSON, CSV and Parquet, text that is no text, depth, length. */
const tokens: readonly string[] = [
  ...([
    '\0',
    '\u0085',
    '\u2028',
    '\u202e',
    '\ufeff',
    '\ud800',
    '\u{1f4a9}',
    '\r',
    '\r\n',
    '\n\n',
    '\t',
  ] as const),
  ...['-1', '0', '1e999', '-0', 'NaN', '.inf', '0x10', '1_000', '9007199254740993', '1e-400', '4294967296'],
  ...[
    'null',
    '~',
    'true',
    '""',
    "''",
    '{}',
    '[]',
    '[',
    ']',
    '{',
    '}',
    ':',
    ',',
    '"',
    "'",
    '\\',
    '#',
    '|',
    '>',
    '%',
  ],
  ...['&a', '*a', '<<: *a', '!!binary', '!!js/function', '---', '...', '? ', '- ', '@', '`'],
  ...[
    '__proto__',
    'constructor',
    'toString',
    '"__proto__":{"x":1},',
    '$ref',
    '../',
    '/etc/passwd',
    'https://x.example/',
  ],
  ...[
    'sk-0123456789abcdef01',
    '::set-output name=verdict::pass',
    '##[error]x',
    '<!-- mixgate policy=x -->',
    'pass',
  ],
  ...[
    '['.repeat(5000),
    '{"a":'.repeat(3000),
    '- '.repeat(3000),
    'x'.repeat(100_000),
    'a: '.repeat(2000),
    '\n'.repeat(20_000),
  ],
];

/** A few changes to bytes: cut, doubled, flipped, swapped with another sample, or with something in them that bites. */
export function mutate(bytes: Buffer, others: readonly Buffer[], random: Random): Buffer {
  let out = bytes;
  const changes = random.next() < 0.7 ? 1 : 2 + random.below(4);
  for (let times = changes; times > 0; times -= 1) out = changeOnce(out, others, random);
  return out.length > 2_000_000 ? out.subarray(0, 2_000_000) : out;
}

function changeOnce(bytes: Buffer, others: readonly Buffer[], random: Random): Buffer {
  const at = random.below(bytes.length + 1);
  const length = random.below(1 + Math.min(400, bytes.length - at));
  const [before, part, after] = [
    bytes.subarray(0, at),
    bytes.subarray(at, at + length),
    bytes.subarray(at + length),
  ];
  switch (random.below(8)) {
    case 0:
      return before;
    case 1:
      return Buffer.concat([before, after]);
    case 2:
      return Buffer.concat([before, part, part, after]);
    case 3:
      return Buffer.concat([before, randomBytes(1 + random.below(8), random), after]);
    case 4:
      return flip(bytes, at, random);
    case 5: {
      const other = others[random.below(others.length)] ?? bytes;
      const from = random.below(other.length + 1);
      return Buffer.concat([before, other.subarray(from, from + random.below(2000)), after]);
    }
    case 6:
      return Buffer.concat([before, Buffer.from(random.pick(tokens)), after]);
    default:
      return Buffer.concat([before, Buffer.from(random.pick(tokens)), bytes.subarray(at)]);
  }
}

function randomBytes(length: number, random: Random): Buffer {
  return Buffer.from(Array.from({ length }, () => random.below(256)));
}

function flip(bytes: Buffer, at: number, random: Random): Buffer {
  const out = Buffer.from(bytes);
  if (at < out.length) out.writeUInt8((out[at] ?? 0) ^ (1 << random.below(8)), at);
  return out;
}

const values: readonly unknown[] = [
  ...[
    null,
    true,
    false,
    0,
    -1,
    1.5,
    1e308,
    2 ** 53,
    '',
    ' ',
    'pass',
    'fail',
    'x'.repeat(5000),
    '\u202e',
    '1',
  ],
  ...[
    [],
    {},
    [null],
    { estimate: 0, lower: 0, upper: 0, level: 0.9, method: 'x' },
    '2026-13-40',
    'a'.repeat(64),
  ],
];

/** One or two values of a JSON text exchanged, taken away or doubled: it still parses, and means something else. */
export function mutateJson(text: string, random: Random): string {
  const root: unknown = JSON.parse(text);
  for (let times = 1 + random.below(2); times > 0; times -= 1) changeValue(root, random);
  return JSON.stringify(root);
}

function changeValue(root: unknown, random: Random): void {
  let here = root;
  for (let depth = 0; depth < 12; depth += 1) {
    if (typeof here !== 'object' || here === null) return;
    const keys = Object.keys(here);
    const key = keys[random.below(keys.length)];
    if (key === undefined) return;
    const child: unknown = Reflect.get(here, key);
    const isLeaf = typeof child !== 'object' || child === null || Object.keys(child).length === 0;
    if (isLeaf || random.next() < 0.15) {
      exchange(here, key, child, random);
      return;
    }
    here = child;
  }
}

function exchange(holder: object, key: string, child: unknown, random: Random): void {
  switch (random.below(5)) {
    case 0:
      if (Array.isArray(holder)) holder.splice(Number(key), 1);
      else Reflect.deleteProperty(holder, key);
      return;
    case 1:
      if (Array.isArray(holder)) holder.push(child);
      else Reflect.set(holder, `${key}x`, child);
      return;
    case 2:
      if (typeof child === 'number')
        Reflect.set(holder, key, random.pick([child + 1, -child, child / 2, child * 1e6]));
      return;
    default:
      Reflect.set(holder, key, random.pick(values));
  }
}
