import { randomUUID } from 'node:crypto';
import { mkdirSync, renameSync } from 'node:fs';
import type { CandidateRecord } from '../config/candidate.ts';
import { EvidenceError } from '../config/errors.ts';
import type { Policy } from '../config/policy.ts';
import { Budget } from '../inference/budget.ts';
import type { Surroundings } from '../inference/exchange.ts';
import { type AnswerEntry, type Journal, openJournal, type RunHeader } from '../inference/journal.ts';
import { KeptAnswer } from '../inference/kept-answer.ts';
import { identityChange, type ServedIdentity } from '../inference/served.ts';
import { digestOf } from '../receipt/digest.ts';
import { minutesAtWork, spentBefore } from './earlier-sessions.ts';
import { lockFolder } from './lock.ts';
import { retainAnswers } from './retain.ts';

/** The state of a run on disk, opened: its journal, its header, and the budget with what was spent before. */
export interface RunState {
  readonly journal: Journal;
  readonly header: RunHeader;
  readonly budget: Budget;
  readonly judgeBudget: Budget;
  readonly sessions: number;
  readonly minutesUsed: () => number;
  /**
   * Takes answers away as the policy's retention says; the run is complete.
   *
   * @param left trials and answers that caps kept from being asked and judged
   */
  finish(
    retention: Policy['retention'],
    left?: { readonly missing: number; readonly unjudged: number },
  ): void;
  /** Marks the answers as those of no one server: nothing may be concluded from them, now or after a restart. */
  spoil(field: string): void;
  close(): void;
}

/** What identifies a run: a journal of another one is refused. */
export type RunIdentity = Omit<RunHeader, 't' | 'format' | 'asOf'>;

export function identifyRun(parts: {
  readonly planSha256: string;
  readonly policySha256: string;
  readonly candidate: CandidateRecord;
  readonly judge: {
    readonly kind: string;
    readonly promptSha256: string;
    readonly canariesSha256: string;
    readonly cardSha256: string | null;
    /** What serves the members of a panel after the first. */
    readonly others?: readonly object[];
  };
  /** Addresses of candidate and judge, as given. */
  readonly servers: readonly (string | null)[];
  /** The run of the workflow; null outside GitHub. */
  readonly workflowRun: string | null;
  readonly baselineDigest: string | undefined;
  readonly served: ServedIdentity;
  readonly judgeServed: ServedIdentity | null;
  /** As i/n; undefined for the whole plan. */
  readonly shard?: string | undefined;
}): RunIdentity {
  return {
    planSha256: parts.planSha256,
    policySha256: parts.policySha256,
    candidateSha256: digestOf(parts.candidate),
    judgeSha256: digestOf(parts.judge),
    serversSha256: digestOf(parts.servers),
    workflowRun: parts.workflowRun,
    baselineDigest: parts.baselineDigest ?? null,
    served: parts.served,
    judgeServed: parts.judgeServed,
    ...(parts.shard === undefined ? {} : { shard: parts.shard }),
  };
}

/**
 * Opens a state directory for this run, new or gone on with. The lock comes first: reading a journal takes a torn
 * line off its end, and in another process's journal that line may be half written.
 *
 * @throws ConfigError STATE_IN_USE; EvidenceError STATE_MISMATCH naming the field in which the journal is of another
 *   run, or STATE_SPOILED
 */
export function openState(input: OpenState): RunState {
  mkdirSync(input.stateDir, { recursive: true, mode: 0o700 });
  const unlock = lockFolder(input.stateDir);
  // Of the journal nothing else: what `close` holds, and all that the journal held, lives as long as the run.
  let closeJournal: (() => void) | undefined;
  const close = () => {
    closeJournal?.();
    unlock();
  };
  try {
    const found = openJournal(input.stateDir);
    closeJournal = found.close;
    const other = isOfAnotherWorkflowRun(found, input.identity);
    if (other) {
      found.close();
      renameSync(found.file, `${found.file}.${randomUUID()}.old`);
    }
    const journal = other ? openJournal(input.stateDir) : found;
    closeJournal = journal.close;
    return goOn(input, journal, close);
  } catch (error) {
    close();
    throw error;
  }
}

interface OpenState {
  readonly stateDir: string;
  readonly identity: RunIdentity;
  readonly policy: Policy;
  readonly around: Surroundings;
}

