import { join } from 'node:path';
import type { CandidateRecord } from '../config/candidate.ts';
import { EvidenceError } from '../config/errors.ts';
import { readInput } from '../config/read-policy.ts';
import { type Asked, recordedAnswers } from '../inference/ask.ts';
import { type JournalEntry, journalName, parseJournal, type RunHeader } from '../inference/journal.ts';
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
 * Reads a state directory, changing nothing in it, and holds it to plan and candidate.
 *
 * @throws EvidenceError STATE_INCOMPLETE, STATE_SPOILED, STATE_MISMATCH naming the field, STATE_WITHOUT_TEXT
 */
export function readSavedAnswers(stateDir: string, plan: Plan, candidate: CandidateRecord): SavedAnswers {
  const file = join(stateDir, journalName);
  const text = readInput(file, 'a run’s journal', 'the state directory').toString('utf8');
  const entries = parseJournal(text, file);
  const header = requireWhole(entries, file);
  requireSame(file, 'planSha256', plan.sha256, header.planSha256);
  requireSame(file, 'candidateSha256', digestOf(candidate), header.candidateSha256);
  const asked = recordedAnswers(entries);
  requireTexts(plan, asked, file);
  const first = [...asked.values()].find((one) => one.t === 'answer');
  const said = first === undefined ? {} : { answersAs: first.model, fingerprint: first.fingerprint };
  return { header, asked, served: { ...header.served, ...said } };
}

function requireWhole(entries: readonly JournalEntry[], file: string): RunHeader {
  const changed = entries.find((entry) => entry.t === 'changed');
  if (changed !== undefined) {
    throw problem(
      'STATE_SPOILED',
      file,
      'answers of one server',
      `a server whose ${changed.field} changed during the run`,
    );
  }
  const header = entries.find((entry) => entry.t === 'run');
  const complete = entries.some((entry) => entry.t === 'complete');
  if (header !== undefined && complete) return header;
  throw problem(
    'STATE_INCOMPLETE',
    file,
    'a run that was finished',
    header === undefined ? 'no run' : 'one that was not',
  );
}

function requireSame(file: string, field: string, expected: string, got: string): void {
  if (expected === got) return;
  throw problem('STATE_MISMATCH', `${file} ${field}`, `${expected}, as of this policy and candidate`, got);
}

function requireTexts(plan: Plan, asked: ReadonlyMap<string, Asked>, file: string): void {
  const ended = plan.trials.map(({ trialId }) => asked.get(trialId));
  const missing = ended.filter((one) => one === undefined).length;
  if (missing > 0) {
    const got = `${missing} of ${ended.length} trials that were not run`;
    throw problem('STATE_INCOMPLETE', file, 'every planned trial asked', got);
  }
  const gone = ended.filter((one) => one?.t === 'answer' && one.text === null).length;
  if (gone > 0) {
    const got = `${gone} of ${ended.length} answers without it`;
    throw problem('STATE_WITHOUT_TEXT', file, 'the text of every answer', got);
  }
}

const remedies = {
  STATE_SPOILED: 'run the gate again',
  STATE_INCOMPLETE: 'finish the run first, with the command that began it',
  STATE_MISMATCH: 'name the policy and the candidate of that run; only the judge may differ',
  STATE_WITHOUT_TEXT: 'run the gate with retention: text in the policy; answers that are gone stay gone',
} as const;

function problem(code: keyof typeof remedies, where: string, expected: string, got: string): EvidenceError {
  return new EvidenceError({ code, where, expected, got, remedy: remedies[code] });
}
