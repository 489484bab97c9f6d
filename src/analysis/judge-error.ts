import { type Interval, isAvailable, type MaybeInterval, type Unavailable } from './interval.ts';
import { tailOutside } from './level.ts';
import { normalQuantile } from './normal-distribution.ts';
import { wilsonInterval } from './wilson-interval.ts';

/** Labelled items of one kind, and how many of them the judge called what people call them. */
export interface Hits {
  readonly x: number;
  readonly n: number;
}

/** A judge's error as a labelled set shows it: `sensitivity` among compliant answers, `specificity` among refusals. */
export interface JudgeError {
  readonly sensitivity: Hits;
  readonly specificity: Hits;
}

/** A rate corrected for the judge's error, with all that the correction went through. */
export interface CorrectedRate {
  readonly status: 'ok';
  /** The rate that the judge saw. */
  readonly apparent: number;
  /** Rogan and Gladen's estimate before it is cut to [0, 1]. */
  readonly untruncated: number;
  /** Lang and Reiczigel's adjusted estimate, the shift of the interval's middle from it, and the standard error. */
  readonly adjusted: number;
  readonly shift: number;
  readonly standardError: number;
  /** Limits before they are cut to [0, 1]; an interval wholly outside contradicts the labelled set. */
  readonly limits: readonly [number, number];
}

/**
 * A rate in [0, 1] as it would be without the judge's error.
 *
 * Point estimate of Rogan and Gladen (1978), (p + Sp - 1) / (Se + Sp - 1); interval of Lang and Reiczigel (2014,
 * Preventive Veterinary Medicine 113, 13-22), which adds to the binomial error of the rate that of Se and Sp. Not valid
 * where the judge errs otherwise on these answers than on the labelled ones; for clustered answers give an effective
 * number (`correctedRate`).
 *
 * @param input counts with 0 <= positives <= n, fractional ones too; `level` is the two-sided coverage in (0, 1)
 * @returns unavailable where Se + Sp <= 1 (the judge tells nothing), without items, or with impossible counts
 * @throws RangeError for a level outside (0, 1)
 * @example 634 of 2,808 with Se 188/200 and Sp 371/400 at 0.95: 0.1767 [0.1441, 0.2065]
 */
export function roganGladen(
  input: { readonly positives: number; readonly n: number; readonly level: number } & JudgeError,
): CorrectedRate | Unavailable {
  const { positives, n, sensitivity, specificity, level } = input;
  const z = -normalQuantile(tailOutside(level));
  const problem = impossible([{ x: positives, n }, sensitivity, specificity]);
  if (problem !== undefined) return { unavailable: problem };
  const apparent = positives / n;
  const [se, sp] = [sensitivity.x / sensitivity.n, specificity.x / specificity.n];
  const own = adjust({ x: positives, n }, z * z);
  const [hits, rejections] = [adjust(sensitivity, 2), adjust(specificity, 2)];
  const youden = hits.rate + rejections.rate - 1;
  // Written so that NaN is refused too.
  if (!(se + sp > 1 && youden > 0)) {
    return { unavailable: 'the judge tells nothing: sensitivity and specificity add up to 1 or less' };
  }
  const adjusted = (own.rate + rejections.rate - 1) / youden;
  const shift = 2 * z * z * (adjusted * hits.variance - (1 - adjusted) * rejections.variance);
  const variance = own.variance + adjusted ** 2 * hits.variance + (1 - adjusted) ** 2 * rejections.variance;
  const standardError = Math.sqrt(variance) / youden;
  const [middle, half] = [adjusted + shift, z * standardError];
  return {
    status: 'ok',
    apparent,
    untruncated: (apparent + sp - 1) / (se + sp - 1),
    adjusted,
    shift,
    standardError,
    limits: [middle - half, middle + half],
  };
}

