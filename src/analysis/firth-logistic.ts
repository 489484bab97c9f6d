import { chiSquareSurvival } from './chi-square-distribution.ts';
import type { Unavailable } from './interval.ts';
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

const MAX_STEPS = 2000;
/** Log-odds that a scoring step moves at most where Newton's steps can be trusted. */
const NEAR = 1e-2;
const CONVERGED_NEWTON = 1e-6;
const CONVERGED_SCORING = 1e-12;
/** Width of the differences that give the curvature, in standard errors. */
const DIFFERENCE = 1e-4;
/** No step moves a log-odds by more: far out the information is nearly singular and a step would leap. */
const LONGEST_STEP = 5;
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
  return climbPenalized(patterns, new Array<number>(size).fill(0), []);
}

/**
 * Penalised likelihood-ratio test that the given coefficients are all 0, the penalty being that of the whole model.
 *
 * @param indices of the coefficients, each once
 * @example reference case quasi-separation, beta1: 3.081 with 1 df, p 0.0792
 */
export function firthTest(fit: FirthFit, indices: readonly number[]): FirthTest | Unavailable {
  const start = fit.coefficients.map((value, j) => (indices.includes(j) ? 0 : value));
  const under = climbPenalized(fit.cells, start, indices);
  if ('unavailable' in under) return under;
  const gain = fit.penalizedLogLikelihood - under.penalizedLogLikelihood;
  const chiSquare = gain > ROUNDING * Math.max(1, Math.abs(fit.penalizedLogLikelihood)) ? 2 * gain : 0;
  return { chiSquare, df: indices.length, pValue: chiSquareSurvival(chiSquare, indices.length) };
}

/**
 * Scoring steps on the penalised likelihood from `start`, the coefficients `fixed` staying where they are; near the maximum
 * Newton's, which end sooner. Always scoring first: with a coefficient held far out there can be several maxima, and this
 * finds the one that other software's scoring finds.
 */
export function climbPenalized(
  cells: readonly LogisticCell[],
  start: Vector,
  fixed: readonly number[],
): FirthFit | Unavailable {
  const free = start.map((_, j) => j).filter((j) => !fixed.includes(j));
  let at = penalized(cells, start);
  let last = Infinity;
  if (at === undefined) return { unavailable: 'a column of the design is a combination of the others' };
  for (let i = 0; i < MAX_STEPS; i += 1) {
    const scoring = scoringStep(at, free);
    if (scoring === undefined) break;
    const newton = longestMove(cells, scoring) < NEAR ? newtonStep(at, free) : undefined;
    const step = newton ?? scoring;
    const longest = longestMove(cells, step);
    const next = uphill(at, step, Math.min(1, LONGEST_STEP / longest));
    // Newton's steps shrink quadratically, after so short a one only rounding is left; scoring's shrink until they are it.
    if (longest < (newton === undefined ? CONVERGED_SCORING : CONVERGED_NEWTON)) return next ?? at;
    if (longest < CONVERGED_NEWTON && longest >= last) return at;
    if (next === undefined) break;
    [at, last] = [next, longest];
  }
  return { unavailable: 'no penalised maximum found' };
}

function longestMove(cells: readonly LogisticCell[], step: Vector): number {
  return Math.max(0, ...cells.map(({ x }) => Math.abs(dot(x, step))));
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

/** Gradient of the penalised log-likelihood: Firth's modified score, with the leverages of the cells. */
function penalizedScore({ cells, coefficients, modelCovariance }: FirthFit): Vector {
  const total = coefficients.map(() => 0);
  for (const { x, successes, trials } of cells) {
    const eta = dot(x, coefficients);
    const rate = inverseLogit(eta);
    const leverage = trials * rate * inverseLogit(-eta) * dot(x, times(modelCovariance, x));
    const pull = successes - trials * rate + leverage * (0.5 - rate);
    for (const [j, value] of x.entries()) total[j] = (total[j] ?? 0) + value * pull;
  }
  return total;
}

/** With the curvature of the penalised likelihood itself, from differences of its gradient. */
function newtonStep(at: FirthFit, free: readonly number[]): Vector | undefined {
  const curvature: Vector[] = [];
  for (const j of free) {
    const width = DIFFERENCE * Math.sqrt(at.modelCovariance[j]?.[j] ?? 0);
    const shifted = [width, -width].map((by) =>
      penalized(
        at.cells,
        at.coefficients.map((value, k) => (k === j ? value + by : value)),
      ),
    );
    const [above, below] = shifted.map((fit) => fit && penalizedScore(fit));
    if (above === undefined || below === undefined) return undefined;
    curvature.push(free.map((k) => ((below[k] ?? 0) - (above[k] ?? 0)) / (2 * width)));
  }
  const symmetric = curvature.map((row, j) => row.map((value, k) => (value + (curvature[k]?.[j] ?? 0)) / 2));
  return stepAlong(at, free, invertPositiveDefinite(symmetric));
}

/** With the information in place of the curvature: always uphill, where the likelihood is not concave too. */
function scoringStep(at: FirthFit, free: readonly number[]): Vector | undefined {
  const rows = at.cells.map(({ x, trials }) => {
    const eta = dot(x, at.coefficients);
    return { x: free.map((j) => x[j] ?? 0), weight: trials * inverseLogit(eta) * inverseLogit(-eta) };
  });
  return stepAlong(at, free, invertPositiveDefinite(weightedGram(rows, free.length)));
}

function stepAlong(at: FirthFit, free: readonly number[], inverse: Matrix | undefined): Vector | undefined {
  if (inverse === undefined) return undefined;
  const score = penalizedScore(at);
  const moves = times(
    inverse,
    free.map((j) => score[j] ?? 0),
  );
  return at.coefficients.map((_, j) => moves[free.indexOf(j)] ?? 0);
}

function uphill(at: FirthFit, step: Vector, longest: number): FirthFit | undefined {
  const slack = ROUNDING * Math.max(1, Math.abs(at.penalizedLogLikelihood));
  for (let share = longest; share > 1e-9; share /= 2) {
    const next = penalized(
      at.cells,
      at.coefficients.map((value, j) => value + share * (step[j] ?? 0)),
    );
    // Near the maximum the gain is below rounding; a slack keeps the last step whole.
    if (next !== undefined && next.penalizedLogLikelihood >= at.penalizedLogLikelihood - slack) return next;
  }
  return undefined;
}
