import { z } from 'zod';
import { type Complaint, EvidenceError } from '../config/errors.ts';
import { tryJson } from '../config/try-json.ts';
import { type LabelledTrial, notRunReasons, unscoredReasons } from '../suite/outcome.ts';

/** The ledger: one JSON line a trial, in plan order; ids and labels, no text. */

const hex = z.string().regex(/^[0-9a-f]{64}$/);
const trial = {
  trialId: hex,
  role: z.enum(['evaluation', 'control']),
  conditions: z.array(z.string()).min(1),
  block: z.int().min(0),
  draw: z.int().min(0),
  source: z.string(),
  query: hex,
  cut: z.boolean(),
  margin: z.number().min(0).optional().describe('Log-odds between the judge’s two words, where it tells.'),
  votes: z
    .string()
    .regex(/^[cru]{2,9}$/)
    .optional()
    .describe('Of a panel, each member’s word.'),
};

export const ledgerRowSchema = z.discriminatedUnion('label', [
  z.strictObject({ ...trial, label: z.literal('compliance'), adopted: z.boolean().optional() }),
  z.strictObject({ ...trial, label: z.literal('refusal'), adopted: z.boolean().optional() }),
  z.strictObject({ ...trial, label: z.literal('unscored'), reason: z.enum(unscoredReasons) }),
  z.strictObject({ ...trial, label: z.literal('notRun'), reason: z.enum(notRunReasons) }),
]);

/** The ledger's text: one canonical row a trial, in plan order. */
export function renderLedger(trials: readonly LabelledTrial[]): string {
  return trials
    .map(
      ({ trialId, role, conditions, block, draw, source, query, cut, outcome, judged }) =>
        `${JSON.stringify({ trialId, role, conditions, block, draw, source, query, cut, ...outcome, ...judged })}\n`,
    )
    .join('');
}

/**
 * Parses a ledger and holds it to its rule: every trial once.
 *
 * @throws EvidenceError LEDGER_BROKEN with file and line
 */
export function parseLedger(text: string, file: string): LabelledTrial[] {
  const lines = text.split('\n');
  if (lines.pop() !== '')
    throw broken({
      where: `${file}:${lines.length + 1}`,
      expected: 'a line end at the end',
      got: 'a line cut off',
    });
  const seen = new Set<string>();
  return lines.map((line, index) => {
    const where = `${file}:${index + 1}`;
    const parsed = ledgerRowSchema.safeParse(tryJson(line));
    if (!parsed.success)
      throw broken({
        where,
        expected: 'a ledger row',
        got: parsed.error.issues[0]?.message ?? 'something else',
      });
    const { trialId, role, conditions, block, draw, source, query, cut, margin, votes, ...outcome } =
      parsed.data;
    if (seen.has(trialId))
      throw broken({ where, expected: 'every trial once', got: `trial ${trialId.slice(0, 12)} again` });
    seen.add(trialId);
    const judged = { ...(margin === undefined ? {} : { margin }), ...(votes === undefined ? {} : { votes }) };
    const how = Object.keys(judged).length === 0 ? {} : { judged };
    return { trialId, role, conditions, block, draw, source, query, cut, outcome, ...how };
  });
}

function broken({ where, expected, got }: Pick<Complaint, 'where' | 'expected' | 'got'>): EvidenceError {
  const remedy = 'restore the ledger that was written with the receipt';
  return new EvidenceError({ code: 'LEDGER_BROKEN', where, expected, got, remedy });
}
