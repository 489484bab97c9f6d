import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Complaint, ConfigError, EvidenceError } from '../config/errors.ts';
import { journalName } from '../inference/journal.ts';
import { checkJournal, type JournalReport, readJournalEntries } from '../inference/journal-check.ts';
import type { AnswerEntry, JournalEntry } from '../inference/journal-entry.ts';
import { publicIds } from '../judge/label-trials.ts';
import { type Message, trialMessages } from '../suite/context.ts';
import type { Plan, PlannedTrial } from '../suite/plan.ts';
import { readSuite } from './gate-inputs.ts';
import { repeatId } from './repeat.ts';
import { parseShardOption, planOfShard } from './shard.ts';

export interface StateRequest {
  readonly policyPath: string;
  readonly stateDir: string;
}

/** One trial with all that the state directory knows of it. It holds text: for its owner's eyes. */
export interface ShownTrial {
  readonly trial: PlannedTrial;
  readonly messages: readonly Message[];
  readonly first: Attempts;
  /** Where the run asked it again to measure noise. */
  readonly again: Attempts | undefined;
}

/** How asking and judging went. */
export interface Attempts {
  readonly answer: AnswerEntry | undefined;
  /** Why there is no answer. */
  readonly unanswered: string | undefined;
  readonly label: string | undefined;
  readonly requests: number;
  readonly judgeRequests: number;
  readonly faults: readonly string[];
}

/**
 * Finds one trial by its id, as receipts' ledgers have it, or by the beginning of that.
 *
 * @param request.trial at least six digits of the trial's id, or of its HMAC where `ledgerKey` is given
 * @throws ConfigError TRIAL_UNKNOWN, TRIAL_AMBIGUOUS; EvidenceError STATE_MISMATCH where the state is of another plan
 */
export async function readTrial(
  request: StateRequest & { readonly trial: string; readonly ledgerKey?: string | undefined },
): Promise<ShownTrial> {
  const { plan, file } = await openForReading(request);
  const trial = findTrial(plan, request.trial, request.ledgerKey);
  const own = new Map<string, JournalEntry[]>([
    [trial.trialId, []],
    [repeatId(trial.trialId), []],
  ]);
  for (const entry of readJournalEntries(file)) {
    if ('id' in entry) own.get(entry.id)?.push(entry);
  }
  const again = own.get(repeatId(trial.trialId)) ?? [];
  return {
    trial,
    messages: trialMessages(trial.context, trial.query.request),
    first: attemptsOf(own.get(trial.trialId) ?? []),
    again: again.length === 0 ? undefined : attemptsOf(again),
  };
}

/** Holds a state directory's journal to its plan. */
export async function checkState(request: StateRequest): Promise<JournalReport> {
  const { plan, file } = await openForReading(request);
  const ids = plan.trials.map(({ trialId }) => trialId);
  return checkJournal(ids, readJournalEntries(file));
}

/** Whether a run that is over left every planned trial answered and judged once, or stopped by a cap as it said. */
export function isWhole({ problems, left, missing, unjudged }: JournalReport): boolean {
  if (problems.length > 0 || left === null) return false;
  return missing.length === left.missing && unjudged.length === left.unjudged;
}

async function openForReading({ policyPath, stateDir }: StateRequest): Promise<{ plan: Plan; file: string }> {
  const { loaded, plan } = await readSuite(policyPath);
  const file = join(stateDir, journalName);
  if (!existsSync(file)) throw noJournal(file);
  const header = headerOf(file);
  const pairs = [
    ['policySha256', header?.policySha256, loaded.sha256],
    ['planSha256', header?.planSha256, plan.sha256],
  ] as const;
  for (const [field, found, expected] of pairs) {
    if (found !== expected)
      throw otherState({ where: `${file} ${field}`, expected, got: found ?? 'nothing' });
  }
  const shard = header?.shard;
  return { plan: shard === undefined ? plan : planOfShard(plan, parseShardOption(shard)), file };
}

function headerOf(file: string) {
  for (const entry of readJournalEntries(file)) {
    if (entry.t === 'run') return entry;
  }
  return undefined;
}

const fewestDigits = 6;

function findTrial(plan: Plan, named: string, ledgerKey: string | undefined): PlannedTrial {
  const publicId = publicIds(ledgerKey);
  const wanted = named.toLowerCase();
  const long = /^[0-9a-f]+$/.test(wanted) && wanted.length >= fewestDigits;
  const found = long
    ? plan.trials.filter(({ trialId }) => trialId.startsWith(wanted) || publicId(trialId).startsWith(wanted))
    : [];
  const [trial] = found;
  if (trial !== undefined && found.length === 1) return trial;
  throw new ConfigError({
    code: trial === undefined ? 'TRIAL_UNKNOWN' : 'TRIAL_AMBIGUOUS',
    where: 'the trial',
    expected: `${fewestDigits} digits or more of the id of one trial of this policy’s plan`,
    got: trial === undefined ? JSON.stringify(named.slice(0, 80)) : `the beginning of ${found.length} ids`,
    remedy: 'take the id from the ledger; ids made with a ledger key need MIXGATE_LEDGER_KEY',
  });
}

function attemptsOf(entries: readonly JournalEntry[]): Attempts {
  const sent = (to: 'candidate' | 'judge') =>
    entries.filter((entry) => entry.t === 'sent' && entry.to === to).length;
  const judged = entries.find((entry) => entry.t === 'judged');
  return {
    answer: entries.find((entry) => entry.t === 'answer'),
    unanswered: entries.find((entry) => entry.t === 'unanswered')?.reason,
    label: judged && [judged.label, ...(judged.reason === undefined ? [] : [judged.reason])].join(': '),
    requests: sent('candidate'),
    judgeRequests: sent('judge'),
    faults: entries.flatMap((entry) => (entry.t === 'fault' ? [entry.code] : [])),
  };
}

function noJournal(file: string): ConfigError {
  return new ConfigError({
    code: 'STATE_MISSING',
    where: file,
    expected: 'the journal of a run',
    got: 'no such file',
    remedy: 'name the --state-dir of the run; after a run under `retention: none` nothing is left of it',
  });
}

function otherState({ where, expected, got }: Pick<Complaint, 'where' | 'expected' | 'got'>): EvidenceError {
  return new EvidenceError({
    code: 'STATE_MISMATCH',
    where,
    expected: `${expected}, as by this policy`,
    got,
    remedy: 'name the policy, with the files, that the run had',
  });
}
