import { chiSquareQuantile, chiSquareSurvival } from './chi-square-distribution.ts';
import { findRoot } from './find-root.ts';
import type { Interval, Unavailable } from './interval.ts';
import { tailOutside } from './level.ts';
import { inverseLogit, type LogisticCell, logLikelihoodAt, mergePatterns } from './logistic-fit.ts';
import {
  dot,
  invertPositiveDefinite,
  invertWithDeterminant,
  type Matrix,
  times,
  type Vector,
  weightedGram,
} from './matrix.ts';

/** Penalised maximum: finite for every response, separated ones included. */
export interface FirthFit {
  readonly cells: readonly LogisticCell[];
  /** Log-odds, in the order of the columns of x. */
  readonly coefficients: Vector;
  /** Inverse information at the estimate: model-based, too small for clustered trials. */
  readonly modelCovariance: Matrix;
  /** Log-likelihood plus half the logarithm of the information's determinant. */
  readonly penalizedLogLikelihood: number;
}

/** A penalised likelihood-ratio test: model-based, not cluster-robust. */
export interface FirthTest {
  readonly chiSquare: number;
  readonly df: number;
  readonly pValue: number;
}

/** What every figure of this file is, in the words that a receipt prints. */
export const firthMethod = 'Firth, profile penalised likelihood; model-based, not cluster-robust';

const MAX_STEPS = 2000;
/** Scoring converges linearly here: the error left is a few times the last step. */
const CONVERGED_STEP = 1e-12;
/** No step moves a log-odds by more: far out the information is nearly singular and a step would leap. */
const LONGEST_STEP = 5;
const MAX_DOUBLINGS = 60;
/** Two log-likelihoods that differ by less, relative to their size, are one number. */
const ROUNDING = 1e-13;

/**
 * Logistic regression with Jeffreys' penalty, for data in which the plain maximum lies at infinity.
 *
 * Firth (1993); Heinze and Schemper (2002). R `brglm2::brglmFit(type = 'AS_mean')`, `logistf`. Takes trials as
 * independent: it supports no effect label on its own.
 *
 * @param cells as in `fitLogistic`: x finite and of one length, whole 0 <= successes <= trials
 * @returns unavailable without trials, or where a column of the design is a combination of the others
 * @example no success in 16 trials of a balanced 2 x 2 design of log2(33): intercept -2.4567357728, slopes 0
 */
export function fitFirth(cells: readonly LogisticCell[]): FirthFit | Unavailable {
  const patterns = mergePatterns(cells);
  const size = patterns[0]?.x.length ?? 0;
  const valid = patterns.every(
    ({ x, successes, trials }) =>
      x.length === size &&
      x.every(Number.isFinite) &&
      successes >= 0 &&
      successes <= trials &&
      trials < Infinity,
  );
  if (size === 0 || !valid) return { unavailable: 'no trials, or rows with impossible counts or covariates' };
  return climb(patterns, new Array<number>(size).fill(0), []);
}

/**
 * Penalised likelihood-ratio test that the given coefficients are all 0, the penalty being that of the whole model.
 *
 * @param indices of the coefficients, each once
 * @example reference case quasi-separation, beta1: 3.081 with 1 df, p 0.0792
 */
export function firthTest(fit: FirthFit, indices: readonly number[]): FirthTest | Unavailable {
  const start = fit.coefficients.map((value, j) => (indices.includes(j) ? 0 : value));
  const under = climb(fit.cells, start, indices);
  if ('unavailable' in under) return under;
  const gain = fit.penalizedLogLikelihood - under.penalizedLogLikelihood;
  const chiSquare = gain > ROUNDING * Math.max(1, Math.abs(fit.penalizedLogLikelihood)) ? 2 * gain : 0;
  return { chiSquare, df: indices.length, pValue: chiSquareSurvival(chiSquare, indices.length) };
}

/**
 * Profile penalised-likelihood interval of one coefficient, in log-odds.
 *
 * Heinze and Schemper (2002): the values that the test of `firthTest` does not reject.
 *
 * @param input `level` two-sided coverage in (0, 1)
 * @throws RangeError for a level outside (0, 1)
 * @example reference case complete-separation, beta1 at 0.95: 0.974 [0.429, 1.918]
 */
