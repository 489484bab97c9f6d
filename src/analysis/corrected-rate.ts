import { type BlockSum, meanOfSums } from './block-t-interval.ts';
import type { RateTally } from './compliance-rate.ts';
import { isAvailable, type MaybeInterval } from './interval.ts';
import { type CorrectedRate, intervalOfCorrected, type JudgeError, roganGladen } from './judge-error.ts';
import { tailOutside } from './level.ts';
import { logitBlockT } from './logit-block-t.ts';
import { normalQuantile } from './normal-distribution.ts';
import { tQuantile } from './t-distribution.ts';

/** As good as infinitely many answers: what is left of the error is the card's. */
const noSampling = 1e12;

/**
 * Compliance rate of answers clustered by block, corrected for the judge's error: `roganGladen` at the effective
 * number of answers, or where that is wider MOVER of the card's error and of the rate's block t on log-odds.
 *
 * Lang and Reiczigel take the run's count as binomial. Here it counts as many independent answers as give the block
 * variance (CR1), at most as many as there are; few blocks tell their variance badly, so the quantile of t with
 * blocks - 1 degrees of freedom stands for the normal one. Their limits are symmetric but for the card's shift; low rates
 * that vary between blocks are not, which the log-odds follow (decision 0045).
 *
 * @param input the tally of one condition
 * @returns unavailable with fewer than 2 blocks, where the judge tells nothing, or where the labelled set contradicts
 *   the run
 */
export function correctedRate(
  input: Pick<RateTally, 'blocks' | 'together'> & { readonly error: JudgeError; readonly level: number },
): MaybeInterval {
  const { blocks, error, level, together } = input;
  const answers = blocks.reduce((sum, { count }) => sum + count, 0);
  if (answers === 0) return { unavailable: 'no scored answers' };
  const n = effectiveNumber(blocks, answers / together, level);
  if (typeof n !== 'number') return n;
  const rate = blocks.reduce((sum, block) => sum + block.sum, 0) / answers;
  const corrected = roganGladen({ positives: rate * n, n, ...error, level });
  if ('unavailable' in corrected) return corrected;
  const limits = widened(corrected, logitBlockT({ blocks, level }), error, level);
  return intervalOfCorrected({ ...corrected, limits }, level);
}

/** The wider of the limits and of MOVER: the rate's own distances over J, and the card's. */
function widened(
  { apparent, untruncated, limits }: CorrectedRate,
  own: MaybeInterval,
  error: JudgeError,
  level: number,
): readonly [number, number] {
  const card = roganGladen({ positives: apparent * noSampling, n: noSampling, ...error, level });
  if ('unavailable' in card || !isAvailable(own)) return limits;
  const { sensitivity, specificity } = error;
  const youden = sensitivity.x / sensitivity.n + specificity.x / specificity.n - 1;
  const down = Math.hypot((own.estimate - own.lower) / youden, untruncated - card.limits[0]);
  const up = Math.hypot((own.upper - own.estimate) / youden, card.limits[1] - untruncated);
  return [Math.min(limits[0], untruncated - down), Math.max(limits[1], untruncated + up)];
}

/** How many independent answers would vary as the clustered ones do, as far as this many blocks can tell. */
function effectiveNumber(
  blocks: readonly BlockSum[],
  most: number,
  level: number,
): number | { readonly unavailable: string } {
  const mean = meanOfSums(blocks);
  if ('unavailable' in mean) return mean;
  const { estimate, standardError, df } = mean;
  const tail = tailOutside(level);
  const far = standardError * (tQuantile(tail, df) / normalQuantile(tail));
  // No block differs from another: only the binomial error is left.
  if (far === 0) return most;
  return Math.min(most, (estimate * (1 - estimate)) / far ** 2);
}
