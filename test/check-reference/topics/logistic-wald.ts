import {
  type ClusterCovariance,
  fitClusteredLogistic,
  type LogisticContrast,
  type NoClusteredLogistic,
  waldContrast,
  waldOf,
} from '../../../src/analysis/clustered-logistic.ts';
import { dot, quadraticForm } from '../../../src/analysis/matrix.ts';
import { normalSurvival } from '../../../src/analysis/normal-distribution.ts';
import { tQuantile } from '../../../src/analysis/t-distribution.ts';
import { fitTwoWayLogistic, twoWayContrast, twoWayVariance } from '../../../src/analysis/two-way-logistic.ts';
import { NotAvailable, type Produced } from '../compare.ts';
import {
  type By,
  type Covariates,
  clusteredRows,
  crossedRows,
  joint,
  type Response,
} from './logistic-data.ts';

const level = 0.95;
const contrasts: Readonly<Record<string, readonly number[]>> = {
  beta0: [1, 0, 0],
  beta1: [0, 1, 0],
  beta2: [0, 0, 1],
  beta1_minus_beta2: [0, 1, -1],
};

/** Fields such as `wald_beta2_CR1_context`, `wald_beta1_minus_beta2_jackknife`, `wald_beta2_twoway_max`. */
export function waldField(responses: readonly Response[], field: string): Produced | undefined {
  const [, name = '', kind = ''] =
    /^wald_(.+?)_(CR1_context|CR1_query|jackknife_context|jackknife_query|jackknife|twoway_max|twoway)$/.exec(
      field,
    ) ?? [];
  const contrast = contrasts[name];
  if (contrast === undefined) return undefined;
  if (kind.startsWith('twoway')) return twoWayTest(responses, contrast, kind === 'twoway_max');
  const by: By = kind.endsWith('_query') ? 'query' : 'context';
  const covariance = kind.startsWith('jackknife') ? 'jackknife' : 'cr1';
  return oneWayTest({ responses, x: joint, contrast, by, covariance });
}

export function oneWayTest(input: {
  readonly responses: readonly Response[];
  readonly x: Covariates;
  readonly contrast: readonly number[];
  readonly by: By;
  readonly covariance: ClusterCovariance;
}): Produced {
  const rows = clusteredRows(input.responses, input.x, input.by);
  const fit = fitClusteredLogistic({ rows, covariance: input.covariance });
  if (fit.status !== 'ok') return new NotAvailable(fit.unavailable);
  const df = fit.clusters - 1;
  const estimate = dot(input.contrast, fit.coefficients);
  return shown(waldContrast({ fit, contrast: input.contrast, level }), { estimate, df });
}

function twoWayTest(responses: readonly Response[], contrast: readonly number[], largest: boolean): Produced {
  const fit = fitTwoWayLogistic(crossedRows(responses, joint));
  if (fit.status !== 'ok') return new NotAvailable(fit.unavailable);
  const df = Math.min(fit.queries, fit.contexts) - 1;
  const estimate = dot(contrast, fit.coefficients);
  if (largest) return shown(twoWayContrast({ fit, contrast, level }), { estimate, df });
  const variance = twoWayVariance(fit, contrast);
  const modelVariance = quadraticForm(fit.modelCovariance, contrast);
  return shown(waldOf({ estimate, variance, modelVariance, df, level, method: 'two-way' }), { estimate, df });
}

function shown(
  wald: LogisticContrast | NoClusteredLogistic,
  always: { readonly estimate: number; readonly df: number },
): Produced {
  if (wald.status !== 'ok') return new NotAvailable(wald.unavailable, always);
  return {
    estimate: wald.interval.estimate,
    se: wald.standardError,
    variance: wald.standardError ** 2,
    t: wald.t,
    df: wald.df,
    p_t: wald.pValue,
    p_z: 2 * normalSurvival(Math.abs(wald.t)),
    ...Object.fromEntries(
      [80, 90, 95, 99].map((percent) => {
        const half = tQuantile((1 + percent / 100) / 2, wald.df) * wald.standardError;
        return [`ci${percent}_t`, [wald.interval.estimate - half, wald.interval.estimate + half]];
      }),
    ),
    // The source's own limits, at the level that it was asked for.
    ci95_t: [wald.interval.lower, wald.interval.upper],
  };
}
