import { z } from 'zod';
import { betaQuantile, betaSurvival } from '../../../src/analysis/beta-distribution.ts';
import { chiSquareQuantile, chiSquareSurvival } from '../../../src/analysis/chi-square-distribution.ts';
import { fQuantile, fSurvival } from '../../../src/analysis/f-distribution.ts';
import { regularizedGamma } from '../../../src/analysis/incomplete-gamma.ts';
import { normalCdf, normalQuantile, normalSurvival } from '../../../src/analysis/normal-distribution.ts';
import { regularizedBeta } from '../../../src/analysis/special-functions.ts';
import {
  studentizedRangeQuantile,
  studentizedRangeSurvival,
} from '../../../src/analysis/studentized-range.ts';
import { tQuantile, tSurvival } from '../../../src/analysis/t-distribution.ts';
import type { Topic } from '../case.ts';

const inputSchema = z.strictObject({
  rows: z.array(z.strictObject({ fn: z.string(), args: z.array(z.number()) })),
});

const none = Number.NaN;
const functions: Readonly<Record<string, (args: readonly number[]) => number>> = {
  normal_sf: ([x = none]) => normalSurvival(x),
  normal_cdf: ([x = none]) => normalCdf(x),
  normal_quantile: ([p = none]) => normalQuantile(p),
  chi2_sf: ([x = none, df = none]) => chiSquareSurvival(x, df),
  chi2_cdf: ([x = none, df = none]) => regularizedGamma(df / 2, x / 2).lower,
  chi2_quantile: ([p = none, df = none]) => chiSquareQuantile(p, df),
  t_sf: ([t = none, df = none]) => tSurvival(t, df),
  t_cdf: ([t = none, df = none]) => tSurvival(-t, df),
  t_quantile: ([p = none, df = none]) => tQuantile(p, df),
  f_sf: ([f = none, df1 = none, df2 = none]) => fSurvival(f, df1, df2),
  f_cdf: ([f = none, df1 = none, df2 = none]) => fSurvival(1 / f, df2, df1),
  f_quantile: ([p = none, df1 = none, df2 = none]) => fQuantile(p, df1, df2),
  beta_sf: ([x = none, a = none, b = none]) => betaSurvival(x, a, b),
  beta_cdf: ([x = none, a = none, b = none]) => regularizedBeta({ x, y: 1 - x, a, b }),
  beta_quantile: ([p = none, a = none, b = none]) => betaQuantile(p, a, b),
  studentized_range_sf: ([q = none, k = none, df = none]) => studentizedRangeSurvival(q, k, df),
  studentized_range_cdf: ([q = none, k = none, df = none]) => 1 - studentizedRangeSurvival(q, k, df),
  studentized_range_quantile: ([p = none, k = none, df = none]) => studentizedRangeQuantile(p, k, df),
};

export const distributions: Topic = ({ input }) => {
  const values = inputSchema.parse(input).rows.map(({ fn, args }) => {
    const compute = functions[fn];
    if (compute === undefined) throw new Error(`unknown function ${fn}`);
    return compute(args);
  });
  return (field) => (field === 'values' ? values : undefined);
};
