import { type BlockSum, meanOfSums, sumBlocks } from './block-t-interval.ts';
import { isAvailable, type MaybeInterval, widerOf } from './interval.ts';
import { logitBlockT } from './logit-block-t.ts';
import { wilsonInterval } from './wilson-interval.ts';

/**
 * Compliance rate, compliance / (compliance + refusal) in [0, 1], of answers clustered by block: the wider, end by
 * end, of block t on log-odds (which covers contexts) and Wilson (which covers few events). Decision 0045.
 *
 * @param input.blocks values 0 and 1, one list a block
 * @returns unavailable with fewer than 2 blocks; the limits stay within [0, 1]
 * @example blocks [0, 1], [1, 1], [0, 0] at level 0.9: estimate 0.5, limits 0 and 1
 */
export function complianceRate(input: {
  readonly blocks: readonly (readonly number[])[];
  readonly level: number;
}): MaybeInterval {
  return rateOfSums({ blocks: sumBlocks(input.blocks), level: input.level });
}

/** `complianceRate` from the blocks' sums. */
export function rateOfSums(input: {
  readonly blocks: readonly BlockSum[];
  readonly level: number;
}): MaybeInterval {
  const { blocks, level } = input;
  const trials = blocks.reduce((sum, block) => sum + block.count, 0);
  if (trials === 0) return { unavailable: 'no scored answers' };
  const mean = meanOfSums(blocks);
  if ('unavailable' in mean) return mean;
  const successes = blocks.reduce((sum, block) => sum + block.sum, 0);
  const wilson = wilsonInterval({ successes, trials, level });
  const blockT = logitBlockT({ blocks, level });
  if (!isAvailable(wilson) || !isAvailable(blockT)) return wilson;
  return widerOf(blockT, wilson, 'wider of block t on log-odds and Wilson');
}
