import { z } from 'zod';
import { chiSquareSurvival } from '../../../src/analysis/chi-square-distribution.ts';
import { type ClusterCovariance, fitClusteredLogistic } from '../../../src/analysis/clustered-logistic.ts';
import { fitFirth } from '../../../src/analysis/firth-logistic.ts';
import {
  estimableColumns,
  fitLogistic,
  type LogisticFit,
  type NoLogisticFit,
} from '../../../src/analysis/logistic-fit.ts';
import type { Matrix } from '../../../src/analysis/matrix.ts';
import { fitTwoWayLogistic, twoWayVariance } from '../../../src/analysis/two-way-logistic.ts';
import type { Topic } from '../case.ts';
import { NotAvailable, type Produced } from '../compare.ts';
import {
  type By,
  type Covariates,
  clusteredRows,
  crossedRows,
  harmfulCount,
  intercept,
  joint,
  type Response,
  responsesOf,
  stratified,
  totalCount,
} from './logistic-data.ts';
import { oneWayTest, waldField } from './logistic-wald.ts';

/** Log-odds a doubling, far beyond what any finite data can tell: a reference figure above it is rounding. */
const BEYOND_MEASURE = 1e6;
const JOINT_COLUMNS = 3;

export const logistic: Topic = (reference) => {
  const responses = responsesOf(reference);
  const fit = fitLogistic(crossedRows(responses, joint));
  return (field) =>
    modelField(responses, fit, field) ??
    covarianceField(responses, field) ??
    waldField(responses, field) ??
    nestedField(responses, field);
};

function modelField(
  responses: readonly Response[],
  fit: LogisticFit | NoLogisticFit,
  field: string,
): Produced | undefined {
  if (field === 'status') return fit.status;
  if (field === 'ml_estimate_exists') return fit.status === 'ok';
  if (field === 'use')
    return fit.status !== 'ok' && !('unavailable' in fitFirth(crossedRows(responses, joint)))
      ? 'firth'
      : 'ml';
  if (field === 'counts')
    return {
      n: responses.length,
      queries: distinct(responses, 'query'),
      contexts: distinct(responses, 'context'),
    };
  if (field === 'loglik_null') return logLikelihood(fitLogistic(crossedRows(responses, intercept)));
  if (/^beta\d$|^coef_reduced$/.test(field)) return reduced(responses, field);
  if (fit.status !== 'ok')
    return /^(coef|se_model|vcov_model|loglik|deviance)$/.test(field)
      ? new NotAvailable(fit.unavailable)
      : undefined;
  return {
    coef: fit.coefficients,
    se_model: diagonalRoots(fit.modelCovariance),
    vcov_model: fit.modelCovariance,
    loglik: fit.logLikelihood,
    deviance: -2 * fit.logLikelihood,
  }[field];
}

/** `vcov_CR0_query`, `vcov_CR1S_context`, `vcov_jackknife_context`, `vcov_intersection_CR1`, `vcov_twoway_CGM`, ... */
function covarianceField(responses: readonly Response[], field: string): Produced | undefined {
  if (field === 'vcov_twoway_CGM') return twoWay(responses);
  if (field === 'vcov_intersection_CR1') return covariance(responses, 'cr1', 'intersection');
  if (field === 'cluster_variance' || field === 'reason') {
    const value = covariance(responses, 'cr1', 'context');
    return field === 'reason' && value instanceof NotAvailable ? value.reason : value;
  }
  if (field === 'geepack_independence_check') {
    const value = covariance(responses, 'cr1', 'context', (groups) => (groups - 1) / groups);
    const fit = fitLogistic(crossedRows(responses, joint));
    if (value instanceof NotAvailable || fit.status !== 'ok') return value;
    return { coef: fit.coefficients, se_sandwich: diagonalRoots(value) };
  }
  const [, kind = '', by] = /^vcov_(CR0|CR1|CR1S|jackknife)_(query|context|intersection)$/.exec(field) ?? [];
  if (by !== 'query' && by !== 'context' && by !== 'intersection') return undefined;
  if (kind === 'jackknife') return covariance(responses, 'jackknife', by);
  const small = (responses.length - 1) / (responses.length - JOINT_COLUMNS);
  const factor = (groups: number) => (kind === 'CR0' ? (groups - 1) / groups : kind === 'CR1S' ? small : 1);
  return covariance(responses, 'cr1', by, factor);
}

function nestedField(responses: readonly Response[], field: string): Produced | undefined {
  switch (field) {
    case 'harmful_count_model':
      return nested(responses, harmfulCount, 'x_h');
    case 'total_count_model':
      return nested(responses, totalCount, 'x_h + x_b (equal coefficients)');
    case 'stratified_beta2':
      return stratifiedBeta2(responses);
    default:
      return undefined;
  }
}

