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
  /** By block: what changed in each query that changed in any of the pairs’ conditions. */
  readonly changes: readonly (readonly Changes[])[];
}

const missing = 2;

/** Values of a label 0, 1 or unscored. */
function valuesUnder(fill: Fill): readonly [number, number, number] {
  return [0, 1, fill === 'leftOut' ? missing : fill];
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
  const { blockOf, blocks, also = [] } = input;
  const counts = new Int32Array(4 * blocks);
  const changes: Changes[][] = Array.from({ length: blocks }, () => []);
  const pairs = input.pairs.map(({ first, second }) => [readerOf(first), readerOf(second)] as const);
  const others = also.map(readerOf);
  const [some] = input.pairs;
  const slots = some?.first.trials.length ?? 0;
  const blockAt = blocksOfSlots(input.pairs, blockOf, slots);
  for (let slot = 0; slot < slots; slot += 1) {
    const block = blockAt[slot] ?? -1;
    if (block < 0 || others.some((read) => read(slot) === missing)) continue;
    let [net, changed] = [0, 0];
    for (const [first, second] of pairs) {
      const [value, other] = [first(slot), second(slot)];
      if (value === missing || other === missing) continue;
      const at = 4 * block + 2 * value + other;
      counts[at] = (counts[at] ?? 0) + 1;
      if (value === other) continue;
      net += value - other;
      changed += 1;
    }
    if (changed > 0) changes[block]?.push({ net, changed });
  }
  return { counts, changes };
}

function readerOf({ trials, labels, fill }: Side): (slot: number) => number {
  const values = valuesUnder(fill);
  return (slot) => {
    const trial = trials[slot] ?? -1;
    return trial < 0 ? missing : (values[labels[trial] ?? unscored] ?? missing);
  };
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
