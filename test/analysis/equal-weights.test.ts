import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { equalWeights } from '../../src/analysis/equal-weights.ts';

const sizes = (...counts: readonly (readonly [number, number])[]) => new Map(counts);

describe('conditions that weigh alike', () => {
  it('rest on the blocks that all of them have', () => {
    const first = sizes([2, 20], [0, 20], [1, 20]);
    expect(equalWeights([first, sizes([0, 10], [3, 10])])).toEqual({ blocks: [0], weights: [0.75, 1.5] });
    expect(equalWeights([first, sizes([2, 20], [0, 20], [1, 0])])).toEqual({
      blocks: [0, 2],
      weights: [1, 1],
    });
    expect(equalWeights([first])).toEqual({ blocks: [0, 1, 2], weights: [1] });
  });

  it('have no block in common with one that has none', () => {
    expect(equalWeights([sizes([0, 5]), sizes()])).toEqual({ blocks: [], weights: [0, 0] });
    expect(equalWeights([])).toEqual({ blocks: [], weights: [] });
  });

  it('give the mean of the conditions’ own means, whatever their sizes', () => {
    const condition = fc.array(fc.record({ sum: fc.nat(9), count: fc.integer({ min: 9, max: 30 }) }), {
      minLength: 3,
      maxLength: 3,
    });
    fc.assert(
      fc.property(fc.array(condition, { minLength: 1, maxLength: 5 }), (conditions) => {
        const { blocks, weights } = equalWeights(
          conditions.map((rows) => new Map(rows.map(({ count }, block) => [block, count]))),
        );
        const total = (of: 'sum' | 'count') =>
          conditions.flatMap((rows, k) =>
            blocks.map((block) => (weights[k] ?? 0) * (rows[block]?.[of] ?? 0)),
          );
        const add = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);
        const means = conditions.map(
          (rows) => add(rows.map(({ sum }) => sum)) / add(rows.map(({ count }) => count)),
        );
        expect(add(total('sum')) / add(total('count'))).toBeCloseTo(add(means) / means.length, 12);
      }),
    );
  });
});
