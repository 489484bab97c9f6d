import { z } from 'zod';
import { baseline, candidateSchema } from './baseline-schema.ts';
import { format, hypotheses, looks } from './findings-schema.ts';
import { judge } from './judge-schema.ts';
import { hex, maybeInterval, served, unavailable, whole } from './receipt-parts.ts';
import {
  checkResult,
  conditionResult,
  controlResult,
  effect,
  type effectLabel,
  factorResult,
  sourceResult,
} from './results-schema.ts';
import { runSchema } from './run-schema.ts';
import { sampling, type source, suite } from './suite-schema.ts';

/**
 * The receipt: `evidence` (all that follows from plan, answers, labels and policy: the same bytes after resume or
 * on another machine) and `run` (what this run took). Digests are SHA-256 over RFC 8785 canonical JSON.
 */

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
  suite,
  sampling,
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
export type EffectLabel = z.infer<typeof effectLabel>;
export type ServedIdentity = Frozen<z.infer<typeof served>>;
export type CandidateRecord = Frozen<z.infer<typeof candidateSchema>>;
export type BaselineRecord = Frozen<z.infer<typeof baseline>>;
export type SourceRecord = Frozen<z.infer<typeof source>>;
