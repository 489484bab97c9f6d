import { chiSquareQuantile } from './chi-square-distribution.ts';
import { findRoot } from './find-root.ts';
import { climbPenalized, type FirthFit } from './firth-logistic.ts';
import type { Interval, Unavailable } from './interval.ts';
import { tailOutside } from './level.ts';
import type { Vector } from './matrix.ts';

/** What every figure of Firth's model is, in the words that a receipt prints. */
export const firthMethod = 'Firth, profile penalised likelihood; model-based, not cluster-robust';

/** A limit is looked for in steps of this share of the distance that a normal likelihood would have. */
const STEP_SHARE = 0.25;
const MAX_PROFILE_STEPS = 400;

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
  const reach = Math.sqrt(allowed * (fit.modelCovariance[index]?.[index] ?? 0)) * STEP_SHARE;
  const lower = profileLimit({ fit, index, allowed, step: -reach });
  const upper = profileLimit({ fit, index, allowed, step: reach });
  if (lower === undefined || upper === undefined) return { unavailable: 'the profile has no limit' };
  return { estimate: fit.coefficients[index] ?? 0, lower, upper, level, method: firthMethod };
}

/** Where twice the loss of the profile reaches `allowed`, looked for outward in steps. */
function profileLimit(input: {
  readonly fit: FirthFit;
  readonly index: number;
  readonly allowed: number;
  readonly step: number;
}): number | undefined {
  const { fit, index, allowed, step } = input;
  const from = fit.coefficients[index] ?? 0;
  let last = fit;
  let lost = false;
  // The search begins at points that were looked at: what stands there must not change with the path to it.
  const seen = new Map<number, number>();
  const excess = (away: number): number => {
    const before = seen.get(away);
    if (before !== undefined) return before;
    const held = fit.coefficients.map((value, j) => (j === index ? from + away : value));
    const plain = climbPenalized(fit.cells, held, [index]);
    const next = alongProfile(last, index, from + away);
    const profile = 'unavailable' in plain ? climbPenalized(fit.cells, next, [index]) : plain;
    // A profile that is not found must not pass for one that is rejected.
    if ('unavailable' in profile) lost = true;
    else last = profile;
    const value = lost ? Infinity : 2 * (fit.penalizedLogLikelihood - last.penalizedLogLikelihood) - allowed;
    seen.set(away, value);
    return value;
  };
  seen.set(0, -allowed);
  for (let i = 1; i <= MAX_PROFILE_STEPS; i += 1) {
    if (excess(i * step) <= 0) continue;
    const root = lost ? 0 : findRoot(excess, (i - 1) * step, i * step);
    return lost ? undefined : from + root;
  }
  return undefined;
}

/** The coefficients of a profile moved to another value of one of them: the others follow its tangent. */
function alongProfile({ coefficients, modelCovariance }: FirthFit, index: number, value: number): Vector {
  const move = (value - (coefficients[index] ?? 0)) / (modelCovariance[index]?.[index] ?? 0);
  return coefficients.map((old, j) =>
    j === index ? value : old + move * (modelCovariance[index]?.[j] ?? 0),
  );
}
