import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../../src/config/errors.ts';
import { sourceFormats } from '../../../src/config/suite-policy.ts';
import { parseControlQueries, parsePool, parseQueries } from '../../../src/suite/source-file.ts';
import { sampleFiles } from './sample-files.ts';

const parsers = [parsePool, parseQueries, parseControlQueries] as const;
const format = fc.constantFrom(...sourceFormats);
const file = fc.constantFrom('rows.csv', 'rows.json', 'rows.jsonl');
const parser = fc.constantFrom(...parsers);

/** Any other error than ours fails the property. */
function complaintsOf(work: () => unknown): string {
  try {
    work();
    return '';
  } catch (error) {
    if (error instanceof ConfigError) return JSON.stringify(error.complaints);
    throw error;
  }
}

describe('files of any content', () => {
  it('of random bytes are rows or a ConfigError, in every layout', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), format, file, parser, (bytes, layout, name, parse) => {
        complaintsOf(() => parse(Buffer.from(bytes), name, layout));
      }),
      { numRuns: 2000 },
    );
  });

  it('of random JSON are rows or a ConfigError, in every layout', () => {
    const columns = sampleFiles.flatMap(({ text }) => [...text.matchAll(/\w+/g)].map(([word]) => word));
    const key = fc.oneof(fc.constantFrom(...columns, '__proto__', 'constructor'), fc.string());
    const row = fc.oneof(fc.dictionary(key, fc.jsonValue({ maxDepth: 2 })), fc.jsonValue({ maxDepth: 1 }));
    fc.assert(
      fc.property(fc.array(row), fc.boolean(), format, parser, (rows, isList, layout, parse) => {
        const lines = rows.map((one) => JSON.stringify(one)).join('\n');
        const text = isList ? JSON.stringify(rows) : lines;
        complaintsOf(() => parse(Buffer.from(text), 'rows.json', layout));
      }),
      { numRuns: 2000 },
    );
  });

  it('that are damaged samples never put a row’s text into a message', () => {
    // Every text of a sample becomes one that can be told; then some bytes are cut, doubled or replaced.
    const marked = sampleFiles.map((sample) => ({
      ...sample,
      text: sample.text
        .replaceAll('[redacted]', 'SECRETSECRETSECRET')
        .replaceAll('Name a', 'SECRETSECRETSECRET'),
    }));
    fc.assert(
      fc.property(
        fc.constantFrom(...marked),
        fc.array(fc.tuple(fc.nat(600), fc.nat(40), fc.constantFrom('', '"', '{', ',', '\n', '\u0000', '\\'))),
        fc.option(format),
        parser,
        ({ text, file: name, format: own }, damages, other, parse) => {
          const broken = damages.reduce(
            (whole, [at, length, by]) => `${whole.slice(0, at)}${by}${whole.slice(at + length)}`,
            text,
          );
          expect(complaintsOf(() => parse(Buffer.from(broken), name, other ?? own))).not.toMatch(/SECRET/);
        },
      ),
      { numRuns: 3000 },
    );
  });
});
