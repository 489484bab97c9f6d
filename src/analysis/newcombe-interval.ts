import { isAvailable, type MaybeInterval } from './interval.ts';
import type { PairedCounts } from './tango-interval.ts';
import { wilsonInterval } from './wilson-interval.ts';

/**
 * Closed-form interval for the difference of two paired proportions, candidate minus baseline, in [-1, 1]: a check on
 * Tango's.
 *
 * Newcombe (1998), Statistics in Medicine 17, method 10: the squared distances of the two Wilson limits, correlated by
 * `pairedPhi`. Not valid alone for clustered trials.
 *
 * @param input pair counts, not negative; `level` is the two-sided coverage in (0, 1)
 * @returns unavailable without pairs or with impossible counts
 * @throws RangeError for a level outside (0, 1)
 * @example both 59, candidate only 6, baseline only 16, neither 80 at 0.95: -0.0621 [-0.1186, -0.0046]
 */
export function newcombeInterval(input: PairedCounts & { readonly level: number }): MaybeInterval {
  const { both, candidateOnly, baselineOnly, neither, level } = input;
  if (![both, candidateOnly, baselineOnly, neither].every((count) => count >= 0 && count < Infinity)) {
    return { unavailable: `impossible counts: ${both}, ${candidateOnly}, ${baselineOnly}, ${neither}` };
  }
  const trials = both + candidateOnly + baselineOnly + neither;
  const candidate = wilsonInterval({ successes: both + candidateOnly, trials, level });
  const baseline = wilsonInterval({ successes: both + baselineOnly, trials, level });
  if (!isAvailable(candidate)) return candidate;
  if (!isAvailable(baseline)) return baseline;
  const phi = pairedPhi(input);
  const estimate = (candidateOnly - baselineOnly) / trials;
  return {
    estimate,
    lower: estimate - joined(candidate.estimate - candidate.lower, baseline.upper - baseline.estimate, phi),
    upper: estimate + joined(candidate.upper - candidate.estimate, baseline.estimate - baseline.lower, phi),
    level,
    method: 'Newcombe 10',
  };
}

/** Correlation of the two answers with Newcombe's continuity correction, in [-1, 1]; 0 where one of them never varies. */
export function pairedPhi({ both, candidateOnly, baselineOnly, neither }: PairedCounts): number {
  const margins =
    (both + candidateOnly) * (baselineOnly + neither) * (both + baselineOnly) * (candidateOnly + neither);
  if (margins === 0) return 0;
  const excess = both * neither - candidateOnly * baselineOnly;
  const half = (both + candidateOnly + baselineOnly + neither) / 2;
  const corrected = excess > 0 ? Math.max(excess - half, 0) : excess;
  return corrected / Math.sqrt(margins);
}

/** Length of two distances at the angle whose cosine is -phi. Rounding must not make it the root of a negative number. */
function joined(one: number, two: number, phi: number): number {
  return Math.sqrt(Math.max(0, one ** 2 - 2 * phi * one * two + two ** 2));
}
