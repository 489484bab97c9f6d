import { randomUUID } from 'node:crypto';
import { renameSync } from 'node:fs';
import { EvidenceError } from '../config/errors.ts';
import type { Policy } from '../config/policy.ts';
import { Budget } from '../inference/budget.ts';
import type { Surroundings } from '../inference/exchange.ts';
import { type Journal, openJournal } from '../inference/journal.ts';
import type { RunHeader } from '../inference/journal-entry.ts';
import { EarlierSessions } from './earlier-sessions.ts';
import { requireFolder } from './folders.ts';
import { lockFolder } from './lock.ts';
import { retainAnswers } from './retain.ts';
import { isSetAside, type RunIdentity, requireSameRun } from './run-identity.ts';

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

/**
 * Opens a state directory for this run, new or gone on with. The lock comes first: reading a journal takes a torn
 * line off its end, and in another process's journal that line may be half written.
 *
 * @throws ConfigError STATE_IN_USE; EvidenceError STATE_MISMATCH naming the field in which the journal is of another
 *   run, or STATE_SPOILED
 */
export function openState(input: OpenState): RunState {
  requireFolder(input.stateDir, '--state-dir', 0o700);
  const unlock = lockFolder(input.stateDir);
  // Of the journal nothing else: what `close` holds, and all that the journal held, lives as long as the run.
  let closeJournal: (() => void) | undefined;
  const close = () => {
    closeJournal?.();
    unlock();
  };
  try {
    const open = () => {
      const sessions = new EarlierSessions(input.policy.inference.timeoutSeconds);
      const journal = openJournal(input.stateDir, sessions.see);
      closeJournal = journal.close;
      return { journal, sessions };
    };
    const found = open();
    if (!isSetAside(found.journal, input.identity)) return goOn(input, found, close);
    found.journal.close();
    renameSync(found.journal.file, `${found.journal.file}.${randomUUID()}.old`);
    return goOn(input, open(), close);
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

function goOn(
  { identity, policy, around }: OpenState,
  { journal, sessions }: { readonly journal: Journal; readonly sessions: EarlierSessions },
  close: () => void,
): RunState {
  const at = around.now().toISOString();
  const known = journal.entries.find((entry) => entry.t === 'run');
  const header: RunHeader = known ?? { t: 'run', format: 1, ...identity, asOf: at };
  if (known === undefined) journal.append(header);
  else requireSameRun(known, identity, journal.file);
  requireUnspoiled(journal);
  requireRecent(sessions, journal.file, around.now());
  journal.append({ t: 'session', at });
  const minutesBefore = sessions.minutes;
  // Not by the date: a clock that is set, forwards or back, must neither end a run nor prolong it.
  const start = performance.now();
  const minutesUsed = () => minutesBefore + (performance.now() - start) / 60_000;
  const { judge: judgeCaps, ...caps } = policy.budget;
  const budgetOf = (to: 'candidate' | 'judge') =>
    new Budget({
      caps: to === 'candidate' ? caps : { requests: judgeCaps?.requests },
      prices: policy.prices,
      spent: sessions.spent(to),
      minutesUsed,
    });
  return {
    journal,
    header,
    budget: budgetOf('candidate'),
    judgeBudget: budgetOf('judge'),
    sessions: 1 + sessions.count,
    minutesUsed,
    finish: (retention, left = { missing: 0, unjudged: 0 }) => {
      journal.append({ t: 'complete', ...left, at: around.now().toISOString() });
      retainAnswers(journal.file, retention);
    },
    spoil: (field) => journal.append({ t: 'changed', field, at: around.now().toISOString() }),
    close,
  };
}

const mostIdleHours = 24;

/** Behind the same name and address other weights may stand by now: old answers are not gone on with. */
function requireRecent({ latestAt }: EarlierSessions, file: string, now: Date): void {
  if (latestAt === Number.NEGATIVE_INFINITY || now.getTime() - latestAt <= mostIdleHours * 3_600_000) return;
  throw new EvidenceError({
    code: 'STATE_TOO_OLD',
    where: file,
    expected: `a run that was interrupted at most ${mostIdleHours} hours ago`,
    got: `one that was last at work ${new Date(latestAt).toISOString()}`,
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
