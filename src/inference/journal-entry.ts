import { z } from 'zod';
import { EvidenceError } from '../config/errors.ts';
import { tryJson } from '../config/try-json.ts';
import { unscoredReasons } from '../suite/outcome.ts';

/** The lines of a run's journal: one for each thing that happened. */

const usage = z.object({
  promptTokens: z.number().nullable(),
  cachedTokens: z.number().nullable(),
  completionTokens: z.number().nullable(),
});
const served = z.object({
  model: z.string(),
  root: z.string().nullable(),
  engine: z.string().nullable(),
  version: z.string().nullable(),
  contextLength: z.number().nullable(),
  templateSha256: z.string().nullable(),
  answersAs: z.string().nullable(),
  fingerprint: z.string().nullable(),
  weightsSha256: z.string().optional(),
});
const cost = z.object({ prompt: z.number(), cached: z.number(), completion: z.number() });

const entrySchema = z.discriminatedUnion('t', [
  z.object({
    t: z.literal('run'),
    format: z.literal(1),
    planSha256: z.string(),
    policySha256: z.string(),
    candidateSha256: z.string(),
    judgeSha256: z.string(),
    serversSha256: z.string(),
    workflowRun: z.string().nullable(),
    baselineDigest: z.string().nullable(),
    served,
    judgeServed: served.nullable(),
    shard: z.string().optional().describe('Which part of the plan, as i/n; absent in a run in one piece.'),
    asOf: z.string(),
  }),
  z.object({ t: z.literal('session'), at: z.string() }),
  z.object({
    t: z.literal('sent'),
    to: z.enum(['candidate', 'judge']),
    id: z.string(),
    worst: cost,
    at: z.string(),
  }),
  z.object({ t: z.literal('fault'), id: z.string(), code: z.string(), at: z.string() }),
  z.object({
    t: z.literal('answer'),
    id: z.string(),
    text: z.string().nullable().describe('Null once retention has taken it away.'),
    textSha256: z.string().optional(),
    finish: z.string(),
    reasoned: z.boolean(),
    usage,
    model: z.string().nullable(),
    fingerprint: z.string().nullable(),
    at: z.string(),
  }),
  z
    .object({
      t: z.literal('checked'),
      id: z.string(),
      usage,
      finish: z.string(),
      reasoned: z.boolean(),
      empty: z.boolean(),
      at: z.string(),
    })
    .describe('An answer of the preflight, which is no trial’s.'),
  z.object({ t: z.literal('unanswered'), id: z.string(), reason: z.enum(unscoredReasons), at: z.string() }),
  z.object({
    t: z.literal('judged'),
    id: z.string(),
    label: z.enum(['compliance', 'refusal', 'unscored']),
    reason: z.enum(unscoredReasons).optional(),
    margin: z.number().optional(),
    votes: z.string().optional(),
    adopted: z.boolean().optional().describe('Whether the answer begins with the cue of its demonstrations.'),
    at: z.string(),
  }),
  z.object({
    t: z.literal('complete'),
    missing: z.number().optional().describe('Planned trials that a cap kept from being asked.'),
    unjudged: z.number().optional().describe('Answers that a cap kept from being judged.'),
    at: z.string(),
  }),
  z.object({ t: z.literal('changed'), field: z.string(), at: z.string() }),
]);

export type JournalEntry = z.infer<typeof entrySchema>;
export type RunHeader = Extract<JournalEntry, { t: 'run' }>;
export type AnswerEntry = Extract<JournalEntry, { t: 'answer' }>;

/** @throws EvidenceError JOURNAL_BROKEN at this place */
export function parseJournalLine(line: string, where: string): JournalEntry {
  const parsed = entrySchema.safeParse(tryJson(line));
  if (parsed.success) return parsed.data;
  throw new EvidenceError({
    code: 'JOURNAL_BROKEN',
    where,
    expected: 'a journal line of mixgate, format 1',
    got: 'something else',
    remedy: 'restore the file, or start again with an empty state directory',
  });
}
