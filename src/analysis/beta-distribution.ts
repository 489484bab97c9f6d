import { findRoot } from './find-root.ts';
import { regularizedBeta } from './special-functions.ts';

/** exp(-740) is the smallest number that a quantile can be. */
const LOG_ODDS_REACH = 740;

/**
 * Upper tail P(X > x) of the beta distribution, computed directly. R `pbeta(x, a, b, lower.tail = FALSE)`.
 *
 * @param x in [0, 1]
 * @param a first shape, positive
 * @param b second shape, positive
 * @throws RangeError outside the domain
 * @example betaSurvival(0.5, 2, 3) is 5 / 16 = 0.3125
 */
export function betaSurvival(x: number, a: number, b: number): number {
  return regularizedBeta({ x: 1 - x, y: x, a: b, b: a });
}

/**
 * Quantile of the beta distribution: the x with P(X <= x) = p, in (0, 1). R `qbeta(p, a, b)`.
 *
 * @param p in (0, 1)
 * @throws RangeError outside the domain
 * @example betaQuantile(0.975, 1, 2808) is 0.0013128516
 */
export function betaQuantile(p: number, a: number, b: number): number {
  return shares(betaLogOdds(p, a, b)).x;
}

/**
 * Log-odds log(x / (1 - x)) of the beta quantile: keeps its digits where x is next to 0 or to 1.
 *
 * Root of the logarithm of the smaller tail, relative error about 1e-12.
 */
export function betaLogOdds(p: number, a: number, b: number): number {
  if (!(p > 0 && p < 1 && a > 0 && b > 0 && a + b < Infinity)) {
    throw new RangeError(`beta quantile: expected p in (0, 1), a > 0, b > 0, got ${p}, ${a}, ${b}`);
  }
  const excess = (logOdds: number): number => {
    const { x, y } = shares(logOdds);
    return p < 0.5
      ? Math.log(regularizedBeta({ x, y, a, b }) / p)
      : Math.log((1 - p) / regularizedBeta({ x: y, y: x, a: b, b: a }));
  };
  return findRoot(excess, -LOG_ODDS_REACH, LOG_ODDS_REACH);
}

function shares(logOdds: number): { readonly x: number; readonly y: number } {
  const small = Math.exp(-Math.abs(logOdds)) / (1 + Math.exp(-Math.abs(logOdds)));
  return logOdds < 0 ? { x: small, y: 1 - small } : { x: 1 - small, y: small };
}
