import { type BlockSum, meanOfSums } from './block-t-interval.ts';

/**
 * How strongly the rates of blocks differ beyond what independent answers would: their squared coefficient of variation
 * less the binomial one, times 1 - rate, as it counts for log-odds. Of few answers a block it is mostly noise.
 *
 * @returns 0 where a rate is 0 or 1, or with fewer than 2 blocks
 * @example 8 blocks with 0, 0, 50, 0, 0, 50, 0, 0 of 100: rate 0.125, 2.94
 */
export function overdispersion(blocks: readonly BlockSum[]): number {
  const mean = meanOfSums(blocks);
  if ('unavailable' in mean) return 0;
  const { estimate, standardError } = mean;
  if (!(estimate > 0 && estimate < 1)) return 0;
  const answers = blocks.reduce((sum, { count }) => sum + count, 0);
  const excess = standardError ** 2 - (estimate * (1 - estimate)) / answers;
  return (Math.max(0, excess) * blocks.length * (1 - estimate)) / estimate ** 2;
}
