import { betaLogOdds } from './beta-distribution.ts';
import { regularizedBeta } from './special-functions.ts';

/**
 * Upper tail P(F > f) of Fisher's F distribution, computed directly. R `pf(f, df1, df2, lower.tail = FALSE)`.
 *
 * Incomplete beta function (Abramowitz and Stegun 26.6.2).
 *
 * @param f not negative
 * @param df1 degrees of freedom of the numerator, positive
 * @param df2 degrees of freedom of the denominator, positive
 * @throws RangeError outside the domain
 * @example fSurvival(4.964602743730711, 1, 10) is 0.05
 */
export function fSurvival(f: number, df1: number, df2: number): number {
  if (!(f >= 0 && f < Infinity && df1 > 0 && df2 > 0 && df1 + df2 < Infinity)) {
    throw new RangeError(`fSurvival: expected f >= 0 and positive df, got ${f}, ${df1}, ${df2}`);
  }
  const top = df1 * f;
  return regularizedBeta({ x: df2 / (df2 + top), y: top / (df2 + top), a: df2 / 2, b: df1 / 2 });
}

/**
 * Quantile of Fisher's F distribution: the f with P(F <= f) = p. R `qf(p, df1, df2)`.
 *
 * @param p in (0, 1)
 * @throws RangeError outside the domain
 * @example fQuantile(0.95, 1, 10) is 4.964602743730711, the square of the t quantile 0.975 with 10
 */
export function fQuantile(p: number, df1: number, df2: number): number {
  return (df2 / df1) * Math.exp(betaLogOdds(p, df1 / 2, df2 / 2));
}
