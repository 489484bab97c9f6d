import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../../src/config/errors.ts';
import { isJsonArray, readJsonArray } from '../../../src/suite/loaders/json-array.ts';
import { readRawRows } from '../../../src/suite/raw-rows.ts';

const read = (text: string) => readJsonArray(text, 'list.json', 'POOL_INVALID');

describe('a JSON list', () => {
  it('is told from JSON lines by how it begins, whatever its name', () => {
    expect(isJsonArray('\ufeff \n[{}]')).toBe(true);
    expect(isJsonArray('{"a":[1]}\n')).toBe(false);
    expect(readRawRows(Buffer.from('[{"a":1}]'), 'list.jsonl', 'C')).toEqual([{ line: 1, value: { a: 1 } }]);
  });

  it('gives each element with the line on which it begins', () => {
    const rows = read('[\n{"a":[1,{"b":"x,\\"]"}]},{"a":1},\n\n "s,[", 3 ,\n[\n1,2],\nnull\n]');
    expect(rows.map(({ line }) => line)).toEqual([2, 2, 4, 4, 5, 7]);
    expect(read('[]')).toEqual([]);
  });

  it('is read back as it was written, on the lines where it was written', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), (values) => {
        const parts = values.map((value) => JSON.stringify(value, null, 2));
        const rows = read(`[\n${parts.join(',\n')}\n]`);
        expect(rows.map(({ value }) => JSON.stringify(value, null, 2))).toEqual(parts);
        let line = 2;
        for (const [index, part] of parts.entries()) {
          expect(rows[index]?.line).toBe(line);
          line += part.split('\n').length;
        }
      }),
    );
  });

  it('that is cut is an error without its text', () => {
    const text = '[{"request":"SECRET"},{"requ';
    expect(() => read(text)).toThrow(ConfigError);
    expect(() => read(text)).not.toThrow('SECRET');
  });

  it('of tens of megabytes in one string does not exhaust the stack', () => {
    expect(read(`["${'\\n'.repeat(15_000_000)}",\n1]`).map(({ line }) => line)).toEqual([1, 2]);
  });
});