function covariance(
  responses: readonly Response[],
  method: ClusterCovariance,
  by: By,
  factor = (_groups: number) => 1,
): Matrix | NotAvailable {
  const fit = fitClusteredLogistic({ rows: clusteredRows(responses, joint, by), covariance: method });
  if (fit.status !== 'ok') return new NotAvailable(fit.unavailable);
  return fit.covariance.map((row) => row.map((value) => value * factor(fit.clusters)));
}

function twoWay(responses: readonly Response[]): Produced {
  const fit = fitTwoWayLogistic(crossedRows(responses, joint));
  if (fit.status !== 'ok') return new NotAvailable(fit.unavailable);
  const unit = (j: number) => fit.coefficients.map((_, i) => (i === j ? 1 : 0));
  const sum = (j: number, k: number) => unit(j).map((value, i) => value + (unit(k)[i] ?? 0));
  const variance = (j: number) => twoWayVariance(fit, unit(j));
  // The off-diagonal entries by polarisation, so that it is the source's variance that is compared.
  return fit.coefficients.map((_, j) =>
    fit.coefficients.map((_, k) =>
      j === k ? variance(j) : (twoWayVariance(fit, sum(j, k)) - variance(j) - variance(k)) / 2,
    ),
  );
}

function nested(responses: readonly Response[], x: Covariates, predictor: string): Produced {
  const fit = fitLogistic(crossedRows(responses, x));
  const full = fitLogistic(crossedRows(responses, joint));
  if (fit.status !== 'ok') return new NotAvailable(fit.unavailable);
  if (full.status !== 'ok') return new NotAvailable(full.unavailable);
  const chi2 = Math.max(0, 2 * (full.logLikelihood - fit.logLikelihood));
  const lrt = { chi2, df: 1, p: chiSquareSurvival(chi2, 1) };
  return { predictor, coef: fit.coefficients, loglik: fit.logLikelihood, lrt_vs_joint: lrt };
}

/**
 * beta2 with no shape assumed for n_h. Where each n_h comes with one n_b it cannot be told from the levels of n_h: R's glm
 * drops the column (null), but with epsilon 1e-15 it pivots at 1e-18 and prints rounding, a standard error of 1e21.
 */
function stratifiedBeta2(responses: readonly Response[]): Produced {
  const x = stratified(responses);
  const fit = fitLogistic(crossedRows(responses, x));
  if (fit.status === 'rank_deficient') return new NotAvailable(fit.unavailable, {}, isRounding);
  if (fit.status !== 'ok') return new NotAvailable(fit.unavailable);
  const contrast = fit.coefficients.map((_, j) => (j === fit.coefficients.length - 1 ? 1 : 0));
  const test = (by: By, covariance: ClusterCovariance) =>
    oneWayTest({ responses, x, contrast, by, covariance });
  return {
    model: 'y ~ factor(n_h) + x_b',
    beta2: fit.coefficients.at(-1) ?? null,
    test_CR1_context: test('context', 'cr1'),
    test_CR1_query: test('query', 'cr1'),
    test_jackknife: test('context', 'jackknife'),
  };
}

/** Whether a reference's own standard error says that its software could not determine the coefficient. */
function isRounding(expected: unknown): boolean {
  const test = z.object({ test_CR1_context: z.object({ se: z.number() }) }).safeParse(expected);
  return test.success && test.data.test_CR1_context.se > BEYOND_MEASURE;
}

/** The coefficients that the design can tell, as R's glm reports them after dropping aliased columns. */
function reduced(responses: readonly Response[], field: string): Produced | undefined {
  const rows = crossedRows(responses, joint);
  const kept = estimableColumns(rows);
  const fit = fitLogistic(rows.map(({ x, ...row }) => ({ ...row, x: kept.map((j) => x[j] ?? 0) })));
  if (fit.status !== 'ok') return new NotAvailable(fit.unavailable);
  if (field === 'coef_reduced') return fit.coefficients;
  const place = kept.indexOf(Number(field.slice(-1)));
  return fit.coefficients[place] ?? new NotAvailable('a combination of the columns before it');
}

function logLikelihood(fit: LogisticFit | NoLogisticFit): Produced {
  return fit.status === 'ok' ? fit.logLikelihood : new NotAvailable(fit.unavailable);
}

function diagonalRoots(matrix: Matrix): number[] {
  return matrix.map((row, i) => Math.sqrt(row[i] ?? Number.NaN));
}

function distinct(responses: readonly Response[], by: 'query' | 'context'): number {
  return new Set(responses.map((row) => row[by])).size;
}
