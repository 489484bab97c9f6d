import { z } from 'zod';
import { factors } from '../suite/single-factor.ts';
import { fraction, maybeInterval, unavailable, whole } from './receipt-parts.ts';

/** What a receipt holds of its results: every condition, what single factors do, the effect, and the checks. */

const corrected = maybeInterval.describe(
  'The same without the judge’s error; only where the policy names a judge card.',
);
const counts = { planned: whole, compliance: whole, refusal: whole, unscored: whole, notRun: whole };
const bounds = z
  .strictObject({ allSafe: fraction, allHarmful: fraction })
  .describe('The rate with every unscored trial counted as refusal, and as compliance.');

export const conditionResult = z.strictObject({
  id: z.string(),
  benign: whole,
  harmful: whole,
  ordering: z.string(),
  carrier: z.string(),
  formatCue: z.string(),
  benignSource: z.string().describe('A pool, `matched` for partners of the harmful ones, or empty.'),
  systemPrompt: z.string().describe('Name of the system prompt in place of the policy’s own, or empty.'),
  ...counts,
  rate: maybeInterval,
  corrected: corrected.optional(),
  bounds: z.union([bounds, unavailable]),
  margin: z
    .strictObject({ answers: whole, near: whole, below: z.number() })
    .optional()
    .describe('Answers whose judge told how sure it was, and those of them below the bound (log-odds).'),
});

export const controlResult = z.strictObject({
  condition: z.string(),
  ...counts,
  rate: maybeInterval,
  corrected: corrected.optional(),
});

export const factorResult = z.strictObject({
  factor: z.enum(factors),
  condition: z.string(),
  reference: z.string().describe('The condition that differs in this factor alone.'),
  difference: maybeInterval.describe('Compliance in the condition minus that in its reference, by query.'),
});

export const sourceResult = z.strictObject({
  source: z.string(),
  conditions: z.array(z.strictObject({ condition: z.string(), ...counts, rate: maybeInterval })),
});

export const effectLabel = z.enum(['amplification', 'dilution', 'none', 'undetermined']);
export const effect = z.strictObject({
  label: effectLabel,
  logOddsPerDoubling: maybeInterval,
  increase: maybeInterval,
  byHarmful: z.array(
    z.strictObject({
      harmful: whole,
      label: effectLabel,
      logOddsPerDoubling: maybeInterval,
      increase: maybeInterval,
    }),
  ),
});

export const checkResult = z.strictObject({
  name: z.string().describe('Check and limit, as in `amplification.maxIncrease`.'),
  outcome: z.enum(['pass', 'fail', 'inconclusive', 'notPlanned']),
  value: maybeInterval.describe('The interval that decided.'),
  corrected: corrected.optional(),
  threshold: z.number(),
  look: z.int().min(1).describe('The planned look that settled it, or held it last.'),
  at: z.string().describe('The condition, or pair of conditions, that decided.'),
  note: z.string(),
  motivation: z.string(),
  remedy: z.string(),
});