export function firthInterval(input: {
  readonly fit: FirthFit;
  readonly index: number;
  readonly level: number;
}): Interval | Unavailable {
  const { fit, index, level } = input;
  const allowed = chiSquareQuantile(1 - 2 * tailOutside(level), 1);
  const estimate = fit.coefficients[index] ?? 0;
  let start = fit.coefficients;
  // The last profile is the start of the next: neighbours lie close.
  const excess = (value: number): number => {
    const profile = climb(
      fit.cells,
      start.map((old, j) => (j === index ? value : old)),
      [index],
    );
    if ('unavailable' in profile) return Number.NaN;
    start = profile.coefficients;
    return 2 * (fit.penalizedLogLikelihood - profile.penalizedLogLikelihood) - allowed;
  };
  const reach = Math.sqrt(allowed * (fit.modelCovariance[index]?.[index] ?? 0));
  const lower = limit(excess, estimate, -reach);
  start = fit.coefficients;
  const upper = limit(excess, estimate, reach);
  if (lower === undefined || upper === undefined) return { unavailable: 'the profile has no limit' };
  return { estimate, lower, upper, level, method: firthMethod };
}

function limit(excess: (value: number) => number, from: number, reach: number): number | undefined {
  for (let far = reach, near = 0, i = 0; i < MAX_DOUBLINGS; i += 1) {
    const at = excess(from + far);
    if (Number.isNaN(at)) return undefined;
    if (at > 0) return from + findRoot((share) => excess(from + share), near, far);
    [near, far] = [far, 2 * far];
  }
  return undefined;
}

/** Scoring steps on the penalised likelihood from `start`, the coefficients `fixed` staying where they are. */
function climb(
  cells: readonly LogisticCell[],
  start: Vector,
  fixed: readonly number[],
): FirthFit | Unavailable {
  const free = start.map((_, j) => j).filter((j) => !fixed.includes(j));
  let at = penalized(cells, start);
  for (let i = 0; i < MAX_STEPS && at !== undefined; i += 1) {
    const step = scoringStep(at, free);
    if (step === undefined) break;
    const longest = Math.max(0, ...cells.map(({ x }) => Math.abs(dot(x, step))));
    if (longest < CONVERGED_STEP) return at;
    const next = uphill(at, step, Math.min(1, LONGEST_STEP / longest));
    // No share of the step climbs: what is left is rounding.
    if (next === undefined) return longest < 1e-7 ? at : { unavailable: 'no penalised maximum found' };
    at = next;
  }
  if (at === undefined) return { unavailable: 'a column of the design is a combination of the others' };
  return { unavailable: `no penalised maximum found in ${MAX_STEPS} steps` };
}

function penalized(cells: readonly LogisticCell[], coefficients: Vector): FirthFit | undefined {
  const weighted = cells.map(({ x, trials }) => {
    const eta = dot(x, coefficients);
    return { x, weight: trials * inverseLogit(eta) * inverseLogit(-eta) };
  });
  const information = invertWithDeterminant(weightedGram(weighted, coefficients.length));
  if (information === undefined) return undefined;
  const penalizedLogLikelihood = logLikelihoodAt(cells, coefficients) + information.logDeterminant / 2;
  return { cells, coefficients, modelCovariance: information.inverse, penalizedLogLikelihood };
}

/** Inverse information of the free coefficients times their penalised score (Firth 1993, eq. 6 in leverages). */
function scoringStep(
  { cells, coefficients, modelCovariance }: FirthFit,
  free: readonly number[],
): Vector | undefined {
  const score = coefficients.map(() => 0);
  const rows: { readonly x: Vector; readonly weight: number }[] = [];
  for (const { x, successes, trials } of cells) {
    const rate = inverseLogit(dot(x, coefficients));
    const weight = trials * rate * inverseLogit(-dot(x, coefficients));
    const leverage = weight * dot(x, times(modelCovariance, x));
    const pull = successes - trials * rate + leverage * (0.5 - rate);
    for (const [j, value] of x.entries()) score[j] = (score[j] ?? 0) + value * pull;
    rows.push({ x: free.map((j) => x[j] ?? 0), weight });
  }
  const inverse =
    free.length === coefficients.length
      ? modelCovariance
      : invertPositiveDefinite(weightedGram(rows, free.length));
  if (inverse === undefined) return undefined;
  const moves = times(
    inverse,
    free.map((j) => score[j] ?? 0),
  );
  const step = coefficients.map(() => 0);
  for (const [place, j] of free.entries()) step[j] = moves[place] ?? 0;
  return step;
}

function uphill(at: FirthFit, step: Vector, longest: number): FirthFit | undefined {
  for (let share = longest; share > 1e-6; share /= 2) {
    const next = penalized(
      at.cells,
      at.coefficients.map((value, j) => value + share * (step[j] ?? 0)),
    );
    // Near the maximum the gain is below rounding; a slack keeps the last steps whole.
    const slack = ROUNDING * Math.abs(at.penalizedLogLikelihood);
    if (next !== undefined && next.penalizedLogLikelihood >= at.penalizedLogLikelihood - slack) return next;
  }
  return undefined;
}
