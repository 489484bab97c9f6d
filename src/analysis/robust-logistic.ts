import {
  type ClusteredLogistic,
  fitClusteredLogistic,
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

/** Whether the outcomes are separated, as they are or without one cluster: only a penalised estimate is finite then. */
export function isSeparated({ status }: ClusteredLogistic | NoClusteredLogistic): boolean {
  return ['no_events', 'no_nonevents', 'separation', 'quasi_separation', 'jackknife_refit'].includes(status);
}
