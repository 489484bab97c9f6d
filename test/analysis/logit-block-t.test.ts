import { describe, expect, it } from 'vitest';
import { armsDifference } from '../../src/analysis/arms-difference.ts';
import { complianceRate } from '../../src/analysis/compliance-rate.ts';
import type { MaybeInterval } from '../../src/analysis/interval.ts';
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
  const alone = { conditions: 1, level: 0.9 };

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
    const several = { conditions: 7, level: 0.9 };
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

  it('cannot be given where a side has no log-odds', () => {
    const none = blocksOf(low.map(() => 0));
    expect(armsDifference({ ...alone, first: blocksOf(low), second: none })).toHaveProperty('unavailable');
  });
});
