import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clopperPearsonInterval } from '../../src/analysis/clopper-pearson.ts';
import { cochranQ } from '../../src/analysis/cochran-q.ts';
import { mcnemar } from '../../src/analysis/mcnemar.ts';
import { benjaminiHochberg, holm } from '../../src/analysis/multiplicity.ts';
import { newcombeInterval } from '../../src/analysis/newcombe-interval.ts';
import { regularizedBeta } from '../../src/analysis/special-functions.ts';
import { expectAllClose, expectClose } from './reference.ts';

const near = { rel: 1e-10, abs: 1e-12 };
const pValues = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 });

describe('multiple testing', () => {
  test('neither adjustment lowers a p-value, nor changes their order; Holm is the stricter', () => {
    fc.assert(
      fc.property(pValues, (p) => {
        const [strict, mild] = [holm(p), benjaminiHochberg(p)];
        for (const [i, value] of p.entries()) {
          expect(strict[i]).toBeGreaterThanOrEqual((mild[i] ?? 1) * (1 - 1e-12));
          expect(mild[i]).toBeGreaterThanOrEqual(value * (1 - 1e-12));
          expect(strict[i]).toBeLessThanOrEqual(1);
          for (const [k, other] of p.entries()) {
            if (other > value) expect(strict[k]).toBeGreaterThanOrEqual(strict[i] ?? 1);
          }
        }
      }),
    );
  });

  test('what is no p-value is refused, NaN too', () => {
    for (const wrong of [Number.NaN, -0.1, 1.1]) {
      expect(() => holm([0.5, wrong])).toThrow(RangeError);
      expect(() => benjaminiHochberg([wrong])).toThrow(RangeError);
    }
  });
});

describe('descriptive tests of paired answers', () => {
  test('Cochran’s Q of two orderings is McNemar’s statistic', () => {
    const table = [...Array(7).fill([1, 0]), ...Array(3).fill([0, 1]), ...Array(10).fill([1, 1])];
    const [q, { asymptotic }] = [cochranQ(table), mcnemar({ candidateOnly: 7, baselineOnly: 3 })];
    if ('unavailable' in q || 'unavailable' in asymptotic || typeof q.q !== 'number')
      throw new Error('degenerate');
    expectAllClose([q.q, q.pValue], [asymptotic.chiSquare, asymptotic.pValue], near, 'Q and p');
  });

  test('a table that is none is unavailable', () => {
    for (const table of [[], [[1]], [[1, 0], [1]], [[1, 0.5]], [[1, Number.NaN]]]) {
      expect(cochranQ(table)).toHaveProperty('unavailable');
    }
  });

  test('McNemar’s exact test counts the tail, and refuses what is no count', () => {
    // 2 (C(8, 0) + C(8, 1)) / 2^8, and mid-p takes the point itself out once.
    const { exactP, midP } = mcnemar({ candidateOnly: 1, baselineOnly: 7 });
    expectAllClose([exactP, midP], [18 / 256, 10 / 256], near, 'p');
    for (const wrong of [-1, 0.5, Number.NaN]) {
      expect(() => mcnemar({ candidateOnly: wrong, baselineOnly: 1 })).toThrow(RangeError);
    }
  });
});

describe('intervals beside the score intervals', () => {
  test('Clopper-Pearson leaves half of the error on each side, in binomial tails', () => {
    const interval = clopperPearsonInterval({ successes: 7, trials: 50, level: 0.95 });
    if (!('lower' in interval)) throw new Error(interval.unavailable);
    const [low, high] = [interval.lower, interval.upper];
    expectClose(regularizedBeta({ x: low, y: 1 - low, a: 7, b: 44 }), 0.025, near, 'P(X >= 7)');
    expectClose(regularizedBeta({ x: 1 - high, y: high, a: 43, b: 8 }), 0.025, near, 'P(X <= 7)');
  });

  test('Newcombe’s holds its estimate within [-1, 1], and mirrors when the two models change sides', () => {
    const count = fc.integer({ min: 0, max: 40 });
    fc.assert(
      fc.property(count, count, count, count, (both, candidateOnly, baselineOnly, neither) => {
        fc.pre(both + candidateOnly + baselineOnly + neither > 0);
        const counts = { both, candidateOnly, baselineOnly, neither };
        const one = newcombeInterval({ ...counts, level: 0.9 });
        const two = newcombeInterval({
          ...counts,
          candidateOnly: baselineOnly,
          baselineOnly: candidateOnly,
          level: 0.9,
        });
        if (!('lower' in one && 'lower' in two)) throw new Error('no interval');
        expect(one.lower).toBeLessThanOrEqual(one.estimate);
        expect(one.upper).toBeGreaterThanOrEqual(one.estimate);
        expect(one.lower).toBeGreaterThanOrEqual(-1 - 1e-12);
        expectClose(one.lower, -two.upper, { rel: 1e-9, abs: 1e-12 }, 'mirror');
      }),
    );
  });

  test('no trials and impossible counts are unavailable, a level outside (0, 1) throws', () => {
    const none = { both: 0, candidateOnly: 0, baselineOnly: 0, neither: 0 };
    expect(newcombeInterval({ ...none, level: 0.9 })).toHaveProperty('unavailable');
    expect(newcombeInterval({ ...none, both: -1, level: 0.9 })).toHaveProperty('unavailable');
    expect(clopperPearsonInterval({ successes: 0, trials: 0, level: 0.9 })).toHaveProperty('unavailable');
    expect(clopperPearsonInterval({ successes: 3, trials: 2, level: 0.9 })).toHaveProperty('unavailable');
    expect(() => clopperPearsonInterval({ successes: 1, trials: 2, level: 1 })).toThrow(RangeError);
  });
});
