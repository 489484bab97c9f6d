import type { BlockSum } from '../analysis/block-t-interval.ts';
import type { PairRow } from '../analysis/paired-increase.ts';
import type { Fill } from '../analysis/scores.ts';
import type { Changes } from '../analysis/together.ts';
import { unscored } from './draw-world.ts';
import type { TrialGrid } from './trial-grid.ts';

/** By slot: 0 or 1 as it was labelled or filled, or `missing`. */
export type SlotValues = Uint8Array;

export interface SidePair {
  readonly first: SlotValues;
  readonly second: SlotValues;
}

/** How pairs of values came, at 4 * block + 2 * first + second. */
export type PairedTally = Int32Array;

const missing = 2;

/**
 * What one side says of each slot.
 *
 * @param trials which trial stands in each slot; -1 for none
 * @param fill what unscored labels count as
 */
export function slotValues(trials: Int32Array, labels: Uint8Array, fill: Fill): SlotValues {
  const values = new Uint8Array(trials.length);
  const filled = fill === 'leftOut' ? missing : fill;
  for (let slot = 0; slot < trials.length; slot += 1) {
    const trial = trials[slot] ?? -1;
    const label = trial < 0 ? missing : (labels[trial] ?? unscored);
    values[slot] = trial >= 0 && label === unscored ? filled : label;
  }
  return values;
}

/** Slots that are counted: those in which both sides have a value, and all of `also` have one. */
export interface CountedPair extends SidePair {
  readonly also?: readonly SlotValues[];
}

/** Counts pairs by block, slot by slot. */
export function tallyPairs(
  { first, second, also = [] }: CountedPair,
  { blockOfSlot, blocks }: Pick<TrialGrid, 'blockOfSlot' | 'blocks'>,
): PairedTally {
  const counts = new Int32Array(4 * blocks);
  for (let slot = 0; slot < first.length; slot += 1) {
    const [value = missing, against = missing] = [first[slot], second[slot]];
    if (value === missing || against === missing || (also.length > 0 && isMissingIn(also, slot))) continue;
    const at = 4 * (blockOfSlot[slot] ?? 0) + 2 * value + against;
    counts[at] = (counts[at] ?? 0) + 1;
  }
  return counts;
}

function isMissingIn(sides: readonly SlotValues[], slot: number): boolean {
  for (const side of sides) if (side[slot] === missing) return true;
  return false;
}

/** By block: what changed over all pairs in each query that changed in any. */
export function changesByQuery(
  pairs: readonly CountedPair[],
  { blockOfSlot, blocks, queryOfSlot, queries }: TrialGrid,
): readonly (readonly Changes[])[] {
  const [net, changed] = [new Int32Array(queries), new Int32Array(queries)];
  const blockOf = new Int32Array(queries);
  for (const { first, second, also = [] } of pairs) {
    for (let slot = 0; slot < first.length; slot += 1) {
      const [value = missing, against = missing] = [first[slot], second[slot]];
      if (value === against || value === missing || against === missing) continue;
      if (also.length > 0 && isMissingIn(also, slot)) continue;
      const query = queryOfSlot[slot] ?? 0;
      net[query] = (net[query] ?? 0) + value - against;
      changed[query] = (changed[query] ?? 0) + 1;
      blockOf[query] = blockOfSlot[slot] ?? 0;
    }
  }
  const changes: Changes[][] = Array.from({ length: blocks }, () => []);
  changed.forEach((count, query) => {
    if (count > 0) changes[blockOf[query] ?? 0]?.push({ net: net[query] ?? 0, changed: count });
  });
  return changes;
}

/** The pairs of the given blocks; blocks without pairs are left out. */
export function rowsOf(counts: PairedTally, blocks: readonly number[]): PairRow[] {
  return blocks.flatMap((block) => {
    const row = pairsAt(counts, block);
    return row.neither + row.baselineOnly + row.candidateOnly + row.both === 0 ? [] : [row];
  });
}

/** Sums of the first side by block, for the given blocks. */
export function sumsOf(counts: PairedTally, blocks: readonly number[]): BlockSum[] {
  return blocks.map((block) => {
    const { neither, baselineOnly, candidateOnly, both } = pairsAt(counts, block);
    const sum = candidateOnly + both;
    return { sum, absolute: sum, count: neither + baselineOnly + sum };
  });
}

function pairsAt(counts: PairedTally, block: number): PairRow {
  const at = 4 * block;
  return {
    block,
    neither: counts[at] ?? 0,
    baselineOnly: counts[at + 1] ?? 0,
    candidateOnly: counts[at + 2] ?? 0,
    both: counts[at + 3] ?? 0,
  };
}
