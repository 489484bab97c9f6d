import { type Blocks, blockMean } from './block-t-interval.ts';
import type { MaybeInterval } from './interval.ts';
import { intervalOfCorrected, type JudgeError, roganGladen } from './judge-error.ts';
import { tailOutside } from './level.ts';
import { normalQuantile } from './normal-distribution.ts';
import { tQuantile } from './t-distribution.ts';

/**
 * Compliance rate of answers clustered by block, corrected for the judge's error: `roganGladen` at the effective
 * number of answers.
 *
 * Lang and Reiczigel take the run's count as binomial. Here it counts as many independent answers as give the block
 * variance (CR1), at most as many as there are; few blocks tell their variance badly, so the quantile of t with
 * blocks - 1 degrees of freedom stands for the normal one.
 *
 * @param input.blocks values 0 and 1, one list a block
 * @returns unavailable with fewer than 2 blocks, where the judge tells nothing, or where the labelled set contradicts
 *   the run
 */
export function correctedRate(input: {
  readonly blocks: Blocks;
  readonly error: JudgeError;
  readonly level: number;
}): MaybeInterval {
  const { blocks, error, level } = input;
  const answers = blocks.reduce((sum, block) => sum + block.length, 0);
  if (answers === 0) return { unavailable: 'no scored answers' };
  const n = effectiveNumber(blocks, answers, level);
  if (typeof n !== 'number') return n;
  const complied = blocks.flat().reduce((sum, value) => sum + value, 0);
  const corrected = roganGladen({ positives: (complied / answers) * n, n, ...error, level });
  return 'unavailable' in corrected ? corrected : intervalOfCorrected(corrected, level);
}

/** How many independent answers would vary as the clustered ones do, as far as this many blocks can tell. */
function effectiveNumber(
  blocks: Blocks,
  answers: number,
  level: number,
): number | { readonly unavailable: string } {
  const mean = blockMean(blocks);
  if ('unavailable' in mean) return mean;
  const { estimate, standardError, df } = mean;
  const tail = tailOutside(level);
  const widened = standardError * (tQuantile(tail, df) / normalQuantile(tail));
  // No block differs from another: only the binomial error is left.
  if (widened === 0) return answers;
  return Math.min(answers, (estimate * (1 - estimate)) / widened ** 2);
}
