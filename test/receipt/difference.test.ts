import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { differencesBetween, showApart } from '../../src/receipt/difference.ts';
import { canonicalJson } from '../../src/receipt/digest.ts';
import { reversed } from './reverse-keys.ts';

describe('two long texts that begin alike', () => {
  it('are shown from where they part', () => {
    const long = 'a'.repeat(200);
    const { expected, found } = showApart(`${long}x`, `${long}y tail`);
    expect(expected).toMatch(/^… "a+x"$/);
    expect(found).toMatch(/^… "a+y tail"$/);
    expect(showApart(long, `${long} `)).toMatchObject({ found: expect.stringMatching(/a "$/) });
  });
});

describe('differences between two plain values', () => {
  it('are named leaf by leaf, with what was expected and what was found', () => {
    const expected = { a: 1, list: [{ b: 'x' }, { b: 'y' }], gone: null };
    const found = { a: 2, list: [{ b: 'x' }, { b: 'z' }], new: true };
    expect(differencesBetween(expected, found, '')).toEqual([
      { where: 'a', expected: '1', found: '2' },
      { where: 'list.1.b', expected: '"y"', found: '"z"' },
      { where: 'gone', expected: 'null', found: 'nothing' },
      { where: 'new', expected: 'nothing', found: 'true' },
    ]);
  });

  it('are none between equal data, whatever the order of keys', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 3 }), (value) => {
        expect(differencesBetween(value, reversed(value), 'x')).toEqual([]);
      }),
      { seed: 6 },
    );
  });

  it('are found between any two values that are not the same data', () => {
    const value = fc.jsonValue({ maxDepth: 2 });
    fc.assert(
      fc.property(value, value, (one, two) => {
        const same = canonicalJson(one) === canonicalJson(two);
        expect(differencesBetween(plain(one), plain(two), 'x').length === 0).toBe(same);
      }),
      { seed: 7, numRuns: 500 },
    );
  });

  it.each([
    ['a list and an object', [], {}],
    ['null and an object', null, {}],
    ['a longer list', [1], [1, 2]],
    ['a key that every object inherits', {}, JSON.parse('{"__proto__": {}}')],
    ['a key named like a method', {}, { toString: 'x' }],
    ['a number and its text', 1, '1'],
  ])('are found between %s', (_, expected, found) => {
    expect(differencesBetween(expected, found, 'x')).toHaveLength(1);
    expect(differencesBetween(found, expected, 'x')).toHaveLength(1);
  });
});

function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
