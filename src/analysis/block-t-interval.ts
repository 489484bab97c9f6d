import type { MaybeInterval, Unavailable } from './interval.ts';
import { tailOutside } from './level.ts';
import { tQuantile, tSurvival } from './t-distribution.ts';

/** Block sums this close to their expectation, relative to the sum of all sizes, differ by rounding only. */
const ROUNDING = 1e-13;

/** Values of the trials, one list a block; empty blocks are dropped. */
export type Blocks = readonly (readonly number[])[];

/** One block as its mean's variance sees it: the sum of its values, of their sizes, and how many there are. */
export interface BlockSum {
  readonly sum: number;
  readonly absolute: number;
  readonly count: number;
}

/** Mean over all trials, its cluster-robust standard error and degrees of freedom (blocks - 1). */
export interface BlockMean {
  readonly estimate: number;
  readonly standardError: number;
  readonly df: number;
}

export interface BlockT extends BlockMean {
  readonly interval: MaybeInterval;
}

/**
 * Mean of clustered values with its one-way cluster-robust (CR1) standard error, in the unit of the values.
 *
 * Liang and Zeger (1986) with G / (G - 1); R `sandwich::vcovCL(lm(d ~ 1), type = 'HC0', cadjust = TRUE)`. Every value has
 * the same weight, blocks may be unequal. Valid when whole blocks are independent; not for crossed layouts.
 *
 * @returns unavailable with fewer than 2 blocks that hold values, or with a value that is not finite
 * @example blocks [0, 1], [1, 1], [0, 0]: estimate 0.5, standard error sqrt(3 / 2 * 2 / 36) = 0.28867513459481287, df 2
 */
export function blockMean(blocks: Blocks): BlockMean | Unavailable {
  return meanOfSums(sumBlocks(blocks));
}

/** The blocks' sums, which are all that `blockMean` takes from them. */
export function sumBlocks(blocks: Blocks): BlockSum[] {
  return blocks.map((block) => ({
    sum: block.reduce((sum, value) => sum + value, 0),
    absolute: block.reduce((sum, value) => sum + Math.abs(value), 0),
    count: block.length,
  }));
}

/** `blockMean` from the blocks' sums. */
export function meanOfSums(blocks: readonly BlockSum[]): BlockMean | Unavailable {
  let [used, count, sum, size] = [0, 0, 0, 0];
  for (const block of blocks) {
    if (block.count <= 0) continue;
    used += 1;
    count += block.count;
    sum += block.sum;
    size += block.absolute;
  }
  if (used < 2) return { unavailable: `fewer than 2 clusters (${used})` };
  const estimate = sum / count;
  if (!Number.isFinite(estimate)) return { unavailable: 'a value is not finite' };
  let squares = 0;
  // An empty block adds nothing.
  for (const block of blocks) squares += (block.sum - block.count * estimate) ** 2;
  const score = Math.sqrt(squares);
  const standardError = score <= ROUNDING * size ? 0 : (score / count) * Math.sqrt(used / (used - 1));
  return { estimate, standardError, df: used - 1 };
}

/**
 * Confidence interval for the mean of clustered values: block t, mean +/- t(df) times the CR1 standard error.
 *
 * See `blockMean` for the standard error; t reference with blocks - 1 degrees of freedom. Too narrow with fewer than
 * about 8 blocks of rare events, so combine it with a score interval through `widerOf`. With no variation between blocks
 * the interval (not the mean) is unavailable: the score interval then stands alone, never a zero width.
 *
 * @param input `level` is the two-sided coverage in (0, 1)
 * @returns unavailable as a whole with fewer than 2 blocks or a value that is not finite
 * @throws RangeError for a level outside (0, 1)
 * @example blocks [0, 1], [1, 1], [0, 0] at level 0.9: 0.5 +/- 2.919985580353725 * 0.28867513459481287
 */
export function blockTInterval(input: {
  readonly blocks: Blocks;
  readonly level: number;
}): BlockT | Unavailable {
  return blockTOfSums({ blocks: sumBlocks(input.blocks), level: input.level });
}

/** `blockTInterval` from the blocks' sums. */
export function blockTOfSums(input: {
  readonly blocks: readonly BlockSum[];
  readonly level: number;
}): BlockT | Unavailable {
  const { blocks, level } = input;
  const mean = meanOfSums(blocks);
  if ('unavailable' in mean) return mean;
  const { estimate, standardError, df } = mean;
  const half = -tQuantile(tailOutside(level), df) * standardError;
  const interval =
    standardError === 0
      ? { unavailable: 'no variation between blocks' }
      : { estimate, lower: estimate - half, upper: estimate + half, level, method: 'block t' };
  return { ...mean, interval };
}

export interface BlockTTest {
  readonly blocks: Blocks;
  /** The value of the mean at the border of the null hypothesis. */
  readonly margin: number;
  /** What is to be shown: `less` rejects mean >= margin (non-inferiority), `greater` rejects mean <= margin. */
  readonly alternative: 'less' | 'greater';
}

/**
 * One-sided p-value of the block t test of a mean against a margin, from the tail directly.
 *
 * Same standard error, reference and limits of use as `blockTInterval`.
 *
 * @returns unavailable with fewer than 2 blocks, a value that is not finite, or no variation between blocks
 * @throws RangeError for a margin that is not finite
 * @example blocks [0, 1], [1, 1], [0, 0], margin 0.5: 0.5 for either alternative
 */
export function blockTPValue({
  blocks,
  margin,
  alternative,
}: BlockTTest): { readonly pValue: number } | Unavailable {
  const mean = blockMean(blocks);
  if ('unavailable' in mean) return mean;
  if (mean.standardError === 0) return { unavailable: 'no variation between blocks' };
  const t = (mean.estimate - margin) / mean.standardError;
  return { pValue: tSurvival(alternative === 'greater' ? t : -t, mean.df) };
}
