import {
  type ClusteredLogistic,
  fitClusteredLogistic,
  type LogisticRow,
  type NoClusteredLogistic,
} from './clustered-logistic.ts';
import { mixedClusters } from './mixed-clusters.ts';

/**
 * Logistic regression with the covariance and the degrees of freedom that a claim stands on: delete one cluster, and one
 * fewer than the clusters that hold both outcomes.
 *
 * The jackknife is the better one where clusters are unequal (MacKinnon, Nielsen and Webb 2023), and closer to its level at
 * rare events (docs/decisions/0041). Where the rest without one cluster has no maximum, all that the fit says stands on
 * that one cluster: there is none then, as under separation, and no other covariance takes its place.
 *
 * @param rows as in `fitClusteredLogistic`
 * @returns unavailable too where fewer than 2 clusters hold both outcomes
 */
export function fitRobustLogistic(rows: readonly LogisticRow[]): ClusteredLogistic | NoClusteredLogistic {
  const fit = fitClusteredLogistic({ rows, covariance: 'jackknife' });
  return fit.status === 'ok' ? withClustersOf(fit, mixedClusters(rows)) : fit;
}

/** The fit, believed as far as so many clusters bear it. */
export function withClustersOf(
  fit: ClusteredLogistic,
  mixed: number,
): ClusteredLogistic | NoClusteredLogistic {
  if (mixed < 2) return { status: 'zero_variance', unavailable: 'fewer than 2 blocks hold both outcomes' };
  return { ...fit, df: Math.min(fit.df, mixed - 1) };
}

/** Whether the outcomes are separated, as they are or without one cluster: only a penalised estimate is finite then. */
export function isSeparated({ status }: ClusteredLogistic | NoClusteredLogistic): boolean {
  return ['no_events', 'no_nonevents', 'separation', 'quasi_separation', 'jackknife_refit'].includes(status);
}
