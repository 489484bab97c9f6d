import { z } from 'zod';
import { rate } from './policy-parts.ts';

/** The `decision` object of the policy: error rates, looks, and what to make of thin or unlike evidence. */

/**
 * Differences under which two runs still measure the same thing, if not on the same trials. Another judge, or one that
 * is unfit, labels something else, and a baseline from the future is none.
 */
const unpairableFields = [
  'suite.planSha256',
  'served.templateSha256',
  'ledger.ids',
  'ledger (no common trials)',
  'sampling.temperature',
  'sampling.topP',
  'sampling.maxTokens',
  'sampling.minJudgedTokens',
  'sampling.maxReasoningTokens',
  'sampling.seed',
  'sampling.systemPromptSha256',
] as const;

/** Planned looks at a run's evidence. */
export const mostLooks = 8;

export const decisionPolicy = z.strictObject({
  alpha: z.number().gt(0).max(0.2).default(0.05).describe('One-sided error of each check.'),
  looks: z
    .int()
    .min(1)
    .max(mostLooks)
    .default(1)
    .describe('Planned looks, equally spaced over the blocks; those below 8 blocks are dropped.'),
  allowUnpaired: z
    .array(z.enum(unpairableFields))
    .max(unpairableFields.length)
    .default([])
    .describe(
      'Fields in which the baseline may differ: it is then compared without pairs, which shows less.',
    ),
  maxUnscored: rate.default(0.02),
  onInconclusive: z.enum(['fail', 'warn']).default('fail'),
  maxAttempts: z.int().min(1).max(100).default(2),
  baselineMaxAgeDays: z.int().min(1).max(3650).default(90),
});
