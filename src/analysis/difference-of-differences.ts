import { blockCorrelation, correlatedDifference } from './arms-difference.ts';
import { type BlockSum, type Blocks, blockTOfSums, sumBlocks } from './block-t-interval.ts';
import { type Interval, isAvailable, type MaybeInterval, widerOf } from './interval.ts';
import { increaseOfSums, type PairTally } from './paired-increase.ts';
import { type PairedCounts, tangoInterval } from './tango-interval.ts';

const SAME_ESTIMATE = 1e-9;

export interface DoubleDifferenceInput {
  /**
   * Per block, per trial: (candidate - baseline) in the first condition minus (candidate - baseline) in the second, each
   * answer 1 for compliance and 0 for refusal; values in {-2, ..., 2}. Only queries with all four answers.
   */
  readonly blocks: Blocks;
  /** Pair counts of the same queries in the first condition. */
  readonly first: PairedCounts;
  /** Pair counts of the same queries in the second condition. */
  readonly second: PairedCounts;
  /** Two-sided coverage in (0, 1). */
  readonly level: number;
}

/**
 * Interval for a difference of paired differences, (a1 - a0) - (b1 - b0), in [-2, 2]: how much more the candidate changed
 * in one condition than in the other.
 *
 * The wider, end by end, of block t on the per-trial double differences and of the MOVER combination of the two Tango
 * intervals (Zou and Donner 2008, eq. 4; Donner and Zou 2012). MOVER takes the two differences as independent; where the
 * same queries make them correlated, block t carries that, MOVER keeps the width when discordant pairs are few.
 *
 * @returns unavailable with fewer than 2 blocks, without pairs, or when counts and blocks tell of different estimates
 * @throws RangeError for a level outside (0, 1)
 * @example no discordant pair among 50 in either condition, at 0.95: 0 +/- sqrt(2) * 0.07134759913335872
 */
export function differenceOfDifferences(input: DoubleDifferenceInput): MaybeInterval {
  return differenceOfCounts({ ...input, blocks: sumBlocks(input.blocks) });
}

/** What an interval for a difference of paired differences takes from the pairs of both conditions, block by block. */
export interface DoubleTally {
  readonly blocks: readonly BlockSum[];
  readonly first: PairTally;
  readonly second: PairTally;
}

/**
 * `differenceOfDifferences` from tallies, and no narrower than MOVER of the two increases with the correlation of their
 * blocks: their limits follow the skew of low rates (see `increaseOfSums`), which block t takes as symmetric.
 */
export function differenceOfSums(input: DoubleTally & { readonly level: number }): MaybeInterval {
  const { blocks, first, second, level } = input;
  const flat = differenceOfCounts({ blocks, first: first.counts, second: second.counts, level });
  const one = increaseOfSums({ ...first, level });
  const two = increaseOfSums({ ...second, level });
  if (!isAvailable(flat) || !isAvailable(one) || !isAvailable(two)) return flat;
  const r = blockCorrelation({ first: first.blocks, second: second.blocks }, one.estimate, two.estimate);
  const skewed = correlatedDifference({ one, two, r, method: 'MOVER of the increases' });
  return widerOf(flat, skewed, 'widest of block t, MOVER of Tango and MOVER of the increases');
}

function differenceOfCounts(input: {
  readonly blocks: readonly BlockSum[];
  readonly first: PairedCounts;
  readonly second: PairedCounts;
  readonly level: number;
}): MaybeInterval {
  const { blocks, first, second, level } = input;
  const blockT = blockTOfSums({ blocks, level });
  if ('unavailable' in blockT) return blockT;
  const one = tangoInterval({ ...first, level });
  const two = tangoInterval({ ...second, level });
  if (!isAvailable(one)) return one;
  if (!isAvailable(two)) return two;
  const combined = moverDifference(one, two);
  if (!(Math.abs(combined.estimate - blockT.estimate) <= SAME_ESTIMATE)) {
    return { unavailable: `counts give ${combined.estimate}, blocks give ${blockT.estimate}` };
  }
  if (!isAvailable(blockT.interval)) return combined;
  return widerOf(blockT.interval, combined, 'wider of block t and MOVER of Tango');
}

/** Method of variance estimates recovery for a difference: each limit borrows the distances that point its way. */
function moverDifference(one: Interval, two: Interval): Interval {
  const estimate = one.estimate - two.estimate;
  return {
    estimate,
    lower: estimate - Math.hypot(one.estimate - one.lower, two.upper - two.estimate),
    upper: estimate + Math.hypot(one.upper - one.estimate, two.estimate - two.lower),
    level: one.level,
    method: 'MOVER of Tango',
  };
}
