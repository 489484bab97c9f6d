import { findRoot } from '../analysis/find-root.ts';
import { isAvailable, type MaybeInterval } from '../analysis/interval.ts';
import { normalCdf, normalQuantile } from '../analysis/normal-distribution.ts';
import { power } from '../analysis/smallest-effect.ts';
import { tQuantile } from '../analysis/t-distribution.ts';
import type { ComparedBlocks } from './compared-blocks.ts';

/** More than so many times the blocks is no advice any more. */
const mostTimes = 16;

/**
 * How many blocks, asked anew, would settle an open limit with 80 % power, on whichever side the truth lies. The truth
 * is as uncertain as the interval says: taken at the estimate itself, little more than half of the checks that followed
 * the advice were settled (`docs/simulations/settle.md`).
 *
 * Normal approximation from the observed variance alone: the truth lies about the estimate with standard error s, the
 * new estimate about the truth with s r, r^2 = blocks / N; it settles z s r beyond the limit.
 *
 * @param input.value the interval of `blocks` blocks
 * @param input.error one-sided, of the last look
 * @returns undefined where there is no interval to go by, or where the blocks there are should do
 * @example 0.1 [0.05, 0.15] at level 0.9 of 16 blocks against 0.13, error 0.05: 230 blocks
 */
export function blocksToSettle(input: {
  readonly value: MaybeInterval;
  readonly limit: number;
  readonly blocks: number;
  readonly error: number;
}): number | undefined {
  const { value, limit, blocks, error } = input;
  if (!isAvailable(value) || blocks < 2) return undefined;
  // An open limit that the interval does not hold is open for another reason, which blocks do not mend.
  if (!(value.lower <= limit && limit <= value.upper)) return undefined;
  const half = limit >= value.estimate ? value.upper - value.estimate : value.estimate - value.lower;
  const standardError = half / -tQuantile((1 - value.level) / 2, blocks - 1);
  if (!(standardError > 0)) return undefined;
  const distance = Math.abs(limit - value.estimate) / standardError;
  const z = -normalQuantile(error);
  const powerAt = (r: number) =>
    normalCdf((distance - z * r) / Math.hypot(1, r)) + normalCdf((-distance - z * r) / Math.hypot(1, r));
  if (powerAt(1) >= power) return undefined;
  return Math.ceil(blocks / findRoot((r) => powerAt(r) - power, 0, 1) ** 2);
}

/**
 * The same in words for the report; says so where no number of blocks is worth naming. More blocks of the run alone do
 * not help where the baseline has fewer than it.
 *
 * @param input.blocks those behind the interval: of both runs where it compares them
 */
export function whatWouldSettle(input: {
  readonly value: MaybeInterval;
  readonly limit: number;
  readonly blocks: ComparedBlocks;
  readonly error: number;
}): string | undefined {
  const { compared, run, baseline } = input.blocks;
  const total = blocksToSettle({ ...input, blocks: compared });
  if (total === undefined) return undefined;
  if (total > mostTimes * compared) return 'the estimate is too near the limit for more blocks to settle it';
  const seen = baseline === undefined ? 'seen' : 'compared';
  const advice = `about ${total} blocks in all would settle it in four of five runs, ${compared} were ${seen}`;
  if (baseline === undefined || baseline >= run) return advice;
  return `${advice}; the baseline has ${baseline} here: renew it`;
}
