import { z } from 'zod';

/** Shapes that a receipt uses in several places. */

export const hex = z.string().regex(/^[0-9a-f]{64}$/);
export const fraction = z.number().min(0).max(1);
export const whole = z.int().min(0);

const interval = z.strictObject({
  estimate: z.number(),
  lower: z.number(),
  upper: z.number(),
  level: z.number().gt(0).lt(1),
  method: z.string(),
});
export const unavailable = z.strictObject({ unavailable: z.string() });
export const maybeInterval = z.union([interval, unavailable]);

/** What a server says that it serves. */
export const served = z.strictObject({
  model: z.string(),
  root: z.string().nullable(),
  engine: z.string().nullable(),
  version: z.string().nullable(),
  contextLength: whole.nullable(),
  templateSha256: hex.nullable(),
  answersAs: z.string().nullable().describe('The model name in the answers.'),
  fingerprint: z.string().nullable(),
  weightsSha256: hex
    .optional()
    .describe(
      'Root digest of the weights, hashed on the serving host; only where the policy says how it is known.',
    ),
});
