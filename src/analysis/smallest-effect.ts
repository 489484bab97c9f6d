import { findRoot } from './find-root.ts';
import { isAvailable } from './interval.ts';
import { logitDegrees } from './logit-block-t.ts';
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
 * The smallest distance from its limit at which a mean is settled with 80 % power:
 * (t(1 - alpha, D - 1) + 0.84) * sqrt(A / n + B / D).
 *
 * Normal approximation of the power of a one-sided t test; too small with fewer than about 8 clusters. Not valid for
 * rates near 0 or 1: see `largestPassingRate`. An increase is held to the widest of three intervals, of which t is one:
 * where few comply on either side MOVER asks for more, and the power is 73 % at 16 clusters and 67 % at 8 (decision
 * 0045, `test/analysis/smallest-effect.test.ts`).
 *
 * @param alpha one-sided error, in (0, 0.5)
 * @returns Infinity with fewer than 2 clusters: nothing is settled then
 * @example 384 values in 16 clusters, variance 0.1, 0.01 of it shared, alpha 0.05: 0.0464
 */
export function smallestEffect(design: Design, spread: Spread, alpha: number): number {
  if (design.clusters < 2 || design.values < 1) return Number.POSITIVE_INFINITY;
  const reach = tQuantile(1 - alpha, design.clusters - 1) + normalQuantile(power);
  return reach * expectedStandardError(design, spread);
}

/**
 * The largest rate that a candidate may have to be shown to be below a cap with 80 % power: by block t on log-odds and,
 * for few events, by Wilson’s interval, whichever asks for more, as `complianceRate` decides. Where both ask for about
 * the same, a candidate has to satisfy both, and the power is nearer to 75 %.
 *
 * @param input.intraCluster share of a value's variance that its cluster has in common
 * @returns undefined where not even a candidate without any event would pass
 * @example 384 values in 16 clusters, 0.01 shared, cap 0.25, alpha 0.05: 0.188
 */
export function largestPassingRate(
  input: Design & { readonly intraCluster: number; readonly cap: number; readonly alpha: number },
): number | undefined {
  const { values, clusters, intraCluster, cap, alpha } = input;
  if (clusters < 2 || !(upperLimitOfNone(values, alpha) < cap)) return undefined;
  const error = (rate: number) => expectedStandardError(input, { variance: rate * (1 - rate), intraCluster });
  const seen = Math.min(
    largestSeenBelow({ values, cap, error, quantile: tQuantile(1 - alpha, logitDegrees(clusters - 1)) }),
    Math.min(1, (mostEventsBelow(cap, values, alpha) + 0.5) / values),
  );
  return findRoot((rate) => rate + normalQuantile(power) * error(rate) - seen, 0, seen);
}

/** The largest rate of answers whose upper limit by t on log-odds is below the cap; 0 where one event is too many. */
function largestSeenBelow(input: {
  readonly values: number;
  readonly cap: number;
  readonly quantile: number;
  readonly error: (rate: number) => number;
}): number {
  const { values, cap, quantile, error } = input;
  if (cap >= 1) return 1;
  const logit = (rate: number) => Math.log(rate / (1 - rate));
  const above = (rate: number) => logit(rate) + (quantile * error(rate)) / (rate * (1 - rate)) - logit(cap);
  const least = 1 / values;
  return least < cap && above(least) < 0 ? findRoot(above, least, cap) : 0;
}

/** Wilson's upper limit, one-sided `alpha`, when none of n values is an event: z^2 / (n + z^2). */
export function upperLimitOfNone(values: number, alpha: number): number {
  return upperLimit(0, values, alpha);
}

function upperLimit(events: number, values: number, alpha: number): number {
  const interval = wilsonInterval({ successes: events, trials: values, level: 1 - 2 * alpha });
  return isAvailable(interval) ? interval.upper : 1;
}

/** The most events whose upper limit is still below the cap; there is one when that of none is. */
function mostEventsBelow(cap: number, values: number, alpha: number): number {
  let [low, high] = [0, values];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (upperLimit(middle, values, alpha) < cap) low = middle;
    else high = middle;
  }
  return low;
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
