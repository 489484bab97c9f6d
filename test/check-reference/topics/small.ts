import { z } from 'zod';
import { cochranQ } from '../../../src/analysis/cochran-q.ts';
import { type SequentialLook, sequentialBoundaries } from '../../../src/analysis/group-sequential.ts';
import { roganGladen } from '../../../src/analysis/judge-error.ts';
import { benjaminiHochberg, holm } from '../../../src/analysis/multiplicity.ts';
import {
  studentizedRangeQuantile,
  studentizedRangeSurvival,
} from '../../../src/analysis/studentized-range.ts';
import { numberIn, type Topic } from '../case.ts';
import { NotAvailable } from '../compare.ts';

const count = z.number().int().nonnegative();
const numbers = z.array(z.number());

export const cochran: Topic = ({ input }) => {
  const { y } = z.strictObject({ y: z.array(numbers) }).parse(input);
  const result = cochranQ(y);
  if ('unavailable' in result) return () => new NotAvailable(result.unavailable);
  const q = typeof result.q === 'number' ? result.q : new NotAvailable(result.q.unavailable);
  return (field) =>
    ({
      Q: q,
      df: result.df,
      p: result.pValue,
      column_rates: result.rates,
      spread: result.spread,
      degenerate: typeof q !== 'number',
    })[field];
};

export const groupSequential: Topic = ({ input, method, description }) => {
  const { alpha, information } = z
    .strictObject({ alpha: z.number(), sided: z.literal(1), information: numbers })
    .parse(input);
  const spending = z
    .enum(['asOF', 'asP'])
    .transform((name) => (name === 'asOF' ? ('obrienFleming' as const) : ('pocock' as const)))
    .parse(
      /asOF|asP/.exec(`${description} ${method}`)?.[0] ?? (/Pocock/.test(method ?? '') ? 'asP' : 'asOF'),
    );
  const looks = sequentialBoundaries({ alpha, information, spending });
  const column = (name: keyof SequentialLook) => looks.map((look) => look[name]);
  return (field) =>
    ({
      critical_z: column('criticalZ'),
      rpact_critical_z: column('criticalZ'),
      cumulative_alpha: column('cumulativeAlpha'),
      nominal_p: column('nominalP'),
    })[field];
};

const judgeInput = z.strictObject({
  judge_positive: count,
  n: count,
  true_positive_hits: count,
  n_true_positive: count,
  true_negative_hits: count,
  n_true_negative: count,
  confidence: z.number(),
});

export const judgeError: Topic = ({ input }) => {
  const given = judgeInput.parse(input);
  const sensitivity = { x: given.true_positive_hits, n: given.n_true_positive };
  const specificity = { x: given.true_negative_hits, n: given.n_true_negative };
  const corrected = roganGladen({
    positives: given.judge_positive,
    n: given.n,
    sensitivity,
    specificity,
    level: given.confidence,
  });
  if ('unavailable' in corrected) {
    const status = /tells nothing/.test(corrected.unavailable) ? 'not_correctable' : 'no_data';
    return (field) => (field === 'status' ? status : new NotAvailable(corrected.unavailable));
  }
  const cut = (value: number) => Math.min(1, Math.max(0, value));
  return (field) =>
    ({
      status: corrected.status,
      apparent: corrected.apparent,
      sensitivity: sensitivity.x / sensitivity.n,
      specificity: specificity.x / specificity.n,
      rogan_gladen_raw: corrected.untruncated,
      rogan_gladen: cut(corrected.untruncated),
      adjusted_estimate: corrected.adjusted,
      shift: corrected.shift,
      se: corrected.standardError,
      ci_raw: corrected.limits,
      // A receipt prints no interval that lies wholly outside [0, 1]; the file's rule is the plain cut.
      ci: corrected.limits.map(cut),
    })[field];
};

export const multiplicity: Topic = ({ input }) => {
  const { p } = z.strictObject({ p: numbers }).parse(input);
  return (field) => {
    const alpha = numberIn(
      field.replace(/^(holm|benjamini_hochberg)_reject_(\d+)_(\d+)$/, '$2.$3'),
      /^([\d.]+)$/,
    );
    const adjusted = field.startsWith('holm') ? holm(p) : benjaminiHochberg(p);
    if (alpha !== undefined) return adjusted.map((value) => value <= alpha);
    return ['holm', 'benjamini_hochberg'].includes(field) ? adjusted : undefined;
  };
};

export const studentizedRange: Topic = ({ input }) => {
  const { k, df, p, q } = z
    .strictObject({ k: count, df: z.number(), p: z.number(), q: z.number() })
    .parse(input);
  return (field) => {
    if (field === 'quantile') return studentizedRangeQuantile(p, k, df);
    return field === 'sf_at_q' ? studentizedRangeSurvival(q, k, df) : undefined;
  };
};
