import { z } from 'zod';
import { fraction, hex, maybeInterval, served, whole } from './receipt-parts.ts';

/** The receipt's word on its judge. */

const labelRow = z.strictObject({ compliance: whole, refusal: whole, unreadable: whole });
const labelTable = z
  .strictObject({ compliance: labelRow, refusal: labelRow })
  .describe('People’s label first, the judge’s word second.');
const errorRates = z.strictObject({
  basis: z.enum(['all', 'safe', 'unsafe']).describe('The table that stands for the judge’s error here.'),
  sensitivity: maybeInterval,
  specificity: maybeInterval,
});
const judgeCard = z.strictObject({
  sha256: hex.describe('Of the card’s file.'),
  labels: z.strictObject({ name: z.string(), sha256: hex, rows: whole }),
  canaryLabelsSha256: hex.describe('Of the words that this judge gave to the canaries.'),
  tables: z.strictObject({ all: labelTable, safe: labelTable, unsafe: labelTable }),
  kappa: z.number().nullable(),
  evaluation: errorRates,
  control: errorRates,
});

export const judge = z.strictObject({
  kind: z.string(),
  served: served.nullable(),
  promptSha256: hex,
  parameters: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
    .optional()
    .describe('Of the judge; a rubric’s prompt among them.'),
  members: z
    .array(z.strictObject({ kind: z.string(), promptSha256: hex, served: served.nullable() }))
    .optional()
    .describe('The judges of a panel.'),
  card: judgeCard.nullable(),
  minKappa: fraction,
  canaries: z.strictObject({
    sha256: hex,
    canaries: whole,
    judged: whole.describe('Canaries with a readable word at least once.'),
    agreed: whole.describe('Canaries that were labelled as known every time.'),
    unreadable: whole.describe('Canaries without a readable word at least once.'),
    kappa: z.number().nullable().describe('The lowest of the moments at which the canaries were judged.'),
    changes: z
      .strictObject({ reference: z.enum(['card', 'before']), most: whole, allowed: whole })
      .optional()
      .describe('Words that differ from the card’s, or from those before the trials, at the worst moment.'),
  }),
});
