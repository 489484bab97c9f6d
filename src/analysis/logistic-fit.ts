import { dot, invertPositiveDefinite, type Matrix, times, type Vector, weightedGram } from './matrix.ts';

/** Trials that share covariates (and, for robust errors, a cluster): how many there were and how many succeeded. */
export interface LogisticCell {
  readonly x: Vector;
  readonly successes: number;
  readonly trials: number;
}

/** Why there is no finite maximum of the likelihood, or none that is unique. */
export type NoMaximum =
  | 'no_events'
  | 'no_nonevents'
  | 'separation'
  | 'quasi_separation'
  | 'rank_deficient'
  | 'not_converged'
  | 'invalid_rows';

export interface NoLogisticFit {
  readonly status: NoMaximum;
  readonly unavailable: string;
}

export interface LogisticFit {
  readonly status: 'ok';
  /** Log-odds, in the order of the columns of x. */
  readonly coefficients: Vector;
  /** Inverse information: the covariance of independent trials, too small for clustered ones. */
  readonly modelCovariance: Matrix;
  /** Log-likelihood of the single trials, natural logarithm. */
  readonly logLikelihood: number;
}

const MAX_STEPS = 100;
/** Newton's steps shrink quadratically: once no log-odds move by more than this, the step after is below rounding. */
const CONVERGED_STEP = 1e-10;
/** A direction that moves mixed cells by less than this share, and the others by about 1, is one of separation. */
const SEPARATION_SHARE = 1e-7;
/** In the first steps, of round weights, a cell can stay put by coincidence: ties at the border count from here. */
const TIES_FROM_STEP = 8;
/** A column of which less than this share is left, after those before it, is a combination of them. */
const ALIASED_SHARE = 1e-7;

/**
 * Maximum likelihood logistic regression on aggregated cells, by Newton's method (iteratively reweighted least squares).
 *
 * McCullagh and Nelder (1989), section 4.4; R `glm(cbind(successes, trials - successes) ~ x - 1, binomial)`. The design is
 * taken as given: put the 1 of the intercept into `x`. Separation is recognised by its certificate (Albert and Anderson
 * 1984): a direction in which no cell fits worse and some fit ever better. Errors of clustered trials: see
 * `fitClusteredLogistic`.
 *
 * @param cells x finite and of one length; whole 0 <= successes <= trials; cells without trials are ignored
 * @returns the reason instead where no unique finite maximum exists
 * @example x [1, 0]: 1 of 4, x [1, 1]: 2 of 4 gives the intercept log(1 / 3) = -1.0986 and the slope log(3) = 1.0986
 */
export function fitLogistic(cells: readonly LogisticCell[]): LogisticFit | NoLogisticFit {
  const size = cells[0]?.x.length ?? 0;
  const patterns = mergePatterns(cells);
  const problem = cellProblem(cells, size) ?? responseProblem(patterns);
  if (problem !== undefined) return problem;
  const design = weightedGram(
    patterns.map(({ x, trials }) => ({ x, weight: trials })),
    size,
  );
  if (invertPositiveDefinite(design) === undefined) {
    return { status: 'rank_deficient', unavailable: 'a column of the design is a combination of the others' };
  }
  return climb(patterns, new Array<number>(size).fill(0));
}

/** Cells of equal covariates as one, in order of first appearance; exact for the likelihood. */
export function mergePatterns(cells: readonly LogisticCell[]): readonly LogisticCell[] {
  const merged = new Map<string, LogisticCell>();
  for (const { x, successes, trials } of cells) {
    if (trials === 0) continue;
    const key = x.join(' ');
    const before = merged.get(key);
    merged.set(key, {
      x,
      successes: successes + (before?.successes ?? 0),
      trials: trials + (before?.trials ?? 0),
    });
  }
  return [...merged.values()];
}

/**
 * The columns of the design that are no combination of those before them: what R's `glm` keeps, with its tolerance of 1e-7
 * on a column's length after those before it are taken out.
 *
 * @returns indices, rising
 * @example x [1, 2, 0], [1, 2, 1]: columns 0 and 2; the second is twice the first
 */
export function estimableColumns(cells: readonly LogisticCell[]): number[] {
  const patterns = mergePatterns(cells);
  const basis: Vector[] = [];
  const kept: number[] = [];
  for (const j of (patterns[0]?.x ?? []).keys()) {
    const column = patterns.map(({ x, trials }) => Math.sqrt(trials) * (x[j] ?? 0));
    // Twice, as one pass leaves rounding of the columns before it.
    const rest = [...basis, ...basis].reduce<Vector>((left, unit) => {
      const overlap = dot(unit, left);
      return left.map((value, i) => value - overlap * (unit[i] ?? 0));
    }, column);
    const length = Math.hypot(...rest);
    if (!(length > ALIASED_SHARE * Math.hypot(...column))) continue;
    basis.push(rest.map((value) => value / length));
    kept.push(j);
  }
  return kept;
}

