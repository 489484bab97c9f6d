import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { CandidateRecord } from '../config/candidate.ts';
import { type Complaint, EvidenceError } from '../config/errors.ts';
import { unreadable } from '../config/unreadable.ts';
import type { Asked } from '../inference/ask.ts';
import { journalName } from '../inference/journal.ts';
import { type JournalEntry, parseJournalLine, type RunHeader } from '../inference/journal-entry.ts';
import { AnswerKeeper, type Place } from '../inference/kept-answer.ts';
import { linesOf } from '../inference/read-lines.ts';
import type { ServedIdentity } from '../inference/served.ts';
import { digestOf } from '../receipt/digest.ts';
import type { Plan } from '../suite/plan.ts';

/** The answers of a complete run, as its state directory kept them under `retention: text`. */
export interface SavedAnswers {
  readonly header: RunHeader;
  readonly asked: ReadonlyMap<string, Asked>;
  /** With what the answers said of it. */
  readonly served: ServedIdentity;
}

/**
 * Reads a state directory, changing nothing in it, and holds it to plan and candidate. Texts stay in the file.
 *
 * @throws EvidenceError STATE_INCOMPLETE, STATE_SPOILED, STATE_MISMATCH naming the field, STATE_WITHOUT_TEXT
 */
export function readSavedAnswers(stateDir: string, plan: Plan, candidate: CandidateRecord): SavedAnswers {
  const file = join(stateDir, journalName);
  const found = readEntries(file);
  const header = requireWhole(found, file);
  requireSame(file, { field: 'planSha256', expected: plan.sha256, got: header.planSha256 });
  requireSame(file, { field: 'candidateSha256', expected: digestOf(candidate), got: header.candidateSha256 });
  const { asked } = found;
  requireTexts(plan, found, file);
  const first = [...asked.values()].find((one) => one.t === 'answer');
  const said = first === undefined ? {} : { answersAs: first.model, fingerprint: first.fingerprint };
  return { header, asked, served: { ...header.served, ...said } };
}

/** What a journal tells of its run. */
interface Found {
  header?: RunHeader;
  changed?: string;
  complete?: boolean;
  readonly asked: Map<string, Asked>;
  /** Answers whose text was taken away. */
  readonly withoutText: Set<string>;
}

function readEntries(file: string): Found {
  const found: Found = { asked: new Map(), withoutText: new Set() };
  const keeper = new AnswerKeeper((place) => lineAt(file, place));
  const handle = openToRead(file);
  try {
    for (const { text, number, ended, start, length } of linesOf(handle)) {
      if (!ended) continue;
      const keep = (answer: AnswerEntry) => keeper.keep(answer, { start, length });
      note(found, parseJournalLine(text, `${file}:${number}`), keep);
    }
  } catch (error) {
    if (error instanceof EvidenceError) throw error;
    throw unreadable(file, { what: 'a run’s journal', named: 'the state directory' }, error);
  } finally {
    closeSync(handle);
  }
  return found;
}

function openToRead(file: string): number {
  try {
    return openSync(file, 'r');
  } catch (cause) {
    throw unreadable(file, { what: 'a run’s journal', named: 'the state directory' }, cause);
  }
}

type AnswerEntry = Extract<JournalEntry, { t: 'answer' }>;

function note(found: Found, entry: JournalEntry, keep: (answer: AnswerEntry) => Asked): void {
  switch (entry.t) {
    case 'run':
      found.header ??= entry;
      return;
    case 'changed':
      found.changed ??= entry.field;
      return;
    case 'complete':
      found.complete = true;
      return;
    case 'answer':
      found.asked.set(entry.id, keep(entry));
      if (entry.text === null) found.withoutText.add(entry.id);
      return;
    case 'unanswered':
      found.asked.set(entry.id, entry);
      return;
    case 'session':
    case 'sent':
    case 'fault':
    case 'checked':
    case 'judged':
      return;
  }
}

/** Opened for each: nothing tells when the last of them has been read. */
function lineAt(file: string, { start, length }: Place): JournalEntry {
  const handle = openSync(file, 'r');
  try {
    const bytes = Buffer.alloc(length);
    const read = readSync(handle, bytes, 0, length, start);
    return parseJournalLine(bytes.toString('utf8', 0, read), `${file} at byte ${start}`);
  } finally {
    closeSync(handle);
  }
}

function requireWhole({ header, changed, complete }: Found, file: string): RunHeader {
  if (changed !== undefined) {
    const got = `a server whose ${changed} changed during the run`;
    throw problem('STATE_SPOILED', { where: file, expected: 'answers of one server', got });
  }
  if (header !== undefined && complete === true) return header;
  const got = header === undefined ? 'no run' : 'one that was not';
  throw problem('STATE_INCOMPLETE', { where: file, expected: 'a run that was finished', got });
}

function requireSame(
  file: string,
  { field, expected, got }: { readonly field: string; readonly expected: string; readonly got: string },
): void {
  if (expected === got) return;
  throw problem('STATE_MISMATCH', {
    where: `${file} ${field}`,
    expected: `${expected}, as of this policy and candidate`,
    got,
  });
}

function requireTexts(plan: Plan, { asked, withoutText }: Found, file: string): void {
  const ids = plan.trials.map(({ trialId }) => trialId);
  const missing = ids.filter((id) => !asked.has(id)).length;
  if (missing > 0) {
    const got = `${missing} of ${ids.length} trials that were not run`;
    throw problem('STATE_INCOMPLETE', { where: file, expected: 'every planned trial asked', got });
  }
  const gone = ids.filter((id) => withoutText.has(id)).length;
  if (gone > 0) {
    const got = `${gone} of ${ids.length} answers without it`;
    throw problem('STATE_WITHOUT_TEXT', { where: file, expected: 'the text of every answer', got });
  }
}

const remedies = {
  STATE_SPOILED: 'run the gate again',
  STATE_INCOMPLETE: 'finish the run first, with the command that began it',
  STATE_MISMATCH: 'name the policy and the candidate of that run; only the judge may differ',
  STATE_WITHOUT_TEXT: 'run the gate with retention: text in the policy; answers that are gone stay gone',
} as const;

function problem(
  code: keyof typeof remedies,
  { where, expected, got }: Pick<Complaint, 'where' | 'expected' | 'got'>,
): EvidenceError {
  return new EvidenceError({ code, where, expected, got, remedy: remedies[code] });
}