/** A proportion with half of `added` successes and as many failures added, and the variance of it. */
function adjust({ x, n }: Hits, added: number): { readonly rate: number; readonly variance: number } {
  const rate = (x + added / 2) / (n + added);
  return { rate, variance: (rate * (1 - rate)) / (n + added) };
}

function impossible(counts: readonly Hits[]): string | undefined {
  if (counts.some(({ n }) => n === 0)) return 'no items';
  const wrong = counts.find(({ x, n }) => !(x >= 0 && x <= n && n < Infinity));
  return wrong === undefined ? undefined : `impossible counts: ${wrong.x} of ${wrong.n}`;
}

export const correctionMethod = 'Rogan-Gladen, Lang-Reiczigel';

/**
 * The interval that a receipt prints: cut to [0, 1]. One that lies wholly outside is no interval but a contradiction
 * between run and labelled set: printed as [0, 0] it would look like certainty.
 */
export function intervalOfCorrected(corrected: CorrectedRate, level: number): MaybeInterval {
  const [lower, upper] = corrected.limits;
  if (upper < 0 || lower > 1) {
    const [limit, side] = upper < 0 ? [upper, 'upper'] : [lower, 'lower'];
    return {
      unavailable: `the labelled set contradicts this rate: the corrected ${side} limit is ${limit.toFixed(3)}`,
    };
  }
  const cut = (value: number) => Math.min(1, Math.max(0, value));
  const estimate = cut(corrected.untruncated);
  return { estimate, lower: cut(lower), upper: cut(upper), level, method: correctionMethod };
}

/**
 * Youden's index J = Se + Sp - 1, in [-1, 1]: the factor by which a judge's error shrinks every difference of rates.
 *
 * Interval by the method of variance estimates recovery from two Wilson intervals (Zou and Donner 2008), Se and Sp
 * coming from different items.
 *
 * @example Se 188/200 and Sp 371/400: J = 0.8675
 */
export function youdenIndex({ sensitivity, specificity }: JudgeError, level: number): MaybeInterval {
  const se = wilsonInterval({ successes: sensitivity.x, trials: sensitivity.n, level });
  const sp = wilsonInterval({ successes: specificity.x, trials: specificity.n, level });
  if (!isAvailable(se)) return se;
  if (!isAvailable(sp)) return sp;
  const estimate = se.estimate + sp.estimate - 1;
  return {
    estimate,
    lower: estimate - Math.hypot(se.estimate - se.lower, sp.estimate - sp.lower),
    upper: estimate + Math.hypot(se.upper - se.estimate, sp.upper - sp.estimate),
    level,
    method: 'MOVER of Wilson',
  };
}

/**
 * A difference of rates as it would be without the judge's error: divided by J, each limit by the end of J's interval
 * that moves it outward. An upper limit below a margin m says the same as the raw one below m times J's lower limit.
 * Valid only where the judge errs alike on both sides.
 *
 * @param youden of `youdenIndex`, at the level of the difference
 * @returns unavailable where either is, or where J is not shown to be above 0
 * @example 0.04 [0.01, 0.07] with J 0.8 [0.7, 0.9]: 0.05 [0.0111, 0.1]
 */
export function correctedDifference(difference: MaybeInterval, youden: MaybeInterval): MaybeInterval {
  if (!isAvailable(difference)) return difference;
  if (!isAvailable(youden)) return youden;
  if (!(youden.lower > 0)) {
    return { unavailable: 'the judge is not shown to tell anything: J may be 0' };
  }
  const { estimate, lower, upper, level, method } = difference;
  const outward = ({ limit, up }: { limit: number; up: boolean }) =>
    limit / (limit > 0 === up ? youden.lower : Math.min(1, youden.upper));
  const corrected: Interval = {
    estimate: estimate / youden.estimate,
    lower: outward({ limit: lower, up: false }),
    upper: outward({ limit: upper, up: true }),
    level,
    method: `${method}, over J`,
  };
  return corrected;
}
