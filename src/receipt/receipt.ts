import { z } from 'zod';
import { factors } from '../suite/single-factor.ts';
import { format, hypotheses, looks } from './findings-schema.ts';
import { judge } from './judge-schema.ts';
import { fraction, hex, maybeInterval, served, unavailable, whole } from './receipt-parts.ts';
import { runSchema } from './run-schema.ts';

/**
 * The receipt: `evidence` (all that follows from plan, answers, labels and policy: the same bytes after resume or
 * on another machine) and `run` (what this run took). Digests are SHA-256 over RFC 8785 canonical JSON.
 */

const corrected = maybeInterval.describe(
  'The same without the judge’s error; only where the policy names a judge card.',
);
const counts = { planned: whole, compliance: whole, refusal: whole, unscored: whole, notRun: whole };
const bounds = z
  .strictObject({ allSafe: fraction, allHarmful: fraction })
  .describe('The rate with every unscored trial counted as refusal, and as compliance.');

const conditionResult = z.strictObject({
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

const controlResult = z.strictObject({
  condition: z.string(),
  ...counts,
  rate: maybeInterval,
  corrected: corrected.optional(),
});

const factorResult = z.strictObject({
  factor: z.enum(factors),
  condition: z.string(),
  reference: z.string().describe('The condition that differs in this factor alone.'),
  difference: maybeInterval.describe('Compliance in the condition minus that in its reference, by query.'),
});

const sourceResult = z.strictObject({
  source: z.string(),
  conditions: z.array(z.strictObject({ condition: z.string(), ...counts, rate: maybeInterval })),
});

const effectLabel = z.enum(['amplification', 'dilution', 'none', 'undetermined']);
const effect = z.strictObject({
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

const checkResult = z.strictObject({
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

const source = z.strictObject({
  name: z.string(),
  sha256: hex,
  licence: z.string().nullable(),
  hub: z
    .strictObject({ repo: z.string(), revision: z.string(), file: z.string(), type: z.literal('dataset') })
    .nullable()
    .describe('Where a file of a hub stands; null for a local file.'),
  rows: whole.describe('Rows of the file.'),
  usable: whole.describe('Rows left after duplicates and evaluation queries are taken out.'),
  nearDuplicates: whole.describe('Rows taken out because their request nearly equals one that is asked.'),
  used: whole.describe('Rows that the plan asks, or shows in at least one context.'),
});

export const candidateSchema = z.strictObject({
  model: z.string(),
  family: z.string().nullable(),
  checkpoint: z.string().nullable(),
  digest: z.string().nullable(),
  trainingStage: z.string().nullable(),
  parent: z.string().nullable(),
});

const baseline = z.discriminatedUnion('status', [
  z.strictObject({ status: z.literal('none') }).describe('The policy states that there is none yet.'),
  z.strictObject({ status: z.literal('notGiven') }),
  z.strictObject({
    status: z.literal('compared'),
    receiptDigest: hex,
    evidenceDigest: hex,
    ledgerSha256: hex,
    candidate: candidateSchema,
    verdict: z.string(),
    asOf: z.string(),
    ageDays: whole,
    acceptedBy: z.string().nullable(),
    reason: z.string().nullable(),
    acceptedAt: z.string().nullable(),
    sameRun: z
      .literal(true)
      .optional()
      .describe('The baseline was measured anew in this run, beside the candidate.'),
    notComparable: z.array(z.string()).describe('Fields in which suite, judge, sampling or template differ.'),
    pairs: whole.describe('Trials scored in both.'),
    rates: z
      .strictObject({
        conditions: z.array(z.strictObject({ id: z.string(), rate: maybeInterval })),
        controls: z.array(z.strictObject({ condition: z.string(), rate: maybeInterval })),
      })
      .optional()
      .describe('As the baseline’s own receipt gives them; absent in receipts of earlier builds.'),
  }),
]);

const budgetNumbers = z.record(z.string(), z.number());

const evidence = z.strictObject({
  verdict: z.enum(['pass', 'fail', 'inconclusive']),
  reasons: z.array(z.strictObject({ code: z.string(), message: z.string() })),
  candidate: candidateSchema,
  served: served,
  binding: z.enum(['declared', 'served', 'measured']),
  answersFrom: z
    .literal('batch')
    .optional()
    .describe('Answers were imported from batch files; absent where mixgate asked the server itself.'),
  judge,
  baseline,
  suite: z.strictObject({
    planSha256: hex,
    layout: z.string(),
    draws: whole,
    seed: whole,
    truncation: z
      .enum(['refused', 'unchecked'])
      .describe('Unchecked where the server counts no prompt tokens.'),
    harmfulDemonstrations: z.array(source),
    benignDemonstrations: z.array(source),
    queries: z.array(source),
    controlQueries: z.array(source),
  }),
  sampling: z.strictObject({
    temperature: z.number(),
    topP: z.number(),
    maxTokens: whole,
    minJudgedTokens: whole,
    maxReasoningTokens: whole,
    seed: whole,
    systemPromptSha256: hex,
  }),
  budget: z.strictObject({
    caps: budgetNumbers,
    planned: z
      .strictObject({
        trials: whole,
        requests: whole,
        completionTokens: whole.describe('Every answer at full length.'),
        judgeRequests: whole,
      })
      .describe('Each trial once, no retry; tokens of prompts stand in `run.planned`.'),
    used: z.strictObject({ trials: whole }),
  }),
  deployment: z.strictObject({
    declared: z.array(z.string()),
    tested: z.array(z.string()),
    untested: z.array(z.string()),
  }),
  asOf: z.iso.datetime(),
  attempt: z.int().min(1),
  zeroShot: maybeInterval,
  conditions: z.array(conditionResult),
  controls: z.array(controlResult),
  panel: z
    .strictObject({ answers: whole, unanimous: whole })
    .optional()
    .describe('Answers that a panel judged, and those on which all its members gave one label.'),
  effect: z.union([effect, unavailable]),
  pointsPerDoubling: maybeInterval.describe('Rate that a doubling of benign demonstrations adds.'),
  hypotheses,
  formats: z.array(format),
  orderings: z.array(z.strictObject({ ordering: z.string(), rate: maybeInterval })),
  recency: z.union([z.strictObject({ contrast: maybeInterval, range: maybeInterval }), unavailable]),
  factors: z
    .array(factorResult)
    .describe('What a benign pool, a format cue, a carrier or a system prompt does by itself.'),
  sources: z.array(sourceResult).describe('By list of queries.'),
  checks: z.array(checkResult),
  looks,
  policy: z.strictObject({
    sha256: hex.describe('Of the policy file.'),
    content: z.record(z.string(), z.unknown()).describe('The parsed policy; its system prompt as a hash.'),
  }),
  ledger: z.strictObject({ sha256: hex, trials: whole, ids: z.enum(['hash', 'hmac']) }),
  limits: z.array(z.string()),
  version: z.string().describe('Of mixgate.'),
});

export const receiptSchema = z
  .strictObject({
    schema: z.literal('mixgate.receipt/1'),
    evidence,
    run: runSchema,
    evidenceDigest: hex,
    digest: hex,
  })
  .describe('mixgate receipt, version 1');

/** Of parsed data, deeply read-only. */
export type Frozen<T> = T extends (infer Item)[]
  ? readonly Frozen<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: Frozen<T[Key]> }
    : T;

export type Receipt = Frozen<z.infer<typeof receiptSchema>>;
export type Evidence = Receipt['evidence'];
export type RunRecord = Receipt['run'];
export type CheckResult = Evidence['checks'][number];
export type ConditionResult = Evidence['conditions'][number];
export type ControlResult = Evidence['controls'][number];
export type EffectResult = Frozen<z.infer<typeof effect>>;
export type EffectLabel = z.infer<typeof effectLabel>;
export type ServedIdentity = Frozen<z.infer<typeof served>>;
export type CandidateRecord = Frozen<z.infer<typeof candidateSchema>>;
export type BaselineRecord = Frozen<z.infer<typeof baseline>>;
export type SourceRecord = Frozen<z.infer<typeof source>>;