function goOn({ identity, policy, around }: OpenState, journal: Journal, close: () => void): RunState {
  const at = around.now().toISOString();
  const known = journal.entries.find((entry) => entry.t === 'run');
  const header: RunHeader = known ?? { t: 'run', format: 1, ...identity, asOf: at };
  if (known === undefined) journal.append(header);
  else requireSameRun(known, identity, journal.file);
  requireUnspoiled(journal);
  requireRecent(journal, around.now());
  journal.append({ t: 'session', at });
  const minutesBefore = minutesAtWork(journal.entries, policy.inference.timeoutSeconds);
  // Not by the date: a clock that is set, forwards or back, must neither end a run nor prolong it.
  const start = performance.now();
  const minutesUsed = () => minutesBefore + (performance.now() - start) / 60_000;
  const { judge: judgeCaps, ...caps } = policy.budget;
  // Before the functions that live on: what one of them names, all of them hold.
  const spent = {
    candidate: spentBefore(journal.entries, 'candidate'),
    judge: spentBefore(journal.entries, 'judge'),
  };
  const budgetOf = (to: 'candidate' | 'judge') =>
    new Budget({
      caps: to === 'candidate' ? caps : { requests: judgeCaps?.requests },
      prices: policy.prices,
      spent: spent[to],
      minutesUsed,
    });
  return stateOf({
    journal: withoutTexts(journal),
    header,
    budget: budgetOf('candidate'),
    judgeBudget: budgetOf('judge'),
    sessions: 1 + journal.entries.filter(({ t }) => t === 'session').length,
    minutesUsed,
    now: around.now,
    close,
  });
}

/** In a function of its own, so that nothing which lives as long as the run holds what the journal was read into. */
function stateOf({
  now,
  ...state
}: Omit<RunState, 'finish' | 'spoil'> & { readonly now: () => Date }): RunState {
  const { journal } = state;
  return {
    ...state,
    finish: (retention, left = { missing: 0, unjudged: 0 }) => {
      journal.append({ t: 'complete', ...left, at: now().toISOString() });
      retainAnswers(journal.file, retention);
    },
    spoil: (field) => journal.append({ t: 'changed', field, at: now().toISOString() }),
  };
}

/**
 * A journal whose entries are those that a run goes on from, with the answers' texts left in the file: of an
 * interrupted run there may be more than memory has room for.
 */
function withoutTexts(journal: Journal): Journal {
  const { entries, readAnswer } = journal;
  if (readAnswer === undefined) return journal;
  let last: AnswerEntry | undefined;
  const kept = entries.flatMap((entry) => {
    // What was sent and what went wrong is counted by now.
    if (entry.t === 'sent' || entry.t === 'fault') return [];
    if (entry.t !== 'answer' || entry.text === null) return [entry];
    last = new KeptAnswer(entry, readAnswer, last);
    return [last];
  });
  return { ...journal, entries: kept };
}

/**
 * A workflow run measures for itself: answers that lay in a checkout or a cache, whoever put them there, are set
 * aside. Its own further attempts go on.
 */
function isOfAnotherWorkflowRun({ entries }: Journal, { workflowRun }: RunIdentity): boolean {
  const known = entries.find((entry) => entry.t === 'run');
  return workflowRun !== null && known !== undefined && known.workflowRun !== workflowRun;
}

const mostIdleHours = 24;

/** Behind the same name and address other weights may stand by now: old answers are not gone on with. */
function requireRecent({ entries, file }: Journal, now: Date): void {
  // Not `Math.max(...times)`: a long run has more lines than a call may have arguments.
  const last = entries.reduce(
    (latest, entry) => ('at' in entry ? Math.max(latest, Date.parse(entry.at)) : latest),
    Number.NEGATIVE_INFINITY,
  );
  if (last === Number.NEGATIVE_INFINITY || now.getTime() - last <= mostIdleHours * 3_600_000) return;
  throw new EvidenceError({
    code: 'STATE_TOO_OLD',
    where: file,
    expected: `a run that was interrupted at most ${mostIdleHours} hours ago`,
    got: `one that was last at work ${new Date(last).toISOString()}`,
    remedy: 'start again with an empty --state-dir',
  });
}

/** A server that is changed back would otherwise make answers of two servers look like one's. */
function requireUnspoiled({ entries, file }: Journal): void {
  const changed = entries.find((entry) => entry.t === 'changed');
  if (changed === undefined) return;
  throw new EvidenceError({
    code: 'STATE_SPOILED',
    where: file,
    expected: 'answers of one server',
    got: `a server whose ${changed.field} changed during the run`,
    remedy: 'start again with an empty --state-dir',
  });
}

function requireSameRun(known: RunHeader, identity: RunIdentity, file: string): void {
  const fields = [
    'policySha256',
    'planSha256',
    'candidateSha256',
    'judgeSha256',
    'serversSha256',
    'baselineDigest',
  ] as const;
  for (const field of fields) {
    if (known[field] !== identity[field]) throw otherRun(file, field, known[field], identity[field]);
  }
  if (known.shard !== identity.shard) {
    throw otherRun(file, 'shard', known.shard ?? null, identity.shard ?? null);
  }
  const pairs = [
    ['served', known.served, identity.served],
    ['judgeServed', known.judgeServed, identity.judgeServed],
  ] as const;
  for (const [name, before, after] of pairs) {
    const change = before === null || after === null ? undefined : identityChange(before, after);
    if (change !== undefined) throw otherRun(file, `${name}.${change.field}`, change.before, change.after);
  }
}

function otherRun(file: string, field: string, known: string | null, now: string | null): EvidenceError {
  return new EvidenceError({
    code: 'STATE_MISMATCH',
    where: `${file} ${field}`,
    expected: `${now ?? 'none'}, as in this run`,
    got: known ?? 'none',
    remedy: 'this state belongs to another run: name an empty --state-dir, or restore what changed',
  });
}
