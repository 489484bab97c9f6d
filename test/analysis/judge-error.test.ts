import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sumBlocks } from '../../src/analysis/block-t-interval.ts';
import { correctedRate } from '../../src/analysis/corrected-rate.ts';
import { isAvailable, type MaybeInterval } from '../../src/analysis/interval.ts';
import {
  correctedDifference,
  intervalOfCorrected,
  roganGladen,
  youdenIndex,
} from '../../src/analysis/judge-error.ts';
import { monteCarloBound, seededRandom } from './random.ts';
import { asNumber, asNumbers, expectAllClose, expectClose, referenceCases } from './reference.ts';
import { skewedBlocks } from './skewed-blocks.ts';

const available = (value: MaybeInterval) => {
  if (!isAvailable(value)) throw new Error(`expected an interval, got ${JSON.stringify(value)}`);
  return value;
};

describe('the reference cases of Lang and Reiczigel', () => {
  it.each(referenceCases('judge_error').map((one) => [one.id, one] as const))('%s', (_id, one) => {
    const { input, expected, tolerance } = one;
    const level = asNumber(input.confidence);
    const corrected = roganGladen({
      positives: asNumber(input.judge_positive),
      n: asNumber(input.n),
      sensitivity: { x: asNumber(input.true_positive_hits), n: asNumber(input.n_true_positive) },
      specificity: { x: asNumber(input.true_negative_hits), n: asNumber(input.n_true_negative) },
      level,
    });
    if (expected.status === 'not_correctable') {
      expect(corrected).toMatchObject({ unavailable: expect.stringContaining('tells nothing') });
      return;
    }
    if ('unavailable' in corrected) throw new Error(corrected.unavailable);
    const close = (actual: number, key: string) =>
      expectClose(actual, asNumber(expected[key]), tolerance, key);
    close(corrected.apparent, 'apparent');
    close(corrected.untruncated, 'rogan_gladen_raw');
    close(corrected.adjusted, 'adjusted_estimate');
    close(corrected.shift, 'shift');
    close(corrected.standardError, 'se');
    expectAllClose(corrected.limits, asNumbers(expected.ci_raw), tolerance, 'ci_raw');
    const [lower = Number.NaN, upper = Number.NaN] = asNumbers(expected.ci_raw);
    const shown = intervalOfCorrected(corrected, level);
    if (upper < 0 || lower > 1) {
      expect(shown).toMatchObject({ unavailable: expect.stringContaining('contradicts') });
      return;
    }
    const { estimate, ...limits } = available(shown);
    close(estimate, 'rogan_gladen');
    expectAllClose([limits.lower, limits.upper], asNumbers(expected.ci), tolerance, 'ci');
  });
});

const steady = { sensitivity: { x: 180, n: 200 }, specificity: { x: 380, n: 400 } };

describe('a rate that cannot be corrected', () => {
  it.each([
    [{ ...steady, sensitivity: { x: 0, n: 0 } }, 'no items'],
    [{ ...steady, sensitivity: { x: 3, n: 2 } }, 'impossible counts: 3 of 2'],
    [{ ...steady, specificity: { x: Number.NaN, n: 2 } }, 'impossible counts: NaN of 2'],
  ])('is unavailable with its reason: %j', (error, unavailable) => {
    expect(roganGladen({ positives: 1, n: 4, ...error, level: 0.9 })).toEqual({ unavailable });
  });

  it('refuses a level outside (0, 1)', () => {
    expect(() => roganGladen({ positives: 1, n: 4, ...steady, level: 1 })).toThrow(RangeError);
  });
});

/** Of answers by block, each to a query of its own. */
function rateOf(blocks: readonly (readonly number[])[], error = steady): MaybeInterval {
  return correctedRate({ blocks: sumBlocks(blocks), together: 1, error, level: 0.9 });
}

