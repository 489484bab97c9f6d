import { logGamma, STIRLING_FROM, stirlingCorrection } from './special-functions.ts';

const MAX_STEPS = 1_000_000;

/** P(a, x) and Q(a, x) = 1 - P(a, x). */
export interface GammaTails {
  readonly lower: number;
  readonly upper: number;
}

/**
 * Regularized incomplete gamma functions, each exact to about 1e-13 where it is the smaller of the two, so that a small
 * tail is never the result of a subtraction.
 *
 * Series (Abramowitz and Stegun 6.5.29) below a + 1, continued fraction 6.5.31 above it. R `pgamma(x, a)`.
 *
 * @param a shape, positive, up to about 1e9
 * @param x not negative, finite
 * @throws RangeError outside the domain
 * @example regularizedGamma(1, 2).upper is exp(-2) = 0.1353352832366127
 */
export function regularizedGamma(a: number, x: number): GammaTails {
  if (!(a > 0 && a < Infinity && x >= 0 && x < Infinity)) {
    throw new RangeError(`regularizedGamma: expected a > 0 and x >= 0, got ${a} and ${x}`);
  }
  if (x === 0) return { lower: 0, upper: 1 };
  if (x < a + 1) {
    const lower = Math.min(1, (gammaPower(a, x) / a) * lowerSeries(a, x));
    return { lower, upper: 1 - lower };
  }
  const upper = Math.min(1, gammaPower(a, x) * upperFraction(a, x));
  return { lower: 1 - upper, upper };
}

/** x^a exp(-x) / Gamma(a); for a large shape from the distance of x to a, as the three factors would overflow. */
function gammaPower(a: number, x: number): number {
  if (a < STIRLING_FROM) return Math.exp(a * Math.log(x) - x - logGamma(a));
  const excess = (x - a) / a;
  const logRatio = Math.abs(excess) < 0.5 ? Math.log1p(excess) : Math.log(x / a);
  return Math.sqrt(a / (2 * Math.PI)) * Math.exp(a * (logRatio - excess) - stirlingCorrection(a));
}

/** 1 + x / (a + 1) + x^2 / ((a + 1)(a + 2)) + ... */
function lowerSeries(a: number, x: number): number {
  let term = 1;
  let sum = 1;
  for (let n = 1; n <= MAX_STEPS; n += 1) {
    term *= x / (a + n);
    sum += term;
    if (term < sum * 1e-17) return sum;
  }
  throw new RangeError(`regularizedGamma: no convergence at a ${a}, x ${x}`);
}

/** 1 / (x + 1 - a - (1 - a) / (x + 3 - a - ...)), by the modified Lentz method. */
function upperFraction(a: number, x: number): number {
  const tiny = 1e-300;
  let b = x + 1 - a;
  let c = 1 / tiny;
  let d = 1 / b;
  let value = d;
  for (let n = 1; n <= MAX_STEPS; n += 1) {
    b += 2;
    d = 1 / (-n * (n - a) * d + b || tiny);
    c = b - (n * (n - a)) / c || tiny;
    value *= c * d;
    if (Math.abs(c * d - 1) < 1e-15) return value;
  }
  throw new RangeError(`regularizedGamma: no convergence at a ${a}, x ${x}`);
}
