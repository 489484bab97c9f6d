import { findRoot } from './find-root.ts';
import { regularizedGamma } from './incomplete-gamma.ts';

/** Where a quantile is looked for, as the logarithm of x over the degrees of freedom. */
const LOG_REACH = 690;

/**
 * Upper tail P(X > x) of the chi-square distribution, computed directly. R `pchisq(x, df, lower.tail = FALSE)`.
 *
 * @param x not negative
 * @param df degrees of freedom, positive; need not be whole
 * @throws RangeError outside the domain
 * @example chiSquareSurvival(3.841458820694124, 1) is 0.05
 */
export function chiSquareSurvival(x: number, df: number): number {
  return regularizedGamma(df / 2, x / 2).upper;
}

/**
 * Quantile of the chi-square distribution: the x with P(X <= x) = p. R `qchisq(p, df)`.
 *
 * Root of the logarithm of the smaller tail in log(x), relative error about 1e-12.
 *
 * @param p in (0, 1)
 * @throws RangeError outside the domain
 * @example chiSquareQuantile(0.95, 1) is 3.841458820694124
 */
export function chiSquareQuantile(p: number, df: number): number {
  if (!(p > 0 && p < 1 && df > 0 && df < Infinity)) {
    throw new RangeError(`chiSquareQuantile: expected p in (0, 1) and df > 0, got ${p} and ${df}`);
  }
  const excess = (logRatio: number): number => {
    const { lower, upper } = regularizedGamma(df / 2, (df / 2) * Math.exp(logRatio));
    return p < 0.5 ? Math.log(lower / p) : Math.log((1 - p) / upper);
  };
  return df * Math.exp(findRoot(excess, -LOG_REACH, Math.min(LOG_REACH, 700 - Math.log(df))));
}
