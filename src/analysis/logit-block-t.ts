import { type BlockSum, meanOfSums } from './block-t-interval.ts';
import type { MaybeInterval } from './interval.ts';
import { tailOutside } from './level.ts';
import { inverseLogit } from './logistic-fit.ts';
import { overdispersion } from './overdispersion.ts';
import { tQuantile } from './t-distribution.ts';

/**
 * Degrees of freedom given up for the skew that log-odds leave: with few blocks a low rate and its standard error go
 * together, and t with blocks - 1 is still too narrow at 8 of them. Found by simulation (decision 0045).
 */
const sparedDegrees = 3;

/** Degrees of freedom of t on log-odds, from those of the blocks. */
export function logitDegrees(df: number): number {
  return Math.max(1, df / 2, df - sparedDegrees);
}

/**
 * Confidence interval for the rate of clustered answers on the scale of log-odds: logit(rate) +/- t times the CR1
 * standard error over rate (1 - rate), taken back to a rate; t with blocks - 4 degrees of freedom, of few blocks half
 * of blocks - 1.
 *
 * Low rates that differ between blocks are skewed, so that block t on the rate itself has an upper limit that is
 * passed too often: 11 % instead of 5 % at 8 blocks, 3 % and heavy variation between blocks. See Korn and Graubard
 * (1998) for the logit interval of surveys. Not for a rate of 0 or 1, where Wilson stands alone.
 *
 * @param input.blocks sums of values 0 and 1 by block
 * @param input.several whether they are of several conditions, whose many answers leave the skew of the blocks alone: the
 *   standard error is then corrected for what it lacks where block rates are log-normal (see `skewShare`)
 * @returns unavailable with fewer than 2 blocks, a rate of 0 or 1, or no variation between blocks
 * @throws RangeError for a level outside (0, 1)
 * @example 8 blocks with 1, 2, 0, 3, 1, 2, 0, 1 of 10, at 0.9: 0.125 [0.0654, 0.2257]
 */
export function logitBlockT(input: {
  readonly blocks: readonly BlockSum[];
  readonly level: number;
  readonly several?: boolean;
}): MaybeInterval {
  const { blocks, level, several = false } = input;
  const mean = meanOfSums(blocks);
  if ('unavailable' in mean) return mean;
  const { estimate, standardError, df } = mean;
  if (!(estimate > 0 && estimate < 1)) return { unavailable: 'a rate of 0 or 1 has no log-odds' };
  if (standardError === 0) return { unavailable: 'no variation between blocks' };
  const quantile = -tQuantile(tailOutside(level), logitDegrees(df));
  const skew = several ? Math.sqrt(1 + skewShare(blocks)) : 1;
  const half = (quantile * standardError * skew) / (estimate * (1 - estimate));
  const middle = Math.log(estimate / (1 - estimate));
  return {
    estimate,
    lower: inverseLogit(middle - half),
    upper: inverseLogit(middle + half),
    level,
    method: 'block t on log-odds',
  };
}

/**
 * By how much the squared coefficient of variation c of a mean is seen too small in few log-normal blocks: 3 c + 2 c^2
 * over their number, to the first order (the variance and the mean of skewed blocks go together). Twice that, as t does
 * not know of it either; found by simulation (decision 0048).
 */
function skewShare(blocks: readonly BlockSum[]): number {
  const c = overdispersion(blocks);
  return (2 * (3 * c + 2 * c * c)) / blocks.length;
}
