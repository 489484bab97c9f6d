import { fSurvival } from './f-distribution.ts';
import type { Interval } from './interval.ts';
import { tailOutside } from './level.ts';
import {
  fitLogistic,
  type LogisticCell,
  type LogisticFit,
  mergePatterns,
  type NoLogisticFit,
  type NoMaximum,
  score,
} from './logistic-fit.ts';
import {
  dot,
  invertPositiveDefinite,
  type Matrix,
  quadraticForm,
  times,
  type Vector,
  weightedGram,
} from './matrix.ts';
import { tQuantile, tSurvival } from './t-distribution.ts';

/** One covariate pattern in one cluster: `trials` of them, `successes` with outcome 1. Aggregation is exact. */
export interface LogisticRow extends LogisticCell {
  readonly cluster: string;
}

/** `cr1`: CR0 * G / (G - 1). `jackknife`: delete one cluster, CV3; the better one where clusters are unequal. */
export type ClusterCovariance = 'cr1' | 'jackknife';

export interface NoClusteredLogistic {
  readonly status: NoMaximum | 'single_cluster' | 'jackknife_refit' | 'zero_variance';
  readonly unavailable: string;
}

export interface ClusteredLogistic extends LogisticFit {
  readonly covariance: Matrix;
  readonly covarianceMethod: ClusterCovariance;
  readonly clusters: number;
  /** Of t and F tests: clusters - 1, or fewer where `fitRobustLogistic` says so. */
  readonly df: number;
}

export interface LogisticContrast {
  readonly status: 'ok';
  /** In log-odds; the method names the covariance. */
  readonly interval: Interval;
  readonly standardError: number;
  readonly t: number;
  /** Of the fit. */
  readonly df: number;
  /** Two-sided, for the contrast being 0. */
  readonly pValue: number;
}

/** Below this share of the model's variance a cluster-robust variance is rounding, not evidence. */
const ROUNDING_SHARE = 1e-16;

/**
 * Logistic regression with one-way cluster-robust covariance of its coefficients (log-odds).
 *
 * `cr1`: Liang and Zeger (1986), R `sandwich::vcovCL(fit, type = 'HC0', cadjust = TRUE)`. `jackknife`: (G - 1) / G times the
 * sum of (b_without_g - b)(b_without_g - b)', centred at the full estimate (MacKinnon, Nielsen and Webb 2023, CV3). Valid
 * when whole clusters are independent; not for a crossed layout, which needs two-way clustering.
 *
 * @param input rows as in `fitLogistic`, with the cluster of each
 * @returns the reason instead: no unique finite maximum, fewer than 2 clusters, or a jackknife refit that has none
 * @example reference case nested-blocks-6ctx, cr1 by context: beta2 0.0353258678, its standard error 0.0439782778
 */
export function fitClusteredLogistic(input: {
  readonly rows: readonly LogisticRow[];
  readonly covariance: ClusterCovariance;
}): ClusteredLogistic | NoClusteredLogistic {
  // Successes without trials stay, to be refused as impossible.
  const rows = input.rows.filter(({ successes, trials }) => trials !== 0 || successes !== 0);
  const fit = fitLogistic(rows);
  if (fit.status !== 'ok') return fit;
  const groups = groupRows(rows, ({ cluster }) => cluster);
  if (groups.length < 2) return { status: 'single_cluster', unavailable: 'fewer than 2 clusters' };
  const covariance = input.covariance === 'cr1' ? sandwich(fit, groups) : jackknife(fit, rows, groups);
  if ('status' in covariance) return covariance;
  const clusters = groups.length;
  return { ...fit, covariance, covarianceMethod: input.covariance, clusters, df: clusters - 1 };
}

/**
 * Wald t test and interval for one linear combination of coefficients, t with the fit's degrees of freedom.
 *
 * Cameron and Miller (2015), section VI.D. One coefficient is the contrast [0, ..., 1, ..., 0]; beta1 - beta2 is
 * [0, 1, -1]. Not to be read as an effect label by itself: print the interval.
 *
 * @param input contrast as long as the coefficients; `level` two-sided coverage in (0, 1)
 * @returns unavailable where the clusters leave no variance for this contrast
 * @throws RangeError for a level outside (0, 1) or a contrast of another length
 * @example reference case nested-blocks-6ctx, cr1, beta2: t 0.803257, df 5, p 0.458293, 95% [-0.077724, 0.148376]
 */
export function waldContrast(input: {
  readonly fit: ClusteredLogistic;
  readonly contrast: Vector;
  readonly level: number;
}): LogisticContrast | NoClusteredLogistic {
  const { fit, contrast, level } = input;
  const method =
    fit.covarianceMethod === 'cr1' ? 'clustered logistic (CR1)' : 'clustered logistic (jackknife)';
  return waldOf({
    estimate: dot(contrast, fit.coefficients),
    variance: quadraticForm(fit.covariance, contrast),
    modelVariance: quadraticForm(fit.modelCovariance, contrast),
    df: fit.df,
    level,
    method,
  });
}

