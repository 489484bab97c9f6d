import {
  type ClusteredLogistic,
  fitClusteredLogistic,
  type LogisticRow,
  type NoClusteredLogistic,
} from './clustered-logistic.ts';

/** With more clusters the two covariances agree to a percent, and the jackknife's refits cost more than they tell. */
const mostRefits = 64;

/**
 * Logistic regression with the covariance that a verdict stands on: delete one cluster, or CR1 where there are many clusters
 * or where the rest without one of them has no maximum.
 *
 * The jackknife is the better one where clusters are unequal (MacKinnon, Nielsen and Webb 2023), and closer to its level at
 * rare events (docs/decisions/0041). The method of `waldContrast` names which one it is.
 *
 * @param rows as in `fitClusteredLogistic`
 */
export function fitRobustLogistic(rows: readonly LogisticRow[]): ClusteredLogistic | NoClusteredLogistic {
  const clusters = new Set(rows.map(({ cluster }) => cluster)).size;
  if (clusters <= mostRefits) {
    const fit = fitClusteredLogistic({ rows, covariance: 'jackknife' });
    if (fit.status !== 'jackknife_refit') return fit;
  }
  return fitClusteredLogistic({ rows, covariance: 'cr1' });
}
