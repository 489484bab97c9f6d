import { chiSquareSurvival } from './chi-square-distribution.ts';
import type { Unavailable } from './interval.ts';
import { logGamma, regularizedBeta } from './special-functions.ts';

export interface McNemar {
  /** Exact two-sided binomial p-value. */
  readonly exactP: number;
  /** Mid-p: less conservative, nearly exact level (Fagerland, Lydersen and Laake 2013). */
  readonly midP: number;
  /** Without continuity correction; unavailable without discordant pairs. */
  readonly asymptotic: { readonly chiSquare: number; readonly pValue: number } | Unavailable;
}

/**
 * McNemar's test that two paired proportions are equal, from the discordant pairs. Takes pairs as independent: for a
 * clustered suite it is descriptive, and block t decides.
 *
 * McNemar (1947); statsmodels `mcnemar(exact = True | False, correction = False)`.
 *
 * @param counts whole numbers, not negative
 * @throws RangeError for impossible counts
 * @example candidate only 1, baseline only 7: exact p 0.0703125, mid-p 0.0390625
 */
export function mcnemar(counts: { readonly candidateOnly: number; readonly baselineOnly: number }): McNemar {
  const { candidateOnly, baselineOnly } = counts;
  const pairs = candidateOnly + baselineOnly;
  if (![candidateOnly, baselineOnly].every((count) => Number.isSafeInteger(count) && count >= 0)) {
    throw new RangeError(`mcnemar: expected counts, got ${candidateOnly} and ${baselineOnly}`);
  }
  if (pairs === 0) {
    return { exactP: 1, midP: 1, asymptotic: { unavailable: 'no discordant pairs' } };
  }
  const fewer = Math.min(candidateOnly, baselineOnly);
  const even = candidateOnly === baselineOnly;
  // P(X <= fewer) for X binomial(pairs, 1/2).
  const tail = regularizedBeta({ x: 0.5, y: 0.5, a: pairs - fewer, b: fewer + 1 });
  const point = Math.exp(
    logGamma(pairs + 1) - logGamma(fewer + 1) - logGamma(pairs - fewer + 1) - pairs * Math.LN2,
  );
  const chiSquare = (candidateOnly - baselineOnly) ** 2 / pairs;
  return {
    exactP: even ? 1 : Math.min(1, 2 * tail),
    midP: even ? 1 - point / 2 : 2 * tail - point,
    asymptotic: { chiSquare, pValue: chiSquareSurvival(chiSquare, 1) },
  };
}
