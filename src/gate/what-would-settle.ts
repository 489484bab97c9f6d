import { isAvailable, type MaybeInterval } from '../analysis/interval.ts';
import { normalQuantile } from '../analysis/normal-distribution.ts';
import { power } from '../analysis/smallest-effect.ts';
import { tQuantile } from '../analysis/t-distribution.ts';

/** More than so many times the blocks is no advice any more. */
const mostTimes = 16;

/**
 * How many blocks would settle an open limit with 80 % power if the estimate stays where it is: the standard error that
 * the interval shows shrinks with the root of their number. Normal approximation, from the observed variance alone.
 *
 * @param input.value the interval of `blocks` blocks
 * @param input.error one-sided, of the last look
 * @returns undefined where there is no interval to go by, or where the blocks there are should do
 * @example 0.1 [0.05, 0.15] at level 0.9 of 16 blocks against 0.13, error 0.05: 90 blocks
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
  const distance = Math.abs(limit - value.estimate);
  const half = limit >= value.estimate ? value.upper - value.estimate : value.estimate - value.lower;
  const reach = -tQuantile((1 - value.level) / 2, blocks - 1);
  const needed = (half / reach) * (-normalQuantile(error) + normalQuantile(power));
  const total = distance === 0 ? Number.POSITIVE_INFINITY : Math.ceil(blocks * (needed / distance) ** 2);
  return total > blocks ? total : undefined;
}

/** The same in words for the report; says so where no number of blocks is worth naming. */
export function whatWouldSettle(input: Parameters<typeof blocksToSettle>[0]): string | undefined {
  const total = blocksToSettle(input);
  if (total === undefined) return undefined;
  if (total > mostTimes * input.blocks)
    return 'the estimate is too near the limit for more blocks to settle it';
  return `about ${total} blocks in all would settle it if the estimate stays, ${input.blocks} were seen`;
}
