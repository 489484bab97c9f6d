import {
  type ClusteredLogistic,
  fitClusteredLogistic,
  groupRows,
  type LogisticRow,
  type NoClusteredLogistic,
} from './clustered-logistic.ts';

/**
 * Logistic regression with the covariance that a verdict stands on: delete one cluster.
 *
 * The jackknife is the better one where clusters are unequal (MacKinnon, Nielsen and Webb 2023), and closer to its level at
 * rare events (docs/decisions/0041). Where the rest without one cluster has no maximum, all that the fit says stands on
 * that one cluster: there is none then, as under separation, and no other covariance takes its place.
 *
 * @param rows as in `fitClusteredLogistic`
 */
export function fitRobustLogistic(rows: readonly LogisticRow[]): ClusteredLogistic | NoClusteredLogistic {
  return fitClusteredLogistic({ rows, covariance: 'jackknife' });
}

/**
 * `fitRobustLogistic` with the degrees of freedom that a label stands on: one fewer than the clusters that hold both
 * outcomes.
 *
 * Clusters that answer all alike, as those do in which nothing ever complies, say next to nothing of what a covariate
 * does. Where 2 of 16 carry all compliances, t with 15 degrees of freedom claims a false sign in a fifth of runs
 * (docs/decisions/0041).
 *
 * @returns unavailable too where fewer than 2 clusters hold both outcomes
 */
export function fitLabelLogistic(rows: readonly LogisticRow[]): ClusteredLogistic | NoClusteredLogistic {
  const fit = fitRobustLogistic(rows);
  if (fit.status !== 'ok') return fit;
  const mixed = groupRows(rows, ({ cluster }) => cluster).filter(holdsBoth).length;
  if (mixed < 2) return { status: 'zero_variance', unavailable: 'fewer than 2 blocks hold both outcomes' };
  return { ...fit, df: mixed - 1 };
}

function holdsBoth(rows: readonly LogisticRow[]): boolean {
  return (
    rows.some(({ successes }) => successes > 0) && rows.some(({ successes, trials }) => successes < trials)
  );
}

/** Whether the outcomes are separated, as they are or without one cluster: only a penalised estimate is finite then. */
export function isSeparated({ status }: ClusteredLogistic | NoClusteredLogistic): boolean {
  return ['no_events', 'no_nonevents', 'separation', 'quasi_separation', 'jackknife_refit'].includes(status);
}
