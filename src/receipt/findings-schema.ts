import { z } from 'zod';
import { mostLooks } from '../config/decision-policy.ts';
import { fraction, maybeInterval, unavailable, whole } from './receipt-parts.ts';

/** Parts of the receipt that stand beside the checks: looks, hypotheses, format adoption. */

const coefficient = z.strictObject({ name: z.string(), scale: z.string(), interval: maybeInterval });
const hypothesis = z.union([
  z.strictObject({
    model: z.string(),
    nullHypothesis: z.string(),
    basis: z.enum(['clusterRobust', 'modelBased']),
    statisticName: z.enum(['t', 'F', 'penalised likelihood-ratio chi-square']),
    statistic: z.number(),
    df: z.array(z.number()),
    pValue: fraction,
    coefficients: z.array(coefficient),
    likelihoodRatio: z
      .union([z.strictObject({ chiSquare: z.number(), df: whole, pValue: fraction }), unavailable])
      .describe('For reference: it takes trials as independent.'),
  }),
  unavailable,
]);
export const hypotheses = z
  .strictObject({ totalCount: hypothesis, harmfulCount: hypothesis, joint: hypothesis })
  .describe('The paper’s hypotheses over conditions that differ in counts alone; no check reads them.');

const adoption = z.strictObject({ answers: whole, adopted: whole, rate: maybeInterval });
const cued = {
  condition: z.string(),
  cue: z.enum(['neutral', 'comply']),
  on: z.enum(['benign', 'harmful', 'all']).describe('Demonstrations that had the cue.'),
};
export const format = z
  .union([
    z.strictObject({
      ...cued,
      refusals: adoption,
      compliances: adoption,
      difference: maybeInterval.describe('Rate among refusals minus rate among compliances.'),
    }),
    z.strictObject({ ...cued, unavailable: z.string() }),
  ])
  .describe('How often answers begin with the cue of the demonstrations, apart from compliance.');

const isRising = (numbers: readonly number[]): boolean =>
  numbers.every((one, index) => index === 0 || one > (numbers[index - 1] ?? one));

/** No policy plans more of them: what a figure costs grows with their square. */
const fewLooks = <T extends z.ZodType>(look: T) => z.array(look).max(mostLooks);

export const looks = z
  .strictObject({
    planned: fewLooks(whole)
      .refine(isRising, 'blocks that rise from look to look')
      .describe('Blocks that each planned look sees.'),
    taken: fewLooks(
      z.strictObject({
        look: z.int().min(1),
        blocks: whole,
        complete: z.boolean().describe('False where a cap left out trials that this look needed.'),
        nominalError: fraction.describe('One-sided: intervals at this look have level 1 - 2 of it.'),
        settled: z.array(z.string()),
        goesOn: z
          .strictObject({ evaluation: z.array(z.string()), control: z.array(z.string()) })
          .describe('Conditions that were still asked after it.'),
      }),
    ).refine(
      (taken) => isRising(taken.map(({ look }) => look)),
      'looks in the order in which they were taken',
    ),
  })
  .describe('Planned looks at the evidence: a settled check is settled for good.');
