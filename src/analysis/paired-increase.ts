import { armsDifference, type PairedArms } from './arms-difference.ts';
import { type BlockSum, blockTOfSums, sumBlocks } from './block-t-interval.ts';
import { differenceOfSums } from './difference-of-differences.ts';
import { isAvailable, type MaybeInterval, widerOf } from './interval.ts';
import { groupByBlock, type Pair } from './scores.ts';
import { type PairedCounts, tangoInterval } from './tango-interval.ts';

/** What an interval for a mean of paired differences takes from the pairs. */
export interface PairTally {
  /** Sums of first minus second by block. */
  readonly blocks: readonly BlockSum[];
  readonly arms: PairedArms;
  readonly counts: PairedCounts;
  /** In how many conditions, on average, a query changes when it changes at all: `changedTogether`. */
  readonly together?: number;
}

/** @param conditions how many conditions the pairs come from */
export function tallyPairs(pairs: readonly Pair[], conditions = 1): PairTally {
  const sums = new Map<number, { first: number; second: number; changed: number; count: number }>();
  for (const { block, first, second } of pairs) {
    const sum = sums.get(block) ?? { first: 0, second: 0, changed: 0, count: 0 };
    sum.first += first;
    sum.second += second;
    sum.changed += first === second ? 0 : 1;
    sum.count += 1;
    sums.set(block, sum);
  }
  const rows = [...sums].sort(([a], [b]) => a - b).map(([, sum]) => sum);
  const arm = (side: 'first' | 'second') =>
    rows.map((row): BlockSum => ({ sum: row[side], absolute: row[side], count: row.count }));
  return {
    blocks: rows.map((row) => ({ sum: row.first - row.second, absolute: row.changed, count: row.count })),
    arms: { first: arm('first'), second: arm('second') },
    counts: countPairs(pairs),
    together: conditions === 1 ? 1 : changedTogether(changesByQuery(pairs), conditions),
  };
}

/**
 * Mean of first minus second over pairs, in [-1, 1]: the widest, end by end, of block t, of MOVER on the log-odds of
 * both rates (see `armsDifference`: rises of low rates are skewed), and of Tango's paired score interval, which keeps
 * it honest when few pairs disagree.
 *
 * Over pairs of several conditions each pair has the same weight: conditions are planned with equal numbers, so
 * that they weigh alike but for missing answers. A query may change in several of them at once, so Tango's counts are
 * divided by how many it is (see `changedTogether`).
 *
 * @param conditions how many conditions the pairs come from
 * @returns unavailable with fewer than 2 blocks of pairs
 * @example no pair of 50 disagrees, in 10 blocks, at 0.9: 0, Tango alone
 */
export function pairedIncrease(pairs: readonly Pair[], level: number, conditions = 1): MaybeInterval {
  return increaseOfSums({ ...tallyPairs(pairs, conditions), level });
}

/** `pairedIncrease` from a tally of the pairs. */
export function increaseOfSums(input: PairTally & { readonly level: number }): MaybeInterval {
  const { blocks, level, together = 1 } = input;
  const { both: agreed, candidateOnly, baselineOnly, neither } = input.counts;
  if (agreed + candidateOnly + baselineOnly + neither === 0)
    return { unavailable: 'no pairs of scored answers' };
  const counts = {
    both: agreed / together,
    candidateOnly: candidateOnly / together,
    baselineOnly: baselineOnly / together,
    neither: neither / together,
  };
  const blockT = blockTOfSums({ blocks, level });
  if ('unavailable' in blockT) return blockT;
  const tango = tangoInterval({ ...counts, level });
  if (!isAvailable(tango) || !isAvailable(blockT.interval)) return tango;
  const paired = widerOf(blockT.interval, tango, 'wider of block t and Tango');
  const mover = armsDifference({ ...input.arms, level });
  return isAvailable(mover)
    ? widerOf(paired, mover, 'widest of block t, MOVER on log-odds and Tango')
    : paired;
}

/** Changes of one query over the conditions: their sum (up minus down) and how many there are. */
export interface Changes {
  readonly net: number;
  readonly changed: number;
}

/**
 * In how many conditions a query changes at once, from 1 (each for itself) to their number (all or none): the design
 * effect of a query's changes, sum of squared net changes over the number of changes (Kish 1965, section 5.4).
 *
 * One query that changes in every condition is added to those seen: with few changes, nothing else is known of them.
 *
 * @example no change at all over 12 conditions: 12
 */
export function changedTogether(queries: Iterable<Changes>, conditions: number): number {
  let squares = conditions ** 2;
  let changes = conditions;
  for (const { net, changed } of queries) {
    squares += net ** 2;
    changes += changed;
  }
  return Math.min(conditions, Math.max(1, squares / changes));
}

function changesByQuery(pairs: readonly Pair[]): Iterable<Changes> {
  const queries = new Map<string, { net: number; changed: number }>();
  for (const { key, first, second } of pairs) {
    if (first === second) continue;
    const one = queries.get(key) ?? { net: 0, changed: 0 };
    one.net += first - second;
    one.changed += 1;
    queries.set(key, one);
  }
  return queries.values();
}

/** What an interval for a difference of paired differences takes from the pairs. */
export interface DoubleTally {
  readonly blocks: readonly BlockSum[];
  readonly first: PairedCounts;
  readonly second: PairedCounts;
}

/** The queries that have all four answers. */
export function tallyDouble(high: readonly Pair[], low: readonly Pair[]): DoubleTally {
  const lows = new Map(low.map((pair) => [pair.key, pair]));
  const both = high.flatMap((one) => {
    const other = lows.get(one.key);
    return other === undefined ? [] : [{ high: one, low: other }];
  });
  const values = both.map((one) => ({
    block: one.high.block,
    value: one.high.first - one.high.second - (one.low.first - one.low.second),
  }));
  return {
    blocks: sumBlocks(groupByBlock(values)),
    first: countPairs(both.map((one) => one.high)),
    second: countPairs(both.map((one) => one.low)),
  };
}

/**
 * How much more the candidate than the baseline changes from one condition to another, in [-2, 2], over the queries
 * that have all four answers.
 *
 * @param input.high candidate and baseline in the condition that is subtracted from
 * @param input.low candidate and baseline in the condition that is subtracted
 */
export function increaseOfIncrease(input: {
  readonly high: readonly Pair[];
  readonly low: readonly Pair[];
  readonly level: number;
}): MaybeInterval {
  const tally = tallyDouble(input.high, input.low);
  if (tally.blocks.length === 0) return { unavailable: 'no queries with all four answers' };
  return differenceOfSums({ ...tally, level: input.level });
}

function countPairs(pairs: readonly Pair[]): PairedCounts {
  const counts = { both: 0, candidateOnly: 0, baselineOnly: 0, neither: 0 };
  for (const { first, second } of pairs) {
    if (first === second) counts[first === 1 ? 'both' : 'neither'] += 1;
    else counts[first === 1 ? 'candidateOnly' : 'baselineOnly'] += 1;
  }
  return counts;
}