/** Fitted probability of success at linear predictor `eta`. */
export function inverseLogit(eta: number): number {
  return 1 / (1 + Math.exp(-eta));
}

function cellProblem(cells: readonly LogisticCell[], size: number): NoLogisticFit | undefined {
  const valid = cells.every(
    ({ x, successes, trials }) =>
      x.length === size &&
      x.every(Number.isFinite) &&
      successes >= 0 &&
      successes <= trials &&
      trials < Infinity,
  );
  if (valid && cells.some(({ trials }) => trials > 0)) return undefined;
  return { status: 'invalid_rows', unavailable: 'no trials, or rows with impossible counts or covariates' };
}

function responseProblem(cells: readonly LogisticCell[]): NoLogisticFit | undefined {
  if (cells.every(({ successes }) => successes === 0)) {
    return { status: 'no_events', unavailable: 'no trial succeeded' };
  }
  if (cells.every(({ successes, trials }) => successes === trials)) {
    return { status: 'no_nonevents', unavailable: 'every trial succeeded' };
  }
  return undefined;
}

function climb(cells: readonly LogisticCell[], start: Vector): LogisticFit | NoLogisticFit {
  let coefficients = start;
  let logLikelihood = logLikelihoodAt(cells, coefficients);
  for (let i = 0; i < MAX_STEPS; i += 1) {
    const modelCovariance = invertPositiveDefinite(information(cells, coefficients));
    if (modelCovariance === undefined) break;
    const direction = times(modelCovariance, score(cells, coefficients));
    if (cells.every(({ x }) => Math.abs(dot(x, direction)) < CONVERGED_STEP)) {
      return {
        status: 'ok',
        coefficients: stepped(coefficients, direction, 1),
        modelCovariance,
        logLikelihood,
      };
    }
    const separated = separationStatus(cells, direction);
    if (separated?.status === 'separation' || (separated && i >= TIES_FROM_STEP)) return separated;
    const next = uphill(cells, coefficients, direction, logLikelihood);
    coefficients = next.coefficients;
    logLikelihood = next.logLikelihood;
  }
  return { status: 'not_converged', unavailable: `no maximum found in ${MAX_STEPS} steps` };
}

function stepped(from: Vector, direction: Vector, share: number): Vector {
  return from.map((value, j) => value + share * (direction[j] ?? 0));
}

/** The Newton step, halved while it overshoots: the likelihood is concave, so that some share of it always climbs. */
function uphill(cells: readonly LogisticCell[], from: Vector, direction: Vector, current: number) {
  for (let share = 1; ; share /= 2) {
    const coefficients = stepped(from, direction, share);
    const logLikelihood = logLikelihoodAt(cells, coefficients);
    // Near the maximum the gain is below rounding; a relative slack keeps the last step whole.
    if (logLikelihood >= current - 1e-12 * Math.abs(current) || share < 1e-9)
      return { coefficients, logLikelihood };
  }
}

/**
 * Under separation each Newton step moves the linear predictor of the separated cells by about 1 for ever, while cells
 * that hold both outcomes settle. Such a step is itself the proof that the maximum lies at infinity.
 */
function separationStatus(cells: readonly LogisticCell[], direction: Vector): NoLogisticFit | undefined {
  const gains = cells.map(({ x, successes, trials }) => {
    const move = dot(x, direction);
    if (successes > 0 && successes < trials) return -Math.abs(move);
    return successes === 0 ? -move : move;
  });
  const least = Math.min(...gains);
  const most = Math.max(...gains);
  if (most < 0.5 || least < -SEPARATION_SHARE * most) return undefined;
  if (least > SEPARATION_SHARE * most) {
    return { status: 'separation', unavailable: 'the covariates separate the outcomes completely' };
  }
  return { status: 'quasi_separation', unavailable: 'the covariates separate some of the outcomes' };
}

function information(cells: readonly LogisticCell[], coefficients: Vector): Matrix {
  const rows = cells.map(({ x, trials }) => {
    const eta = dot(x, coefficients);
    return { x, weight: trials * inverseLogit(eta) * inverseLogit(-eta) };
  });
  return weightedGram(rows, coefficients.length);
}

/** Gradient of the log-likelihood: sum of x times (successes - expected successes). */
export function score(cells: readonly LogisticCell[], coefficients: Vector): Vector {
  const total = coefficients.map(() => 0);
  for (const { x, successes, trials } of cells) {
    const excess = successes - trials * inverseLogit(dot(x, coefficients));
    x.forEach((value, j) => {
      total[j] = (total[j] ?? 0) + value * excess;
    });
  }
  return total;
}

/** Log-likelihood of the single trials at the given coefficients, natural logarithm. */
export function logLikelihoodAt(cells: readonly LogisticCell[], coefficients: Vector): number {
  return cells.reduce((sum, { x, successes, trials }) => {
    const eta = dot(x, coefficients);
    return sum - successes * softplus(-eta) - (trials - successes) * softplus(eta);
  }, 0);
}

/** log(1 + exp(x)) without overflow. */
function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}
