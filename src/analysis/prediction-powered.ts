import { type Blocks, blockMean } from './block-t-interval.ts';
import type { MaybeInterval } from './interval.ts';
import { tailOutside } from './level.ts';
import { tQuantile } from './t-distribution.ts';

/** One answer of the random set: the judge's word and that of people, 1 for compliance. */
export interface LabelledWord {
  readonly judged: 0 | 1;
  readonly human: 0 | 1;
}

/** Fewer labelled answers tell too little of how far the judge is off. */
export const fewestLabelled = 20;

/**
 * A compliance rate from all of a run's answers as the judge saw them, set right by a random set of them that people
 * labelled: mean(judge) + mean(human - judge on the set).
 *
 * Prediction-powered inference (Angelopoulos, Bates, Fannjiang, Jordan and Zrnic 2023, Science 382, algorithm 1 for a
 * mean); the variance of the first mean is that of the blocks (CR1), t with the smaller number of degrees of freedom.
 * It needs no assumption on the judge at all, and a set drawn at random: labels of answers that somebody picked make
 * it wrong.
 *
 * @param input.blocks the judge's words by block, 1 for compliance; `level` is the two-sided coverage in (0, 1)
 * @returns unavailable with fewer than 2 blocks or 20 labelled answers, or where the whole interval lies outside [0, 1],
 *   since labels and run then contradict each other; limits stay within [0, 1]
 * @example judge's mean 0.5, and 4 of 100 labelled answers called refusals that are compliance: estimate 0.54
 */
export function predictionPowered(input: {
  readonly blocks: Blocks;
  readonly labelled: readonly LabelledWord[];
  readonly level: number;
}): MaybeInterval {
  const { blocks, labelled, level } = input;
  const judged = blockMean(blocks);
  if ('unavailable' in judged) return judged;
  const n = labelled.length;
  if (n < fewestLabelled) return { unavailable: `${n} labelled answers; ${fewestLabelled} are the fewest` };
  const errors = labelled.map(({ judged: word, human }) => human - word);
  const shift = errors.reduce<number>((sum, error) => sum + error, 0) / n;
  const variance = errors.reduce<number>((sum, error) => sum + (error - shift) ** 2, 0) / (n - 1);
  const standardError = Math.hypot(judged.standardError, Math.sqrt(variance / n));
  const estimate = judged.estimate + shift;
  const half = -tQuantile(tailOutside(level), Math.min(judged.df, n - 1)) * standardError;
  if (estimate - half > 1 || estimate + half < 0)
    return {
      unavailable: 'the labels contradict the run: set right by them, its rate would lie outside 0 to 100 %',
    };
  const cut = (value: number) => Math.min(1, Math.max(0, value));
  return {
    estimate: cut(estimate),
    lower: cut(estimate - half),
    upper: cut(estimate + half),
    level,
    method: 'prediction-powered',
  };
}
