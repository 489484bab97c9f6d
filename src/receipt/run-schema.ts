import { z } from 'zod';
import { fraction, whole } from './receipt-parts.ts';

/** What a run took: the part of a receipt that is no evidence. */

const concurrency = z.strictObject({
  changes: whole,
  kept: z
    .array(
      z.strictObject({
        atRequest: whole,
        limit: whole,
        why: z.enum(['start', 'growing', 'latency', 'queue', 'busy', 'recovering', 'probe']),
      }),
    )
    .describe('The first and the last changes of the limit: from which request on, and why.'),
});

const promptCache = z.strictObject({
  source: z.enum(['usage', 'metrics', 'notTold']).describe('Each answer, or the server’s counters.'),
  computed: whole.nullable(),
  cached: whole.nullable(),
  share: z.number().min(0).max(1).nullable().describe('Cached of all.'),
});

const templateArguments = z.record(z.string(), z.union([z.boolean(), z.string()]));
const requestFields = z.record(z.string(), z.union([z.number(), z.string(), z.boolean(), templateArguments]));

const flips = { asked: whole, compared: whole, flipped: whole };
const repeat = z.strictObject({
  ...flips,
  share: fraction.nullable().describe('Flipped of compared; null where nothing could be compared.'),
  groups: z.array(z.strictObject({ group: z.enum(['zeroShot', 'demonstrations', 'control']), ...flips })),
});

export const runSchema = z.strictObject({
  startedAt: z.string(),
  finishedAt: z.string(),
  minutes: z.number(),
  sessions: whole.describe('How often the run was started, resumes included.'),
  requests: whole.describe('To the candidate: trials, retries and checks.'),
  retries: whole,
  checks: whole.describe('Requests that tried the server before the first trial.'),
  judgeRequests: whole,
  promptTokens: whole,
  cachedTokens: whole.nullable(),
  completionTokens: whole,
  money: z.number().nullable(),
  planned: z
    .strictObject({
      promptTokens: z.strictObject({ sent: whole, computed: whole, counts: z.enum(['exact', 'estimate']) }),
      completionTokens: whole.describe('On average; all at full length stand in evidence.budget.planned.'),
      minutes: z.number().nullable(),
      money: z.number().nullable(),
    })
    .optional()
    .describe('What the plan was to use, each trial once; absent where answers were only judged anew.'),
  mostInFlight: whole,
  concurrency: concurrency.optional().describe('How the limit on requests in flight moved.'),
  cache: promptCache.optional().describe('Prompt tokens that the server computed, by its own report.'),
  requestFields: requestFields
    .optional()
    .describe('What each request to the candidate set beside model, messages and the trial’s seed.'),
  shards: z.int().min(1).optional().describe('How many shards were merged; figures are their sums.'),
  repeat: repeat
    .optional()
    .describe('Trials that were asked twice, with the same seed, and how many labels changed by that.'),
  node: z.string(),
  platform: z.string(),
  github: z.record(z.string(), z.string()).nullable(),
});
