import { z } from 'zod';
import { type Complaint, EvidenceError } from '../config/errors.ts';
import { tryJson } from '../config/try-json.ts';
import { isScored } from '../gate/answered.ts';
import type { BaselineStanding } from '../gate/baseline-standing.ts';
import type { LabelledTrial } from '../suite/outcome.ts';
import { differencesBetween } from './difference.ts';
import { sha256 } from './digest.ts';
import { parseLedger } from './ledger.ts';
import { countOutcomes, noCounts } from './outcome-counts.ts';
import { parseIntactReceipt } from './read-receipt.ts';
import type { BaselineRecord, Evidence, Receipt } from './receipt.ts';

/** Who made a run the baseline, why and when: `accepted.json` in its folder. */
export const acceptanceSchema = z.strictObject({
  schema: z.literal('mixgate.acceptance/1'),
  receiptDigest: z.string(),
  by: z.string().min(1).max(200),
  reason: z.string().min(1).max(2000),
  at: z.iso.datetime(),
  replaces: z
    .string()
    .nullable()
    .optional()
    .describe('Digest of the receipt that was the baseline before; null for a first one.'),
});
export type Acceptance = z.infer<typeof acceptanceSchema>;

export const baselineFiles = { receipt: 'receipt.json', ledger: 'ledger.jsonl', acceptance: 'accepted.json' };

/** An accepted run with its labels; acceptance is null where the folder holds a bare run. */
export interface Baseline {
  readonly receipt: Receipt;
  readonly ledgerSha256: string;
  readonly trials: readonly LabelledTrial[];
  readonly acceptance: Acceptance | null;
  /** It was measured in the same run as the candidate. */
  readonly sameRun?: true | undefined;
}

/**
 * Puts a baseline together from its files' texts.
 *
 * @throws EvidenceError where receipt, ledger and acceptance are broken or do not belong together
 */
export function parseBaseline(files: {
  readonly dir: string;
  readonly receipt: string;
  readonly ledger: string;
  readonly acceptance: string | undefined;
}): Baseline {
  const { dir } = files;
  const receipt = parseIntactReceipt(files.receipt, `${dir}/${baselineFiles.receipt}`);
  const ledgerSha256 = sha256(files.ledger);
  if (ledgerSha256 !== receipt.evidence.ledger.sha256) {
    throw mismatch({
      where: `${dir}/${baselineFiles.ledger}`,
      expected: `SHA-256 ${receipt.evidence.ledger.sha256}`,
      got: ledgerSha256,
    });
  }
  const trials = parseLedger(files.ledger, `${dir}/${baselineFiles.ledger}`);
  requireCounts(receipt, trials, `${dir}/${baselineFiles.ledger}`);
  const acceptance = files.acceptance === undefined ? null : parseAcceptance(files.acceptance, dir);
  if (acceptance !== null && acceptance.receiptDigest !== receipt.digest) {
    throw mismatch({
      where: `${dir}/${baselineFiles.acceptance}`,
      expected: `receipt ${receipt.digest}`,
      got: acceptance.receiptDigest,
    });
  }
  return { receipt, ledgerSha256, trials, acceptance };
}

/** Labels that were changed together with their hash still contradict the receipt's own counts. */
function requireCounts({ evidence }: Receipt, trials: readonly LabelledTrial[], where: string): void {
  const stated = [
    ...evidence.conditions.map((one) => ({ ...one, role: 'evaluation' as const })),
    ...evidence.controls.map((one) => ({ ...one, id: one.condition, role: 'control' as const })),
  ];
  const found = {
    evaluation: countOutcomes(trials, 'evaluation'),
    control: countOutcomes(trials, 'control'),
  };
  for (const { id, role, compliance, refusal } of stated) {
    const counts = found[role].get(id) ?? noCounts;
    if (counts.compliance === compliance && counts.refusal === refusal) continue;
    const got = `${counts.compliance} and ${counts.refusal}`;
    throw mismatch({
      where,
      expected: `${compliance} compliances and ${refusal} refusals in ${id} (${role})`,
      got,
    });
  }
}

function parseAcceptance(text: string, dir: string): Acceptance {
  const parsed = acceptanceSchema.safeParse(tryJson(text));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = [`${dir}/${baselineFiles.acceptance}`, ...(issue?.path.map(String) ?? [])].join(' ');
  throw mismatch({
    where,
    expected: 'who, why, when and the receipt’s digest, as `mixgate baseline accept` writes them',
    got: issue?.message ?? 'something else',
  });
}

function mismatch({ where, expected, got }: Pick<Complaint, 'where' | 'expected' | 'got'>): EvidenceError {
  return new EvidenceError({
    code: 'BASELINE_BROKEN',
    where,
    expected,
    got,
    remedy: 'restore the baseline as it was accepted, or accept a run anew with `mixgate baseline accept`',
  });
}

/** What must be the same in two runs for their trials to be compared. */
export type Comparable = Pick<Evidence, 'judge' | 'suite' | 'sampling' | 'served'> & {
  readonly ledgerIds: Evidence['ledger']['ids'];
};

