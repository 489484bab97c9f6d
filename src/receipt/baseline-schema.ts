import { z } from 'zod';
import { hex, maybeInterval, whole } from './receipt-parts.ts';

/** Who was measured, and the baseline that it is compared with. */

export const candidateSchema = z.strictObject({
  model: z.string(),
  family: z.string().nullable(),
  checkpoint: z.string().nullable(),
  digest: z.string().nullable(),
  trainingStage: z.string().nullable(),
  parent: z.string().nullable(),
});

export const baseline = z.discriminatedUnion('status', [
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
