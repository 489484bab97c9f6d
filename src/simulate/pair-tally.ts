import type { PairedArms } from '../analysis/arms-difference.ts';
import type { BlockSum } from '../analysis/block-t-interval.ts';
import type { Changes } from '../analysis/paired-increase.ts';
import type { Fill } from '../analysis/scores.ts';
import type { PairedCounts } from '../analysis/tango-interval.ts';
import { unscored } from './draw-world.ts';

/** By slot: 0 or 1 as it was labelled or filled, or `missing`. */
export type SlotValues = Uint8Array;

export interface SidePair {
  readonly first: SlotValues;
  readonly second: SlotValues;
}

/** How pairs of values came. */
export interface PairedTally {
  /** How many pairs of sides were counted together. */
  readonly conditions: number;
  /** At 16 * block + 4 * first + second. */
  readonly counts: Int32Array;
  /** By block: what changed in each query that changed in any of several conditions; none for a single one. */
  readonly changes: readonly (readonly Changes[])[];
}

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

/**
 * Counts pairs by block, slot by slot, over the slots in which both sides have a value, and all of `also` have one.
 *
 * @param input.pairs one for each condition that is counted together
 */
export function tallyPairs(input: {
  readonly pairs: readonly SidePair[];
  readonly also?: readonly SlotValues[];
  readonly blockOfSlot: Int32Array;
  readonly blocks: number;
}): PairedTally {
  const { pairs, also = [], blockOfSlot, blocks } = input;
  const counts = new Int32Array(16 * blocks);
  for (const { first, second } of pairs) {
    // Values in place, without a branch: this is where simulations spend their time.
    for (let slot = 0; slot < first.length; slot += 1) {
      if (also.length > 0 && isMissingIn(also, slot)) continue;
      const at = 16 * (blockOfSlot[slot] ?? 0) + 4 * (first[slot] ?? missing) + (second[slot] ?? missing);
      counts[at] = (counts[at] ?? 0) + 1;
    }
  }
  // What one condition changes in a query is in the counts already.
  const changes = pairs.length > 1 ? changesBySlot(pairs, blockOfSlot, blocks) : [];
  return { conditions: pairs.length, counts, changes };
}

function isMissingIn(sides: readonly SlotValues[], slot: number): boolean {
  for (const side of sides) if (side[slot] === missing) return true;
  return false;
}

function changesBySlot(
  pairs: readonly SidePair[],
  blockOfSlot: Int32Array,
  blocks: number,
): readonly (readonly Changes[])[] {
  const net = new Int32Array(blockOfSlot.length);
  const changed = new Int32Array(blockOfSlot.length);
  for (const { first, second } of pairs) {
    for (let slot = 0; slot < first.length; slot += 1) {
      const [value = missing, against = missing] = [first[slot], second[slot]];
      if (value === against || value === missing || against === missing) continue;
      net[slot] = (net[slot] ?? 0) + value - against;
      changed[slot] = (changed[slot] ?? 0) + 1;
    }
  }
  const changes: Changes[][] = Array.from({ length: blocks }, () => []);
  changed.forEach((count, slot) => {
    if (count > 0) changes[blockOfSlot[slot] ?? 0]?.push({ net: net[slot] ?? 0, changed: count });
  });
  return changes;
}

/** First minus second by block, for the given blocks. */
export function sumsOf({ counts }: PairedTally, blocks: readonly number[]): BlockSum[] {
  return blocks.map((block) => {
    const { neither, second, first, both } = pairsAt(counts, block);
    return { sum: first - second, absolute: first + second, count: neither + second + first + both };
  });
}

/** Either side by block, over the pairs alone; blocks without pairs are left out. */
export function armsOf({ counts }: PairedTally, blocks: readonly number[]): PairedArms {
  const arms: { first: BlockSum[]; second: BlockSum[] } = { first: [], second: [] };
  for (const block of blocks) {
    const { neither, second, first, both } = pairsAt(counts, block);
    const count = neither + second + first + both;
    if (count === 0) continue;
    arms.first.push({ sum: first + both, absolute: first + both, count });
    arms.second.push({ sum: second + both, absolute: second + both, count });
  }
  return arms;
}

/** How often each pair came in the given blocks. */
export function countsOf({ counts }: PairedTally, blocks: readonly number[]): PairedCounts {
  const total = { both: 0, candidateOnly: 0, baselineOnly: 0, neither: 0 };
  for (const block of blocks) {
    const { neither, second, first, both } = pairsAt(counts, block);
    total.neither += neither;
    total.baselineOnly += second;
    total.candidateOnly += first;
    total.both += both;
  }
  return total;
}

/** What changed in the queries of the given blocks. */
export function changesOf({ changes }: PairedTally, blocks: readonly number[]): Changes[] {
  return blocks.flatMap((block) => changes[block] ?? []);
}

function pairsAt(counts: Int32Array, block: number) {
  const at = 16 * block;
  return {
    neither: counts[at] ?? 0,
    second: counts[at + 1] ?? 0,
    first: counts[at + 4] ?? 0,
    both: counts[at + 5] ?? 0,
  };
}