/**
 * The fields in which suite, judge, sampling or template differ; what a server does not tell counts as equal. A
 * baseline whose judge did not reach the kappa that the candidate's must is none: its labels tell nothing.
 */
export function differences(candidate: Comparable, baseline: Receipt): string[] {
  const before: Comparable = { ...baseline.evidence, ledgerIds: baseline.evidence.ledger.ids };
  const told = (now: string | null | undefined, then: string | null | undefined) =>
    now === null || now === undefined || then === null || then === undefined || now === then;
  const same: [string, boolean][] = [
    ['suite.planSha256', candidate.suite.planSha256 === before.suite.planSha256],
    ['judge.kind', candidate.judge.kind === before.judge.kind],
    ['judge.promptSha256', candidate.judge.promptSha256 === before.judge.promptSha256],
    ['judge.served.model', candidate.judge.served?.model === before.judge.served?.model],
    ['judge.served.root', told(candidate.judge.served?.root, before.judge.served?.root)],
    ...memberDifferences(candidate.judge.members, before.judge.members, told),
    [
      'judge.card.canaryLabelsSha256',
      told(candidate.judge.card?.canaryLabelsSha256, before.judge.card?.canaryLabelsSha256),
    ],
    ['judge.canaries.changes', steady(before.judge.canaries.changes)],
    ['judge.canaries.kappa', (before.judge.canaries.kappa ?? -1) >= candidate.judge.minKappa],
    ['served.templateSha256', told(candidate.served.templateSha256, before.served.templateSha256)],
    ['ledger.ids', candidate.ledgerIds === before.ledgerIds],
  ];
  const sampling = differencesBetween(candidate.sampling, before.sampling, 'sampling');
  return [
    ...same.filter(([, equal]) => !equal).map(([field]) => field),
    ...sampling.map(({ where }) => where),
  ];
}

/** A baseline whose judge changed while it was measured has labels of two judges. */
function steady(changes: Evidence['judge']['canaries']['changes']): boolean {
  return changes === undefined || changes.most <= changes.allowed;
}

type Members = Evidence['judge']['members'];
type Told = (now: string | null | undefined, then: string | null | undefined) => boolean;

/** A panel's rule and prompts are in its hash; which models serve its members is not. */
function memberDifferences(now: Members, then: Members, told: Told): [string, boolean][] {
  return (now ?? []).flatMap(({ served }, index): [string, boolean][] => [
    [`judge.members.${index}.served.model`, served?.model === then?.[index]?.served?.model],
    [`judge.members.${index}.served.root`, told(served?.root, then?.[index]?.served?.root)],
  ]);
}

const millisecondsADay = 86_400_000;

/** How a run stands to its baseline, and what the receipt says of it. */
export function compareWithBaseline(input: {
  readonly baseline: Baseline;
  readonly candidate: Comparable;
  readonly trials: readonly LabelledTrial[];
  readonly asOf: string;
}): { standing: BaselineStanding; record: BaselineRecord } {
  const { baseline } = input;
  const { receipt, acceptance } = baseline;
  const scored = new Set(baseline.trials.filter(isScored).map(({ trialId }) => trialId));
  const pairs = input.trials.filter((trial) => isScored(trial) && scored.has(trial.trialId)).length;
  const ageDays = daysBetween(receipt.evidence.asOf, input.asOf);
  const fields = differences(input.candidate, receipt);
  const notComparable = [
    ...fields,
    ...(pairs === 0 && fields.length === 0 ? ['ledger (no common trials)'] : []),
    // A baseline from the future would never grow old.
    ...(isLater(receipt.evidence.asOf, input.asOf) ? ['asOf (later than this run)'] : []),
  ];
  return {
    standing: { status: 'compared', trials: baseline.trials, ageDays, notComparable },
    record: {
      status: 'compared',
      receiptDigest: receipt.digest,
      evidenceDigest: receipt.evidenceDigest,
      ledgerSha256: baseline.ledgerSha256,
      candidate: receipt.evidence.candidate,
      verdict: receipt.evidence.verdict,
      asOf: receipt.evidence.asOf,
      ageDays,
      acceptedBy: acceptance?.by ?? null,
      reason: acceptance?.reason ?? null,
      acceptedAt: acceptance?.at ?? null,
      ...(baseline.sameRun === undefined ? {} : { sameRun: baseline.sameRun }),
      notComparable,
      pairs,
      rates: {
        conditions: receipt.evidence.conditions.map(({ id, rate }) => ({ id, rate })),
        controls: receipt.evidence.controls.map(({ condition, rate }) => ({ condition, rate })),
      },
    },
  };
}

/** Clocks of two machines may differ by a day, not by more. */
function isLater(baseline: string, candidate: string): boolean {
  return Date.parse(baseline) - Date.parse(candidate) > millisecondsADay;
}

/** Whole days from one moment to a later one; 0 where the clock of the earlier run was ahead. */
function daysBetween(earlier: string, later: string): number {
  return Math.max(0, Math.floor((Date.parse(later) - Date.parse(earlier)) / millisecondsADay));
}
