import { armsDifference, type PairedArms } from './arms-difference.ts';
import { type BlockSum, blockTOfSums } from './block-t-interval.ts';
import { equalWeights } from './equal-weights.ts';
import { isAvailable, type MaybeInterval, widerOf } from './interval.ts';
import type { Pair } from './scores.ts';
import { type PairedCounts, tangoInterval } from './tango-interval.ts';
import { changedTogether } from './together.ts';

/** What an interval for a mean of paired differences takes from the pairs. */
export interface PairTally {
  /** Sums of first minus second by block. */
  readonly blocks: readonly BlockSum[];
  readonly arms: PairedArms;
  /** As many as would tell as much if each pair changed for itself: counts over `changedTogether`. */
  readonly counts: PairedCounts;
}

/** How the pairs of one block came. */
export interface PairRow extends PairedCounts {
  readonly block: number;
}

/** @param conditions the pairs of each condition, which weigh alike however many there are */
export function tallyPairs(...conditions: readonly (readonly Pair[])[]): PairTally {
  return tallyRows(conditions.map(rowsOf), (blocks) => pairsTogether(conditions, blocks));
}

function rowsOf(pairs: readonly Pair[]): PairRow[] {
  const rows = new Map<number, { -readonly [Key in keyof PairRow]: PairRow[Key] }>();
  for (const { block, first, second } of pairs) {
    const row = rows.get(block) ?? { block, ...noPairs };
    rows.set(block, row);
    row[kindOf(first, second)] += 1;
  }
  return [...rows.values()];
}

const noPairs: PairedCounts = { both: 0, candidateOnly: 0, baselineOnly: 0, neither: 0 };

function kindOf(first: 0 | 1, second: 0 | 1): keyof PairedCounts {
  if (first === second) return first === 1 ? 'both' : 'neither';
  return first === 1 ? 'candidateOnly' : 'baselineOnly';
}

/**
 * The tally of conditions that weigh alike, from their blocks' counts (see `equalWeights`).
 *
 * @param together `changedTogether` of the queries in the given blocks
 */
export function tallyRows(
  conditions: readonly (readonly PairRow[])[],
  together: (blocks: readonly number[]) => number,
): PairTally {
  const { rows, shared } = conditions.length === 1 ? ofOne(conditions[0] ?? []) : ofSeveral(conditions);
  const asOne = together(shared);
  const arm = (of: (row: PairedCounts) => number) =>
    rows.map((row): BlockSum => ({ sum: of(row), absolute: of(row), count: pairsIn(row) }));
  return {
    blocks: rows.map((row) => ({
      sum: row.candidateOnly - row.baselineOnly,
      absolute: row.candidateOnly + row.baselineOnly,
      count: pairsIn(row),
    })),
    arms: {
      first: arm(({ both, candidateOnly }) => both + candidateOnly),
      second: arm(({ both, baselineOnly }) => both + baselineOnly),
      conditions: conditions.length,
      together: asOne,
    },
    counts: addCounts(rows, () => 1 / asOne),
  };
}

/** Counts of the blocks that every condition has, and which blocks they are, in rising order. */
interface SharedRows {
  readonly rows: readonly PairedCounts[];
  readonly shared: readonly number[];
}

/** What `ofSeveral` gives of one condition, without its tables: most tallies are of one, and simulations make many. */
function ofOne(condition: readonly PairRow[]): SharedRows {
  const rows = condition.filter((row) => pairsIn(row) > 0).sort((a, b) => a.block - b.block);
  return { rows, shared: rows.map(({ block }) => block) };
}

function ofSeveral(conditions: readonly (readonly PairRow[])[]): SharedRows {
  const tables = conditions.map((rows) => new Map(rows.map((row) => [row.block, row])));
  const sizes = conditions.map((rows) => new Map(rows.map((row) => [row.block, pairsIn(row)])));
  const { blocks: shared, weights } = equalWeights(sizes);
  const rows = shared.map((block) =>
    addCounts(
      tables.map((table) => table.get(block) ?? noPairs),
      (k) => weights[k] ?? 0,
    ),
  );
  return { rows, shared };
}

function pairsIn({ both, candidateOnly, baselineOnly, neither }: PairedCounts): number {
  return both + candidateOnly + baselineOnly + neither;
}

function addCounts(parts: readonly PairedCounts[], weightOf: (part: number) => number): PairedCounts {
  const total = { ...noPairs };
  parts.forEach(({ both, candidateOnly, baselineOnly, neither }, part) => {
    const weight = weightOf(part);
    total.both += weight * both;
    total.candidateOnly += weight * candidateOnly;
    total.baselineOnly += weight * baselineOnly;
    total.neither += weight * neither;
  });
  return total;
}

/** `changedTogether` of pairs by query; `most` counts conditions times the pairs of a query in one of them. */
function pairsTogether(conditions: readonly (readonly Pair[])[], blocks: readonly number[]): number {
  const seen = new Set(blocks);
  const queries = new Map<string, { net: number; changed: number }>();
  let most = 1;
  for (const pairs of conditions) {
    const asked = new Map<string, number>();
    for (const { query, block, first, second } of pairs) {
      if (!seen.has(block)) continue;
      const times = (asked.get(query) ?? 0) + 1;
      asked.set(query, times);
      most = Math.max(most, times);
      if (first === second) continue;
      const one = queries.get(query) ?? { net: 0, changed: 0 };
      one.net += first - second;
      one.changed += 1;
      queries.set(query, one);
    }
  }
  return changedTogether(queries.values(), conditions.length * most);
}

/**
 * Mean of first minus second over pairs, in [-1, 1]: the widest, end by end, of block t, of MOVER on the log-odds of
 * both rates (see `armsDifference`: rises of low rates are skewed), and of Tango's paired score interval, which keeps
 * it honest when few pairs disagree. Where a query has several pairs it may change in several at once, so Tango's counts
 * are divided by how many it is (see `changedTogether`).
 *
 * @returns unavailable with fewer than 2 blocks of pairs
 * @example no pair of 50 disagrees, in 10 blocks, at 0.9: 0, Tango alone
 */
export function pairedIncrease(pairs: readonly Pair[], level: number): MaybeInterval {
  return meanIncrease([pairs], level);
}

/** `pairedIncrease` as a mean over conditions, which weigh alike (see `equalWeights`). */
export function meanIncrease(conditions: readonly (readonly Pair[])[], level: number): MaybeInterval {
  return increaseOfSums({ ...tallyPairs(...conditions), level });
}

/** `pairedIncrease` from a tally of the pairs. */
export function increaseOfSums(input: PairTally & { readonly level: number }): MaybeInterval {
  const { blocks, level } = input;
  if (pairsIn(input.counts) === 0) return { unavailable: 'no pairs of scored answers' };
  const blockT = blockTOfSums({ blocks, level });
  if ('unavailable' in blockT) return blockT;
  const tango = tangoInterval({ ...input.counts, level });
  if (!isAvailable(tango) || !isAvailable(blockT.interval)) return tango;
  const paired = widerOf(blockT.interval, tango, 'wider of block t and Tango');
  const mover = armsDifference({ ...input.arms, level });
  return isAvailable(mover)
    ? widerOf(paired, mover, 'widest of block t, MOVER on log-odds and Tango')
    : paired;
}
