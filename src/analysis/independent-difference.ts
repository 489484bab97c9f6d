import { type BlockSum, meanOfSums } from './block-t-interval.ts';
import { type Interval, isAvailable, type MaybeInterval, widerOf } from './interval.ts';
import { tailOutside } from './level.ts';
import { tQuantile } from './t-distribution.ts';

/** One of two samples that share no trials: its values by block, and its mean's own interval at the same level. */
export interface IndependentSide {
  readonly blocks: readonly BlockSum[];
  readonly own: MaybeInterval;
}

const SAME_ESTIMATE = 1e-9;

/**
 * Interval for the difference of two means that share nothing, first minus second: the wider, end by end, of the
 * two-sample block t interval and of the MOVER combination of the two samples' own intervals.
 *
 * Block t: CR1 standard errors of both, added in squares, t with Satterthwaite's (1946) degrees of freedom, as Welch (1947)
 * compares means; for equal blocks R `t.test(blockMeans1, blockMeans2)`. MOVER (Zou and Donner 2008; of two Wilson intervals
 * it is Newcombe's method 10) carries over what either interval knows: the width where events are few, the skew where low
 * rates vary between blocks. Not valid for paired samples: too wide where pairs agree, too narrow where they oppose.
 *
 * @returns unavailable with fewer than 2 blocks on a side, without an interval of its own, or when the two tell of
 *   different estimates
 * @throws RangeError for a level outside (0, 1)
 * @example block means 0, 0.5, 1 and 0, 0, 0.5 at 0.95: 0.3333 +/- 1.0243 by block t
 */
export function independentDifference(input: {
  readonly first: IndependentSide;
  readonly second: IndependentSide;
  readonly level: number;
}): MaybeInterval {
  const { first, second, level } = input;
  const one = meanOfSums(first.blocks);
  const two = meanOfSums(second.blocks);
  if ('unavailable' in one) return one;
  if ('unavailable' in two) return two;
  if (!isAvailable(first.own)) return first.own;
  if (!isAvailable(second.own)) return second.own;
  const combined = moverOf(first.own, second.own);
  const estimate = one.estimate - two.estimate;
  if (!(Math.abs(combined.estimate - estimate) <= SAME_ESTIMATE)) {
    return { unavailable: `intervals give ${combined.estimate}, blocks give ${estimate}` };
  }
  const [a, b] = [one.standardError ** 2, two.standardError ** 2];
  if (a + b === 0) return combined;
  const df = (a + b) ** 2 / (a ** 2 / one.df + b ** 2 / two.df);
  const half = -tQuantile(tailOutside(level), df) * Math.sqrt(a + b);
  const blockT = { ...combined, estimate, lower: estimate - half, upper: estimate + half };
  return widerOf(blockT, combined, 'unpaired: wider of two-sample block t and MOVER');
}

function moverOf(one: Interval, two: Interval): Interval {
  const estimate = one.estimate - two.estimate;
  return {
    estimate,
    lower: estimate - Math.hypot(one.estimate - one.lower, two.upper - two.estimate),
    upper: estimate + Math.hypot(one.upper - one.estimate, two.estimate - two.lower),
    level: one.level,
    method: 'unpaired: MOVER',
  };
}
