import { z } from 'zod';
import { hex, whole } from './receipt-parts.ts';

/** What a receipt holds of the suite that was asked, and how its answers were sampled. */

export const source = z.strictObject({
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

export const suite = z.strictObject({
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
});

export const sampling = z.strictObject({
  temperature: z.number(),
  topP: z.number(),
  maxTokens: whole,
  minJudgedTokens: whole,
  maxReasoningTokens: whole,
  seed: whole,
  systemPromptSha256: hex,
});
