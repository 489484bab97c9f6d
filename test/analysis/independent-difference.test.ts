import { describe, expect, it } from 'vitest';
import { sumBlocks } from '../../src/analysis/block-t-interval.ts';
import { rateOfSums } from '../../src/analysis/compliance-rate.ts';
import { independentDifference } from '../../src/analysis/independent-difference.ts';
import { wilsonInterval } from '../../src/analysis/wilson-interval.ts';
import { monteCarloBound, seededRandom } from './random.ts';
import { skewedBlocks } from './skewed-blocks.ts';

const side = (blocks: readonly (readonly number[])[], level: number) => {
  const sums = sumBlocks(blocks);
  const successes = sums.reduce((sum, block) => sum + block.sum, 0);
  const trials = sums.reduce((sum, block) => sum + block.count, 0);
  return { blocks: sums, own: wilsonInterval({ successes, trials, level }) };
};
const block = (complied: number, of: number) => Array.from({ length: of }, (_, i) => (i < complied ? 1 : 0));

describe('the difference of two samples without common trials', () => {
  it('is Welch’s t interval of the block means where blocks vary, from SciPy', () => {
    const first = [12, 30, 18, 6, 24].map((count) => block(count, 60));
    const second = [3, 9, 6, 3].map((count) => block(count, 60));
    const found = independentDifference({
      first: side(first, 0.95),
      second: side(second, 0.95),
      level: 0.95,
    });
    if (!('estimate' in found)) throw new Error(found.unavailable);
    // SciPy 1.17.1: ttest_ind([.2, .5, .3, .1, .4], [.05, .15, .1, .05], equal_var=False).confidence_interval(0.95).
    expect(found.estimate).toBeCloseTo(0.2125, 12);
    expect(found.lower).toBeCloseTo(0.019218201199424967, 10);
    expect(found.upper).toBeCloseTo(0.40578179880057497, 10);
    expect(found.method).toContain('unpaired');
  });

  it('is Newcombe’s interval where blocks do not vary: 56 of 70 and 48 of 80, 1998 table II a', () => {
    const first = Array.from({ length: 7 }, () => block(8, 10));
    const second = Array.from({ length: 8 }, () => block(6, 10));
    const found = independentDifference({
      first: side(first, 0.95),
      second: side(second, 0.95),
      level: 0.95,
    });
    if (!('estimate' in found)) throw new Error(found.unavailable);
    expect(found.lower).toBeCloseTo(0.0524, 4);
    expect(found.upper).toBeCloseTo(0.3339, 4);
  });

  it('cannot be given with one block on a side, or without answers', () => {
    const whole = side([block(1, 4), block(2, 4)], 0.9);
    expect(
      independentDifference({ first: whole, second: side([block(1, 4)], 0.9), level: 0.9 }),
    ).toHaveProperty('unavailable');
    expect(independentDifference({ first: side([], 0.9), second: whole, level: 0.9 })).toHaveProperty(
      'unavailable',
    );
  });

  it('refuses blocks and counts that tell of different samples', () => {
    const whole = side([block(1, 4), block(2, 4)], 0.9);
    const other = { ...whole, own: wilsonInterval({ successes: 1, trials: 8, level: 0.9 }) };
    expect(independentDifference({ first: other, second: whole, level: 0.9 })).toHaveProperty('unavailable');
  });

  it.each([
    { high: 0.03, low: 0.01, blocks: 16, answers: 24, several: false },
    { high: 0.08, low: 0.03, blocks: 16, answers: 168, several: true },
    { high: 0.08, low: 0.03, blocks: 8, answers: 48, several: false },
  ] as const)(
    'misses the truth in at most 5 % of samples a side, but for chance, where low rates vary strongly: %j',
    (shape) => {
      const runs = 2000;
      const random = seededRandom(11);
      const draw = (rate: typeof shape.high | typeof shape.low) => {
        const blocks = sumBlocks(skewedBlocks({ ...shape, rate }, random));
        return { blocks, own: rateOfSums({ blocks, together: 1, level: 0.9, several: shape.several }) };
      };
      let [above, below] = [0, 0];
      for (let run = 0; run < runs; run += 1) {
        const found = independentDifference({ first: draw(shape.high), second: draw(shape.low), level: 0.9 });
        if (!('estimate' in found)) throw new Error(found.unavailable);
        if (found.lower > shape.high - shape.low) above += 1;
        if (found.upper < shape.high - shape.low) below += 1;
      }
      expect(above / runs).toBeLessThanOrEqual(monteCarloBound(0.05, runs));
      expect(below / runs).toBeLessThanOrEqual(monteCarloBound(0.05, runs));
      expect(below).toBeGreaterThan(0);
    },
  );

  it('misses the truth in at most 5 % of samples a side, but for chance', () => {
    const runs = 800;
    const random = seededRandom(7);
    let above = 0;
    let below = 0;
    const draw = (rate: number) =>
      Array.from({ length: 16 }, () => {
        const own = rate + (random() - 0.5) * 0.24;
        return Array.from({ length: 12 }, () => (random() < own ? 1 : 0));
      });
    for (let run = 0; run < runs; run += 1) {
      const found = independentDifference({
        first: side(draw(0.4), 0.9),
        second: side(draw(0.3), 0.9),
        level: 0.9,
      });
      if (!('estimate' in found)) throw new Error(found.unavailable);
      if (found.lower > 0.1) above += 1;
      if (found.upper < 0.1) below += 1;
    }
    expect(above / runs).toBeLessThanOrEqual(monteCarloBound(0.05, runs));
    expect(below / runs).toBeLessThanOrEqual(monteCarloBound(0.05, runs));
    expect(above + below).toBeGreaterThan(runs * 0.03);
  });
});