describe('the corrected rate of clustered answers', () => {
  const even = Array.from({ length: 16 }, () => [1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0]);
  const clustered = Array.from({ length: 16 }, (_, block) =>
    Array.from({ length: 12 }, () => (block < 3 ? 1 : 0)),
  );

  it('is that of independent answers where blocks do not differ', () => {
    const plain = roganGladen({ positives: 32, n: 192, ...steady, level: 0.9 });
    if ('unavailable' in plain) throw new Error(plain.unavailable);
    expect(rateOf(even)).toEqual(intervalOfCorrected(plain, 0.9));
  });

  it('is wider where they do', () => {
    const width = (value: MaybeInterval) => available(value).upper - available(value).lower;
    const wide = rateOf(clustered);
    expect(width(wide)).toBeGreaterThan(2 * width(rateOf(even)));
    expect(available(wide).estimate).toBeCloseTo((36 / 192 + 0.95 - 1) / 0.85, 12);
  });

  it('passes at exactly its limit in at most 5 % of runs, but for chance, where few blocks vary strongly', () => {
    const runs = 2000;
    const random = seededRandom(6);
    const hits = (n: number, share: number) => ({
      x: Array.from({ length: n }, () => random()).filter((u) => u < share).length,
      n,
    });
    let passes = 0;
    for (let run = 0; run < runs; run += 1) {
      const blocks = skewedBlocks({ rate: 0.1, blocks: 8, answers: 48 }, random);
      const judged = blocks.map((block) =>
        block.map((value) => (random() < (value === 1 ? 0.95 : 0.02) ? 1 : 0)),
      );
      const error = { sensitivity: hits(200, 0.95), specificity: hits(400, 0.98) };
      const found = rateOf(judged, error);
      if ('upper' in found && found.upper < 0.1) passes += 1;
    }
    expect(passes / runs).toBeLessThanOrEqual(monteCarloBound(0.05, runs));
    expect(passes).toBeGreaterThan(0);
  });

  it('counts the answers of one query as what they tell', () => {
    const none = Array.from({ length: 48 }, () => Array.from({ length: 8 }, () => 0));
    const plain = roganGladen({ positives: 0, n: 48, ...steady, level: 0.9 });
    if ('unavailable' in plain) throw new Error(plain.unavailable);
    expect(correctedRate({ blocks: sumBlocks(none), error: steady, level: 0.9, together: 8 })).toEqual(
      intervalOfCorrected(plain, 0.9),
    );
  });

  it.each([[[]], [[[]]], [[[1, 0]]]])('is unavailable with fewer than two blocks: %j', (blocks) => {
    expect(rateOf(blocks)).toHaveProperty('unavailable');
  });

  it('reports a labelled set that the run contradicts, and never cuts it to [0, 0]', () => {
    const none = Array.from({ length: 16 }, () => Array.from({ length: 40 }, () => 0));
    const leaky = { sensitivity: { x: 190, n: 200 }, specificity: { x: 360, n: 400 } };
    expect(rateOf(none, leaky)).toMatchObject({
      unavailable: expect.stringMatching(/contradicts this rate: the corrected upper limit is -0\.\d{3}/),
    });
  });
});

describe('a difference corrected by J', () => {
  const interval = (lower: number, estimate: number, upper: number): MaybeInterval => ({
    estimate,
    lower,
    upper,
    level: 0.9,
    method: 'test',
  });

  it('widens away from zero on both sides', () => {
    const corrected = correctedDifference(interval(-0.02, 0.02, 0.06), interval(0.7, 0.8, 0.9));
    expect(available(corrected)).toMatchObject({
      lower: -0.02 / 0.7,
      upper: 0.06 / 0.7,
      method: 'test, over J',
    });
    expect(available(corrected).estimate).toBeCloseTo(0.025, 12);
  });

  it('holds below a margin just where the raw limit holds below the margin times J’s lower limit', () => {
    const share = fc.double({ min: 0.001, max: 0.999, noNaN: true });
    fc.assert(
      fc.property(
        share,
        share,
        share,
        fc.double({ min: 0.01, max: 0.5, noNaN: true }),
        (a, b, upper, margin) => {
          const youden = interval(Math.min(a, b), (a + b) / 2, Math.max(a, b));
          const corrected = available(correctedDifference(interval(-1, 0, upper), youden));
          fc.pre(Math.abs(upper - margin * Math.min(a, b)) > 1e-9);
          expect(corrected.upper < margin).toBe(upper < margin * Math.min(a, b));
        },
      ),
    );
  });

  it('never turns a proven rise into none, and never a proven fall', () => {
    const share = fc.double({ min: 0.001, max: 0.999, noNaN: true });
    const limit = fc.double({ min: -1, max: 1, noNaN: true });
    fc.assert(
      fc.property(share, share, limit, limit, (a, b, c, d) => {
        const youden = interval(Math.min(a, b), (a + b) / 2, Math.max(a, b));
        const [lower, upper] = [Math.min(c, d), Math.max(c, d)];
        const corrected = available(correctedDifference(interval(lower, (c + d) / 2, upper), youden));
        expect(Math.sign(corrected.lower)).toBe(Math.sign(lower));
        expect(Math.sign(corrected.upper)).toBe(Math.sign(upper));
        expect(corrected.lower).toBeLessThanOrEqual(corrected.upper);
      }),
    );
  });

  it('is unavailable where J may be zero', () => {
    const weak = youdenIndex({ sensitivity: { x: 6, n: 10 }, specificity: { x: 5, n: 10 } }, 0.9);
    expect(correctedDifference(interval(0, 0.1, 0.2), weak)).toMatchObject({
      unavailable: expect.stringContaining('J may be 0'),
    });
  });
});

describe('Youden’s index', () => {
  it('borrows each limit from Wilson’s closed form (computed in Python, statistics.NormalDist)', () => {
    const { estimate, lower, upper } = available(
      youdenIndex({ sensitivity: { x: 188, n: 200 }, specificity: { x: 371, n: 400 } }, 0.9),
    );
    expect(estimate).toBeCloseTo(0.8675, 12);
    expect(lower).toBeCloseTo(
      0.8675 - Math.hypot(0.94 - 0.9060689339388414, 0.9275 - 0.9031797864600591),
      10,
    );
    expect(upper).toBeCloseTo(
      0.8675 + Math.hypot(0.9621855646849559 - 0.94, 0.9460759676738163 - 0.9275),
      10,
    );
  });
});
