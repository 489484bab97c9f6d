import { z } from 'zod';
import { firthInterval } from '../../../src/analysis/firth-interval.ts';
import { type FirthFit, firthTest, fitFirth } from '../../../src/analysis/firth-logistic.ts';
import { limits, numberIn, type Topic } from '../case.ts';
import { NotAvailable, type Produced } from '../compare.ts';

const inputSchema = z
  .strictObject({ n_h: z.array(z.number()), n_b: z.array(z.number()), y: z.array(z.number()) })
  .refine(({ n_h, n_b, y }) => n_h.length === y.length && n_b.length === y.length);
const testsSchema = z.array(z.object({ coef_index: z.number() }));

export const firth: Topic = ({ input, expected }) => {
  const { n_h, n_b, y } = inputSchema.parse(input);
  const log2 = (count: number | undefined) => Math.log2(1 + (count ?? Number.NaN));
  const fit = fitFirth(
    y.map((successes, i) => ({ x: [1, log2(n_h[i]), log2(n_b[i])], successes, trials: 1 })),
  );
  if ('unavailable' in fit) return () => new NotAvailable(fit.unavailable);
  return (field) => {
    const level = numberIn(field, /^profile_ci(\d+(?:\.\d+)?)$/);
    if (level !== undefined) return profiles(fit, level / 100);
    if (field === 'tests')
      return testsSchema.parse(expected.tests).map(({ coef_index }) => tested(fit, coef_index));
    return {
      status: 'ok',
      coef: fit.coefficients,
      se: fit.modelCovariance.map((row, i) => Math.sqrt(row[i] ?? Number.NaN)),
      vcov: fit.modelCovariance,
      penalized_loglik: fit.penalizedLogLikelihood,
    }[field];
  };
};

function tested(fit: FirthFit, index: number): Produced {
  const test = firthTest(fit, [index]);
  if ('unavailable' in test) return new NotAvailable(test.unavailable);
  return { coef_index: index, penalized_lrt: test.chiSquare, p: test.pValue, df: test.df };
}

function profiles(fit: FirthFit, level: number): Produced {
  return Object.fromEntries(
    fit.coefficients.map((_, index) => [`beta${index}`, limits(firthInterval({ fit, index, level }))]),
  );
}
