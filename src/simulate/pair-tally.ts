import type { PairedArms } from '../analysis/arms-difference.ts';
import type { BlockSum } from '../analysis/block-t-interval.ts';
import type { Changes } from '../analysis/paired-increase.ts';
import type { Fill } from '../analysis/scores.ts';
import type { PairedCounts } from '../analysis/tango-interval.ts';
import { unscored } from './draw-world.ts';

/** One side of a pair: which trial stands in each slot (-1: none), their labels, and what unscored ones count as. */
export interface Side {
  readonly trials: Int32Array;
  readonly labels: Uint8Array;
  readonly fill: Fill;
}

export interface SidePair {
  readonly first: Side;
  readonly second: Side;
}

/** How pairs of values came. */
export interface PairedTally {
  /** At 4 * block + 2 * first + second. */
  readonly counts: Int32Array;
  /** By block: what changed in each query that changed in any of several conditions; none for a single one. */
  readonly changes: readonly (readonly Changes[])[];
}

const missing = 2;

/** Values of a label 0, 1 or unscored. */
function valuesUnder(fill: Fill): Uint8Array {
  return Uint8Array.of(0, 1, fill === 'leftOut' ? missing : fill);
}

/**
 * Counts pairs by block, slot by slot, over the slots in which both sides have a value, and all of `also` have one.
 *
 * @param input.pairs one for each condition that is counted together
 */
export function tallyPairs(input: {
  readonly pairs: readonly SidePair[];
  readonly also?: readonly Side[];
  readonly blockOf: Int32Array;
  readonly blocks: number;
}): PairedTally {
  const { pairs, also = [], blockOf, blocks } = input;
  const counts = new Int32Array(4 * blocks);
  const slots = pairs[0]?.first.trials.length ?? 0;
  // What one condition changes in a query is in the counts already.
  const nets = pairs.length > 1 ? { net: new Int32Array(slots), changed: new Int32Array(slots) } : undefined;
  for (const pair of pairs) countPair({ pair, also, blockOf, counts, nets });
  const changes: Changes[][] = Array.from({ length: nets === undefined ? 0 : blocks }, () => []);
  if (nets !== undefined) {
    const blockAt = blocksOfSlots(pairs, blockOf, slots);
    nets.changed.forEach((changed, slot) => {
      if (changed > 0) changes[blockAt[slot] ?? 0]?.push({ net: nets.net[slot] ?? 0, changed });
    });
  }
  return { counts, changes };
}

/** One condition's pairs; typed arrays read in place, as this is where simulations spend their time. */
function countPair(input: {
  readonly pair: SidePair;
  readonly also: readonly Side[];
  readonly blockOf: Int32Array;
  readonly counts: Int32Array;
  readonly nets: { readonly net: Int32Array; readonly changed: Int32Array } | undefined;
}): void {
  const { pair, also, blockOf, counts, nets } = input;
  const { first, second } = pair;
  const [values, others] = [valuesUnder(first.fill), valuesUnder(second.fill)];
  for (let slot = 0; slot < first.trials.length; slot += 1) {
    const [trial, other] = [first.trials[slot] ?? -1, second.trials[slot] ?? -1];
    if (trial < 0 || other < 0) continue;
    const value = values[first.labels[trial] ?? unscored] ?? missing;
    const against = others[second.labels[other] ?? unscored] ?? missing;
    if (value === missing || against === missing || also.some((side) => lacks(side, slot))) continue;
    const at = 4 * (blockOf[trial] ?? 0) + 2 * value + against;
    counts[at] = (counts[at] ?? 0) + 1;
    if (nets === undefined || value === against) continue;
    nets.net[slot] = (nets.net[slot] ?? 0) + value - against;
    nets.changed[slot] = (nets.changed[slot] ?? 0) + 1;
  }
}

function lacks({ trials, labels, fill }: Side, slot: number): boolean {
  const trial = trials[slot] ?? -1;
  return trial < 0 || (fill === 'leftOut' && labels[trial] === unscored);
}

/** The block of each slot in which any pair has a trial, or -1. */
function blocksOfSlots(pairs: readonly SidePair[], blockOf: Int32Array, slots: number): Int32Array {
  const blocks = new Int32Array(slots).fill(-1);
  for (const { first } of pairs) {
    for (let slot = 0; slot < slots; slot += 1) {
      const trial = first.trials[slot] ?? -1;
      if (trial >= 0) blocks[slot] = blockOf[trial] ?? -1;
    }
  }
  return blocks;
}

/** First minus second by block, for the given blocks. */
export function sumsOf({ counts }: PairedTally, blocks: readonly number[]): BlockSum[] {
  return blocks.map((block) => {
    const [neither, second, first, both] = pairsAt(counts, block);
    return { sum: first - second, absolute: first + second, count: neither + second + first + both };
  });
}

/** Either side by block, over the pairs alone; blocks without pairs are left out. */
export function armsOf({ counts }: PairedTally, blocks: readonly number[]): PairedArms {
  const own = (of: (pairs: ReturnType<typeof pairsAt>) => number) =>
    blocks.flatMap((block) => {
      const pairs = pairsAt(counts, block);
      const count = pairs.reduce((sum, one) => sum + one, 0);
      return count === 0 ? [] : [{ sum: of(pairs), absolute: of(pairs), count }];
    });
  return {
    first: own(([, , first, both]) => first + both),
    second: own(([, second, , both]) => second + both),
  };
}

/** How often each pair came in the given blocks. */
export function countsOf({ counts }: PairedTally, blocks: readonly number[]): PairedCounts {
  const total = { both: 0, candidateOnly: 0, baselineOnly: 0, neither: 0 };
  for (const block of blocks) {
    const [neither, second, first, both] = pairsAt(counts, block);
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

function pairsAt(counts: Int32Array, block: number): readonly [number, number, number, number] {
  const at = 4 * block;
  return [counts[at] ?? 0, counts[at + 1] ?? 0, counts[at + 2] ?? 0, counts[at + 3] ?? 0];
}
