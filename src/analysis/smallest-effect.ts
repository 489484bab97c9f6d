import { isAvailable } from './interval.ts';
import { normalQuantile } from './normal-distribution.ts';
import { tQuantile } from './t-distribution.ts';
import { wilsonInterval } from './wilson-interval.ts';

/** How a quantity would be measured: so many values in so many clusters. */
export interface Design {
  readonly values: number;
  readonly clusters: number;
}

/** How a quantity varies: one value’s variance, and the share of it that a cluster's values have in common. */
export interface Spread {
  readonly variance: number;
  readonly intraCluster: number;
}

export const power = 0.8;

/**
 * Standard error of a mean of clustered values, sqrt(A / n + B / D) with A the variance within clusters and B that
 * between them.
 *
 * @example 384 values in 16 clusters, variance 0.1, 0.01 of it shared: 0.01790
 */
export function expectedStandardError({ values, clusters }: Design, spread: Spread): number {
  const { variance, intraCluster } = spread;
  return Math.sqrt((variance * (1 - intraCluster)) / values + (variance * intraCluster) / clusters);
}

/**
 * The smallest margin at which a mean of one block t is settled with 80 % power:
 * (t(1 - alpha, D - 1) + 0.84) * sqrt(A / n + B / D).
 *
 * Normal approximation of the power of a one-sided t test; too small with fewer than about 8 clusters. Compares designs;
 * what a check sees, whose intervals are the widest of several and which reads several quantities, is found by
 * simulation (`smallestEffects`).
 *
 * @param alpha one-sided error, in (0, 0.5)
 * @returns Infinity with fewer than 2 clusters: nothing is settled then
 * @example 384 values in 16 clusters, variance 0.1, 0.01 of it shared, alpha 0.05: 0.0464
 */
export function smallestMargin(design: Design, spread: Spread, alpha: number): number {
  if (design.clusters < 2 || design.values < 1) return Number.POSITIVE_INFINITY;
  const reach = tQuantile(1 - alpha, design.clusters - 1) + normalQuantile(power);
  return reach * expectedStandardError(design, spread);
}

/** Wilson’s upper limit, one-sided `alpha`, when none of n values is an event: z^2 / (n + z^2). */
export function upperLimitOfNone(values: number, alpha: number): number {
  const interval = wilsonInterval({ successes: 0, trials: values, level: 1 - 2 * alpha });
  return isAvailable(interval) ? interval.upper : 1;
}

/**
 * The queries that a context should serve so that a given cost shows the most: sqrt((S / c) (1 - r) / r).
 *
 * @param contextTokens S, computed once a context
 * @param queryTokens c, for each query: query, answer, judge
 * @param intraCluster r, in (0, 1)
 * @example bestQueriesPerContext(19200, 260, 0.01) is 85.5
 */
export function bestQueriesPerContext(
  contextTokens: number,
  queryTokens: number,
  intraCluster: number,
): number {
  return Math.sqrt((contextTokens / queryTokens) * ((1 - intraCluster) / intraCluster));
}