/** What a Wald test is made of; `modelVariance` is that of independent trials, the measure of what is rounding. */
export interface WaldInput {
  readonly estimate: number;
  readonly variance: number;
  readonly modelVariance: number;
  readonly df: number;
  readonly level: number;
  readonly method: string;
}

/** The t test and interval of an estimate with the variance that the caller has chosen. */
export function waldOf(input: WaldInput): LogisticContrast | NoClusteredLogistic {
  const { estimate, variance, modelVariance, df, level, method } = input;
  // Written so that NaN is refused too.
  if (!(variance > ROUNDING_SHARE * modelVariance && variance < Infinity)) {
    return { status: 'zero_variance', unavailable: 'no variation between clusters for this contrast' };
  }
  const standardError = Math.sqrt(variance);
  const t = estimate / standardError;
  const half = -tQuantile(tailOutside(level), df) * standardError;
  const interval = { estimate, lower: estimate - half, upper: estimate + half, level, method };
  return { status: 'ok', interval, standardError, t, df, pValue: 2 * tSurvival(Math.abs(t), df) };
}

/**
 * Wald test that q coefficients are all 0, as Hotelling's T2: W (df - q + 1) / (df q) against F(q, df - q + 1), with
 * W = b' V^-1 b and the fit's df.
 *
 * Pustejovsky and Tipton (2018), section 3.2 (AHT, with the clusters' degrees of freedom). W / q against F(q, df), as
 * Cameron and Miller (2015, section VII.A) have it, rejects 9.5 % of true nulls at 8 clusters. One coefficient gives the
 * square of its t.
 *
 * @param indices of the coefficients, each once; at most as many as the degrees of freedom
 * @returns unavailable where the clusters leave no variance for some combination of them
 */
export function waldF(
  fit: ClusteredLogistic,
  indices: readonly number[],
):
  | {
      readonly status: 'ok';
      readonly f: number;
      readonly df: readonly [number, number];
      readonly pValue: number;
    }
  | NoClusteredLogistic {
  const estimates = indices.map((j) => fit.coefficients[j] ?? 0);
  const covariance = indices.map((j) => indices.map((k) => fit.covariance[j]?.[k] ?? 0));
  const inverse = invertPositiveDefinite(covariance);
  if (inverse === undefined || indices.length > fit.df) {
    return { status: 'zero_variance', unavailable: 'too little variation between clusters for a joint test' };
  }
  const left = fit.df - indices.length + 1;
  const df = [indices.length, left] as const;
  const f = (quadraticForm(inverse, estimates) * left) / (fit.df * indices.length);
  return { status: 'ok', f, df, pValue: fSurvival(f, ...df) };
}

type Groups = readonly (readonly LogisticRow[])[];

/** Rows of one cluster together, clusters in order of first appearance. */
export function groupRows<Row>(rows: readonly Row[], clusterOf: (row: Row) => string): Row[][] {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const group = groups.get(clusterOf(row));
    if (group === undefined) groups.set(clusterOf(row), [row]);
    else group.push(row);
  }
  return [...groups.values()];
}

/** CR1 covariance of the coefficients: bread, the clusters' scores, bread, times G / (G - 1). */
export function sandwich(fit: LogisticFit, groups: readonly (readonly LogisticCell[])[]): Matrix {
  const influence = groups.map((group) => ({
    x: times(fit.modelCovariance, score(group, fit.coefficients)),
    weight: groups.length / (groups.length - 1),
  }));
  return weightedGram(influence, fit.coefficients.length);
}

function jackknife(
  fit: LogisticFit,
  rows: readonly LogisticRow[],
  groups: Groups,
): Matrix | NoClusteredLogistic {
  const all = mergePatterns(rows);
  const changes: { readonly x: Vector; readonly weight: number }[] = [];
  for (const group of groups) {
    const refit = fitLogistic(mergePatterns([...all, ...group.map(taken)]));
    if (refit.status !== 'ok') return withoutCluster(group[0]?.cluster ?? '', refit);
    const x = refit.coefficients.map((value, j) => value - (fit.coefficients[j] ?? 0));
    changes.push({ x, weight: (groups.length - 1) / groups.length });
  }
  return weightedGram(changes, fit.coefficients.length);
}

/** Minus a cluster's counts: merged with the totals it leaves the other clusters, however many rows there are. */
function taken({ x, successes, trials }: LogisticRow): LogisticCell {
  return { x, successes: -successes, trials: -trials };
}

function withoutCluster(cluster: string, refit: NoLogisticFit): NoClusteredLogistic {
  return {
    status: 'jackknife_refit',
    unavailable: `without cluster ${cluster}: ${refit.unavailable}`,
  };
}
