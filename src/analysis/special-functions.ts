const LOG_SQRT_TWO_PI = 0.9189385332046727;
/** From here Stirling's correction with the terms below is exact to double precision. */
export const STIRLING_FROM = 10;
const STIRLING_TERMS = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156];
/** Below it 1 - erf loses at most two digits; above it the continued fraction is short. */
const ERFC_SPLIT = 1.5;
const MAX_FRACTION_STEPS = 100_000;

/**
 * Natural logarithm of the gamma function, absolute error about 1e-15 of the largest term.
 *
 * Stirling's series (Abramowitz and Stegun 6.1.41) from 10, the recurrence below it.
 *
 * @param x positive and finite
 * @throws RangeError outside the domain
 * @example logGamma(5) is log(24) = 3.1780538303479458
 */
export function logGamma(x: number): number {
  if (!(x > 0 && x < Infinity)) throw new RangeError(`logGamma: expected x > 0, got ${x}`);
  let shifted = x;
  let product = 1;
  for (; shifted < STIRLING_FROM; shifted += 1) product *= shifted;
  return (
    (shifted - 0.5) * Math.log(shifted) -
    shifted +
    LOG_SQRT_TWO_PI +
    stirlingCorrection(shifted) -
    Math.log(product)
  );
}

/** logGamma(x) - ((x - 1/2) log(x) - x + log(2 pi) / 2), for x from `STIRLING_FROM`. */
export function stirlingCorrection(x: number): number {
  const inverseSquare = 1 / (x * x);
  return STIRLING_TERMS.reduceRight((sum, term) => sum * inverseSquare + term, 0) / x;
}

/**
 * Complementary error function, relative error below 1e-14 while the result is a normal number (x up to 26.5).
 *
 * A series of positive terms (Abramowitz and Stegun 7.1.6) near 0, the continued fraction 7.1.14 in the upper tail,
 * so that a small tail is never formed as 1 - erf.
 *
 * @param x any number but NaN
 * @throws RangeError for NaN
 * @example erfc(1) is 0.15729920705028513
 */
export function erfc(x: number): number {
  if (Number.isNaN(x)) throw new RangeError('erfc: expected a number, got NaN');
  if (x < 0) return 2 - erfc(-x);
  if (x < ERFC_SPLIT) return 1 - erfSeries(x);
  if (x > 30) return 0;
  let fraction = x;
  for (let k = Math.ceil(10 + 200 / (x * x)); k > 0; k -= 1) fraction = x + k / 2 / fraction;
  return expMinusSquare(x) / (fraction * Math.sqrt(Math.PI));
}

function erfSeries(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; term > sum * 1e-17; n += 1) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return ((2 * sum) / Math.sqrt(Math.PI)) * Math.exp(-x * x);
}

/** exp(-x^2) in two factors: rounding x^2 once would cost x^2 units in the last place. */
function expMinusSquare(x: number): number {
  const head = Math.trunc(x * 16) / 16;
  return Math.exp(-head * head) * Math.exp((head - x) * (head + x));
}

/**
 * Regularized incomplete beta function I_x(a, b), relative error about 1e-12 also in the lower tail.
 *
 * Continued fraction (DiDonato and Morris 1992, eq. 9; Abramowitz and Stegun 26.5.8) by Lentz's method, with the
 * symmetry I_x(a, b) = 1 - I_y(b, a) where it converges slowly. `x` and `y` = 1 - x are both given, so that the one
 * near 0 keeps its digits.
 *
 * @param input x and y in [0, 1] with x + y = 1; a and b positive, up to about 1e9
 * @throws RangeError outside the domain
 * @example regularizedBeta({ x: 0.5, y: 0.5, a: 2, b: 3 }) is 11 / 16 = 0.6875
 */
export function regularizedBeta(input: BetaInput): number {
  const { x, y, a, b } = input;
  if (!(x >= 0 && y >= 0 && Math.abs(x + y - 1) < 1e-12 && a > 0 && b > 0)) {
    throw new RangeError(`regularizedBeta: expected x + y = 1, a > 0, b > 0, got ${x}, ${y}, ${a}, ${b}`);
  }
  if (x === 0 || y === 0) return x === 0 ? 0 : 1;
  return x <= (a + 1) / (a + b + 2) ? betaTail(input) : 1 - betaTail({ x: y, y: x, a: b, b: a });
}

export interface BetaInput {
  readonly x: number;
  readonly y: number;
  readonly a: number;
  readonly b: number;
}

function betaTail({ x, y, a, b }: BetaInput): number {
  const logX = x > 0.5 ? Math.log1p(-y) : Math.log(x);
  const logY = y > 0.5 ? Math.log1p(-x) : Math.log(y);
  const front = Math.exp(a * logX + b * logY - logBeta(a, b)) / a;
  return front / betaFraction({ x, y, a, b });
}

function logBeta(a: number, b: number): number {
  const large = Math.max(a, b);
  const small = Math.min(a, b);
  if (large < STIRLING_FROM) return logGamma(a) + logGamma(b) - logGamma(a + b);
  // logGamma(large + small) - logGamma(large) term by term: subtracting the two loses six digits at 1e6.
  const rise =
    (large + small - 0.5) * Math.log1p(small / large) +
    small * (Math.log(large) - 1) +
    stirlingCorrection(large + small) -
    stirlingCorrection(large);
  return logGamma(small) - rise;
}

/** 1 + d1/(1 + d2/(1 + ...)) of the incomplete beta function, by the modified Lentz method. */
function betaFraction({ x, a, b }: BetaInput): number {
  const tiny = 1e-300;
  let value = 1;
  let c = 1;
  let d = 0;
  for (let step = 1; step <= MAX_FRACTION_STEPS; step += 1) {
    const m = Math.floor(step / 2);
    const even = step % 2 === 0;
    const top = even ? m * (b - m) : -(a + m) * (a + b + m);
    const term = (top * x) / ((a + step - 1) * (a + step));
    d = 1 / (1 + term * d || tiny);
    c = 1 + term / c || tiny;
    value *= c * d;
    if (even && Math.abs(c * d - 1) < 1e-15) return value;
  }
  throw new RangeError(`regularizedBeta: no convergence at x ${x}, a ${a}, b ${b}`);
}
