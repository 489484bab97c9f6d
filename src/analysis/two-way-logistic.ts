import {
  groupRows,
  type LogisticContrast,
  type NoClusteredLogistic,
  sandwich,
  waldOf,
} from './clustered-logistic.ts';
import { fitLogistic, type LogisticCell, type LogisticFit } from './logistic-fit.ts';
import { dot, type Matrix, quadraticForm, type Vector } from './matrix.ts';

/** One covariate pattern of one query under one context. */
export interface CrossedRow extends LogisticCell {
  readonly query: string;
  readonly context: string;
}

/** A fit with the CR1 covariance of its coefficients by query, by context, and by each query in each context. */
export interface TwoWayLogistic extends LogisticFit {
  readonly byQuery: Matrix;
  readonly byContext: Matrix;
  readonly byIntersection: Matrix;
  readonly queries: number;
  readonly contexts: number;
}

/**
 * Logistic regression of a crossed layout, every query under every context: both are shared between answers.
 *
 * Cameron, Gelbach and Miller (2011); R `sandwich::vcovCL(fit, cluster = ~ query + context, type = 'HC0')` with each part's
 * own G / (G - 1). Few contexts leave it too small: see `twoWayContrast`.
 *
 * @param rows as in `fitLogistic`, with the query and the context of each
 * @returns the reason instead: no unique finite maximum, or fewer than 2 queries or contexts
 * @example reference case crossed-3ctx: beta2 0.121823, variance by query 0.00122, by context 0.00136, two-way 0.00023
 */
export function fitTwoWayLogistic(rows: readonly CrossedRow[]): TwoWayLogistic | NoClusteredLogistic {
  const used = rows.filter(({ successes, trials }) => trials !== 0 || successes !== 0);
  const fit = fitLogistic(used);
  if (fit.status !== 'ok') return fit;
  const queries = groupRows(used, ({ query }) => query);
  const contexts = groupRows(used, ({ context }) => context);
  if (Math.min(queries.length, contexts.length) < 2) {
    return { status: 'single_cluster', unavailable: 'fewer than 2 clusters' };
  }
  // As JSON, so that no two pairs of ids join to one text.
  const cells = groupRows(used, ({ query, context }) => JSON.stringify([query, context]));
  return {
    ...fit,
    byQuery: sandwich(fit, queries),
    byContext: sandwich(fit, contexts),
    byIntersection: sandwich(fit, cells),
    queries: queries.length,
    contexts: contexts.length,
  };
}

/** Two-way variance of a contrast, V_query + V_context - V_intersection: it can be too small, even negative. */
export function twoWayVariance(fit: TwoWayLogistic, contrast: Vector): number {
  const [query, context, both] = [fit.byQuery, fit.byContext, fit.byIntersection].map((matrix) =>
    quadraticForm(matrix, contrast),
  );
  return (query ?? Number.NaN) + (context ?? Number.NaN) - (both ?? Number.NaN);
}

/**
 * Wald t test and interval of one linear combination of coefficients under two-way clustering, with the largest of the
 * two-way and the two one-way variances and min(queries, contexts) - 1 degrees of freedom.
 *
 * Cameron, Gelbach and Miller (2011), section 2.3 on small numbers of clusters.
 *
 * @param input contrast as long as the coefficients; `level` two-sided coverage in (0, 1)
 * @example reference case crossed-3ctx, beta2: t 3.3006, df 2, p 0.0808
 */
export function twoWayContrast(input: {
  readonly fit: TwoWayLogistic;
  readonly contrast: Vector;
  readonly level: number;
}): LogisticContrast | NoClusteredLogistic {
  const { fit, contrast, level } = input;
  const oneWay = [fit.byQuery, fit.byContext].map((matrix) => quadraticForm(matrix, contrast));
  return waldOf({
    estimate: dot(contrast, fit.coefficients),
    variance: Math.max(twoWayVariance(fit, contrast), ...oneWay),
    modelVariance: quadraticForm(fit.modelCovariance, contrast),
    df: Math.min(fit.queries, fit.contexts) - 1,
    level,
    method: 'two-way clustered logistic (CR1, largest variance)',
  });
}
