import { describe, expect, it } from 'vitest';
import { armsDifference } from '../../src/analysis/arms-difference.ts';
import { complianceRate, rateOfSums } from '../../src/analysis/compliance-rate.ts';
import { isAvailable, type MaybeInterval } from '../../src/analysis/interval.ts';
import { logitBlockT } from '../../src/analysis/logit-block-t.ts';
import { wilsonInterval } from '../../src/analysis/wilson-interval.ts';

/** Blocks of ten with so many compliances. */
const blocksOf = (counts: readonly number[]) => counts.map((sum) => ({ sum, absolute: sum, count: 10 }));
const low = [1, 2, 0, 3, 1, 2, 0, 1];
const high = [3, 2, 1, 5, 1, 4, 0, 2];

/** SciPy 1.17.1: stats.t.ppf with the CR1 standard error by NumPy. */
describe('block t on log-odds', () => {
  it.each([
    [low, 0.9, 0.06542337828022694, 0.2257255803242063],
    [low, 0.95, 0.05340874485865734, 0.26562633521357243],
    [[4, 1, 5], 0.9, 0.01617739976406577, 0.9382855394427135],
  ])('agrees with SciPy: %j at %d', (counts, level, lower, upper) => {
    const interval = logitBlockT({ blocks: blocksOf(counts), level });
    expect(interval).toMatchObject({ level, method: 'block t on log-odds' });
    expect(interval).toHaveProperty('lower', expect.closeTo(lower, 12));
    expect(interval).toHaveProperty('upper', expect.closeTo(upper, 12));
  });

  it.each([
    [[0, 0, 0], /0 or 1/],
    [[10, 10, 10], /0 or 1/],
    [[2, 2, 2], /no variation/],
    [[3], /fewer than 2/],
  ])('cannot be given for %j', (counts, why) => {
    expect(logitBlockT({ blocks: blocksOf(counts), level: 0.9 })).toHaveProperty(
      'unavailable',
      expect.stringMatching(why),
    );
  });

  it('leaves a rate of zero to Wilson', () => {
    const blocks = Array.from({ length: 8 }, () => Array.from({ length: 10 }, () => 0));
    expect(complianceRate({ blocks, level: 0.9 })).toEqual(
      wilsonInterval({ successes: 0, trials: 80, level: 0.9 }),
    );
  });
});

describe('the difference of two rates over the same blocks', () => {
  const alone = { conditions: 1, together: 1, level: 0.9 };

  it.each([
    [low, 0.1, 0.0422516, 0.1792367],
    [[1, 0, 3, 1, 2, 2, 2, 1], 0.075, -0.0784877, 0.2533116],
  ])(
    'agrees with the extremes of the region, sought by NumPy on 4,000,001 points: %j',
    (second, ...limits) => {
      const [estimate, lower, upper] = limits;
      const found = armsDifference({ ...alone, first: blocksOf(high), second: blocksOf(second) });
      expect(found).toHaveProperty('estimate', expect.closeTo(estimate, 12));
      expect(found).toHaveProperty('lower', expect.closeTo(lower, 6));
      expect(found).toHaveProperty('upper', expect.closeTo(upper, 6));
    },
  );

  it('has no width where both sides are the same', () => {
    const found = armsDifference({ ...alone, first: blocksOf(low), second: blocksOf(low) });
    expect(found).toHaveProperty('lower', expect.closeTo(0, 6));
    expect(found).toHaveProperty('upper', expect.closeTo(0, 6));
  });

  it('is wider over several conditions where blocks differ strongly, and not where they do not', () => {
    const steady = [2, 3, 2, 3, 2, 3, 2, 3];
    const [even, other] = [blocksOf(steady), blocksOf([...steady].reverse())];
    const several = { ...alone, conditions: 7 };
    expect(armsDifference({ ...several, first: even, second: other })).toEqual(
      armsDifference({ ...alone, first: even, second: other }),
    );
    const uneven = blocksOf([9, 0, 1, 0, 6, 1, 0, 2]);
    const width = (found: MaybeInterval) => ('upper' in found ? found.upper - found.lower : Number.NaN);
    const [wide, narrow] = [several, alone].map((how) =>
      width(armsDifference({ ...how, first: uneven, second: blocksOf([4, 0, 1, 0, 2, 0, 0, 1]) })),
    );
    expect(wide).toBeGreaterThan(1.05 * (narrow ?? Number.NaN));
    expect(armsDifference({ ...several, first: uneven, second: uneven })).toHaveProperty(
      'upper',
      expect.closeTo(0, 6),
    );
  });

  it('cannot be given where a side stays between 0 and 1 without variation', () => {
    const same = blocksOf(low.map(() => 2));
    expect(armsDifference({ ...alone, first: blocksOf(low), second: same })).toHaveProperty('unavailable');
  });

  it('has the candidate’s own upper limit over a baseline that never complies, and Wilson’s width below', () => {
    const [first, second] = [blocksOf(low), blocksOf(low.map(() => 0))];
    for (const conditions of [1, 7]) {
      const own = rateOfSums({ blocks: first, together: 2, several: conditions > 1, level: 0.9 });
      const none = wilsonInterval({ successes: 0, trials: 40, level: 0.9 });
      if (!isAvailable(own) || !isAvailable(none)) throw new Error('a rate without limits');
      const found = armsDifference({ first, second, conditions, together: 2, level: 0.9 });
      expect(found).toHaveProperty('upper', expect.closeTo(own.upper, 12));
      const below = Math.hypot(own.estimate - own.lower, none.upper);
      expect(found).toHaveProperty('lower', expect.closeTo(own.estimate - below, 12));
    }
  });

  it('of a side that always complies mirrors one that never does', () => {
    const refused = (counts: readonly number[]) => blocksOf(counts.map((count) => 10 - count));
    const never = armsDifference({ ...alone, first: blocksOf(low), second: blocksOf(low.map(() => 0)) });
    const always = armsDifference({ ...alone, first: refused(low.map(() => 0)), second: refused(low) });
    if (!isAvailable(never) || !isAvailable(always)) throw new Error('a difference without limits');
    expect(always.estimate).toBeCloseTo(never.estimate, 12);
    expect(always.lower).toBeCloseTo(never.lower, 12);
    expect(always.upper).toBeCloseTo(never.upper, 12);
  });
});
