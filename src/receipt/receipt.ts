import { z } from 'zod';
import { runSchema } from './run-schema.ts';

/**
 * The receipt: `evidence` (all that follows from plan, answers, labels and policy: the same bytes after resume or
 * on another machine) and `run` (what this run took). Digests are SHA-256 over RFC 8785 canonical JSON.
 */

const hex = z.string().regex(/^[0-9a-f]{64}$/);
const fraction = z.number().min(0).max(1);
const whole = z.int().min(0);

const interval = z.strictObject({
  estimate: z.number(),
  lower: z.number(),
  upper: z.number(),
  level: z.number().gt(0).lt(1),
  method: z.string(),
});
const unavailable = z.strictObject({ unavailable: z.string() });
const maybeInterval = z.union([interval, unavailable]);

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
  bounds: z.union([bounds, unavailable]),
});

const controlResult = z.strictObject({ condition: z.string(), ...counts, rate: maybeInterval });

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
  threshold: z.number(),
  at: z.string().describe('The condition, or pair of conditions, that decided.'),
  note: z.string(),
  motivation: z.string(),
  remedy: z.string(),
});

const source = z.strictObject({
  name: z.string(),
  sha256: hex,
  licence: z.string().nullable(),
  rows: whole.describe('Rows of the file.'),
  usable: whole.describe('Rows left after duplicates and evaluation queries are taken out.'),
  nearDuplicates: whole.describe('Rows taken out because their request nearly equals one that is asked.'),
  used: whole.describe('Rows that the plan asks, or shows in at least one context.'),
});

export const servedSchema = z.strictObject({
  model: z.string(),
  root: z.string().nullable(),
  engine: z.string().nullable(),
  version: z.string().nullable(),
  contextLength: whole.nullable(),
  templateSha256: hex.nullable(),
  answersAs: z.string().nullable().describe('The model name in the answers.'),
  fingerprint: z.string().nullable(),
});

const judge = z.strictObject({
  kind: z.string(),
  served: servedSchema.nullable(),
  promptSha256: hex,
  card: z.null(),
  minKappa: fraction,
  canaries: z.strictObject({
    sha256: hex,
    canaries: whole,
    judged: whole.describe('Canaries with a readable word at least once.'),
    agreed: whole.describe('Canaries that were labelled as known every time.'),
    unreadable: whole.describe('Canaries without a readable word at least once.'),
    kappa: z.number().nullable().describe('The lowest of the moments at which the canaries were judged.'),
  }),
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
  }),
]);

const budgetNumbers = z.record(z.string(), z.number());

const evidence = z.strictObject({
  verdict: z.enum(['pass', 'fail', 'inconclusive']),
  reasons: z.array(z.strictObject({ code: z.string(), message: z.string() })),
  candidate: candidateSchema,
  served: servedSchema,
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
    planned: z.strictObject({ trials: whole }),
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
  effect: z.union([effect, unavailable]),
  recency: z.union([z.strictObject({ contrast: maybeInterval, range: maybeInterval }), unavailable]),
  checks: z.array(checkResult),
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
export type ServedIdentity = Frozen<z.infer<typeof servedSchema>>;
export type CandidateRecord = Frozen<z.infer<typeof candidateSchema>>;
export type BaselineRecord = Frozen<z.infer<typeof baseline>>;
export type SourceRecord = Frozen<z.infer<typeof source>>;
