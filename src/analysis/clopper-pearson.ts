import { betaQuantile } from './beta-distribution.ts';
import type { MaybeInterval } from './interval.ts';
import { tailOutside } from './level.ts';

/**
 * Exact interval for one proportion, a rate in [0, 1]: covers at least as often as it says, at the price of width.
 *
 * Clopper and Pearson (1934); R `binom.test(x, n)$conf.int`. Not valid for clustered trials unless given an effective
 * sample size.
 *
 * @param input counts with 0 <= successes <= trials (fractional effective counts are allowed); `level` two-sided in (0, 1)
 * @returns unavailable without trials or with impossible counts
 * @throws RangeError for a level outside (0, 1)
 * @example 0 of 96 at level 0.95 is 0 [0, 0.03769692162358756]
 */
export function clopperPearsonInterval(input: {
  readonly successes: number;
  readonly trials: number;
  readonly level: number;
}): MaybeInterval {
  const { successes, trials, level } = input;
  const tail = tailOutside(level);
  if (trials === 0) return { unavailable: 'no trials' };
  if (!(successes >= 0 && successes <= trials && trials < Infinity)) {
    return { unavailable: `impossible counts: ${successes} of ${trials}` };
  }
  const failures = trials - successes;
  return {
    estimate: successes / trials,
    lower: successes === 0 ? 0 : betaQuantile(tail, successes, failures + 1),
    // From the small tail: 1 - tail would lose its digits.
    upper: failures === 0 ? 1 : 1 - betaQuantile(tail, failures, successes + 1),
    level,
    method: 'Clopper-Pearson',
  };
}
