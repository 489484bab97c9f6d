import { z } from 'zod';
import { name, rate } from './policy-parts.ts';

/** The part of the policy that says in which contexts queries are asked. */

/** Where the harmful demonstrations stand in a context; the contract's five rules. */
export const orderingRules = ['prefix', 'suffix', 'random', 'middle', 'interleaved'] as const;
export type Ordering = (typeof orderingRules)[number];

/** How demonstrations reach the model. */
export const carriers = [
  'chat',
  'flat',
  'system',
  'retrieved',
  'tool',
  'memory',
  'script',
  'guidance',
] as const;
export type Carrier = (typeof carriers)[number];

/** Fixed openings of the responses that are shown, and the demonstrations that may bear them. */
export const formatCues = ['neutral', 'comply'] as const;
export type Cue = (typeof formatCues)[number];
const cuedKinds = ['benign', 'harmful', 'all'] as const;
export type CuedKind = (typeof cuedKinds)[number];

const count = z.int().min(0).max(4096);
const counts = z
  .union([count, z.array(count).min(1).max(64)], 'a whole number from 0 to 4096, or a list of them')
  .transform((value) => (Array.isArray(value) ? value : [value]));
/** One value stands for a list of one. */
const oneOrMore = <T>(value: z.ZodType<T>, expected: string) =>
  z
    .union([value, z.array(value).min(1).max(8)], expected)
    .transform((given): T[] => (Array.isArray(given) ? given : [given]));

export const sweeps = z.strictObject({
  zeroShot: z.boolean().default(true).describe('No demonstrations at all: the base rate.'),
  grid: z
    .strictObject({
      totals: z.array(z.int().min(1).max(4096)).min(1).max(64),
      harmfulFractions: z.array(rate).min(1).max(64),
    })
    .optional()
    .describe('Totals by harmful fractions; a fraction whose count is not whole is refused.'),
  benignSweep: z
    .strictObject({ harmful: counts, benign: counts })
    .optional()
    .describe('Benign counts at fixed harmful ones: amplification or dilution.'),
  harmfulSweep: z
    .strictObject({ benign: counts, harmful: counts })
    .optional()
    .describe('Harmful counts at fixed benign ones.'),
  orderings: z
    .strictObject({
      benign: z.int().min(1).max(4096),
      harmful: z.int().min(1).max(4096),
      rules: z.array(z.enum(orderingRules)).min(2).max(5),
    })
    .optional()
    .describe('The same demonstrations in several orders: recency.'),
  benignSources: z
    .strictObject({ benign: z.int().min(1).max(4096), harmful: count })
    .optional()
    .describe('The same mixture with the demonstrations of each benign pool.'),
  matchedRewrites: z
    .strictObject({ benign: z.int().min(1).max(4096), harmful: count })
    .optional()
    .describe('Benign demonstrations whose pairedWith names the harmful ones of the draw: same topics.'),
  formatCues: z
    .strictObject({
      benign: count,
      harmful: count,
      cues: z.array(z.enum(formatCues)).min(1).max(2),
      on: oneOrMore(z.enum(cuedKinds), 'one of benign, harmful, all, or a list of them').default(['all']),
    })
    .optional()
    .describe('A fixed opening of the responses that are shown: format adoption.'),
  carriers: z
    .strictObject({
      benign: count,
      harmful: count,
      carriers: z.array(z.enum(carriers)).min(1).max(carriers.length),
    })
    .optional()
    .describe('The same demonstrations as chat turns, documents, memory and so on.'),
  systemPrompts: z
    .array(
      z.strictObject({
        name,
        text: z
          .string()
          .max(100_000)
          .describe('In place of sampling.systemPrompt; a receipt holds its hash.'),
        benign: counts,
        harmful: counts,
      }),
    )
    .max(32)
    .default([])
    .describe('The same mixtures under other system prompts.'),
});
