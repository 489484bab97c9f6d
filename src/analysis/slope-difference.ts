import { benignRows, type CellCounts, distinct, doublings, indicators } from './cell-counts.ts';
import { type ClusteredLogistic, type LogisticRow, waldContrast, waldOf } from './clustered-logistic.ts';
import type { Interval, MaybeInterval, Unavailable } from './interval.ts';
import { tailOutside } from './level.ts';
import { mixedClusters } from './mixed-clusters.ts';
import { fitRobustLogistic, withClustersOf } from './robust-logistic.ts';
import { tQuantile } from './t-distribution.ts';

/** A coefficient with its standard error and degrees of freedom. */
export interface Slope {
  readonly estimate: number;
  readonly standardError: number;
  readonly df: number;
}

/**
 * How much more benign demonstrations do in the first run than in the second, in log-odds per doubling.
 *
 * A change of label between versions or training stages is tested on this difference, never by comparing two labels
 * (Gelman and Stern 2006). `paired` runs answered the same blocks: the interaction of run and log2(1 + benign) in one model
 * of both, each block one cluster, logit p = run x factor(harmful) + b2 x + d (first run) x. Others share nothing: Welch's
 * t on the coefficients of both.
 *
 * A difference can be borne no better than the run in which fewer blocks hold both outcomes bears its own coefficient.
 *
 * @param input `level` two-sided coverage in (0, 1)
 * @returns unavailable where either run's coefficient is, or with fewer than 2 clusters
 * @throws RangeError for a level outside (0, 1)
 */
export function slopeDifference(input: {
  readonly first: readonly CellCounts[];
  readonly second: readonly CellCounts[];
  readonly paired: boolean;
  readonly level: number;
}): MaybeInterval {
  const { first, second, paired, level } = input;
  if (!tellsBenign(first) || !tellsBenign(second))
    return { unavailable: 'the number of benign demonstrations does not vary in both runs' };
  if (paired) return interaction(first, second, level);
  const [one, two] = [slopeOf(first), slopeOf(second)];
  if ('unavailable' in one) return one;
  if ('unavailable' in two) return two;
  return welchDifference({ first: one, second: two, level });
}

function interaction(
  first: readonly CellCounts[],
  second: readonly CellCounts[],
  level: number,
): MaybeInterval {
  const rows = interactionRows(first, second);
  const joint = fitRobustLogistic(rows);
  const fewer = Math.min(mixedClusters(first), mixedClusters(second));
  const fit = joint.status === 'ok' ? withClustersOf(joint, fewer) : joint;
  if (fit.status !== 'ok') return { unavailable: fit.unavailable };
  const wald = waldContrast({ fit, contrast: lastOf(fit), level });
  if (wald.status !== 'ok') return { unavailable: wald.unavailable };
  return { ...wald.interval, method: `difference of b2, ${wald.interval.method}` };
}

function interactionRows(first: readonly CellCounts[], second: readonly CellCounts[]): LogisticRow[] {
  const levels = distinct([...first, ...second].map(({ harmful }) => harmful));
  const none = levels.map(() => 0);
  const rowsOf = (counts: readonly CellCounts[], isFirst: boolean) =>
    counts.map(({ benign, harmful, ...row }) => {
      const own = indicators(levels, harmful);
      const x = doublings(benign);
      return { ...row, x: isFirst ? [...own, ...none, x, x] : [...none, ...own, x, 0] };
    });
  const rows = [...rowsOf(first, true), ...rowsOf(second, false)];
  // A harmful count of one run only has no column in the other.
  const used = (rows[0]?.x ?? []).map((_, j) => rows.some(({ x }) => x[j] !== 0));
  return rows.map((row) => ({ ...row, x: row.x.filter((_, j) => used[j]) }));
}

/** The coefficient of log2(1 + benign) of one run. */
function slopeOf(counts: readonly CellCounts[]): Slope | Unavailable {
  const fit = fitRobustLogistic(benignRows(counts));
  if (fit.status !== 'ok') return { unavailable: fit.unavailable };
  const wald = waldContrast({ fit, contrast: lastOf(fit), level: 0.95 });
  if (wald.status !== 'ok') return { unavailable: wald.unavailable };
  return { estimate: wald.interval.estimate, standardError: wald.standardError, df: wald.df };
}

function lastOf({ coefficients }: ClusteredLogistic): number[] {
  return coefficients.map((_, j) => (j === coefficients.length - 1 ? 1 : 0));
}

/** Whether a run has a coefficient of its own: benign counts that vary at some harmful count. */
function tellsBenign(counts: readonly CellCounts[]): boolean {
  const answered = counts.filter(({ trials }) => trials > 0);
  return distinct(answered.map(({ harmful }) => harmful)).some(
    (harmful) =>
      distinct(answered.filter((cell) => cell.harmful === harmful).map(({ benign }) => benign)).length > 1,
  );
}

/**
 * Difference of two coefficients of independent runs, first minus second, where only their receipts are at hand.
 *
 * Welch's t with Satterthwaite's degrees of freedom. Too wide for paired runs, whose coefficients move together.
 *
 * @param input `level` two-sided coverage in (0, 1)
 * @throws RangeError for a level outside (0, 1)
 * @example 0.2 (0.03, df 15) minus 0.1 (0.04, df 15): 0.1 with standard error 0.05 and df 27.8
 */
export function welchDifference(input: {
  readonly first: Slope;
  readonly second: Slope;
  readonly level: number;
}): MaybeInterval {
  const { first, second, level } = input;
  const [one, two] = [first.standardError ** 2, second.standardError ** 2];
  const variance = one + two;
  const df = variance ** 2 / (one ** 2 / first.df + two ** 2 / second.df);
  const wald = waldOf({
    estimate: first.estimate - second.estimate,
    variance,
    modelVariance: variance,
    df,
    level,
    method: 'difference of b2, Welch t',
  });
  return wald.status === 'ok' ? wald.interval : { unavailable: wald.unavailable };
}

/** The standard error behind a receipt's t interval, from its width. */
export function slopeOfInterval({ estimate, lower, upper, level }: Interval, df: number): Slope {
  return { estimate, standardError: (upper - lower) / 2 / -tQuantile(tailOutside(level), df), df };
}
