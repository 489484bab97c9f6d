import { countOf } from '../config/count-of.ts';
import { EvidenceError } from '../config/errors.ts';
import { type JournalEntry, parseJournalLine } from './journal-entry.ts';
import { readLines } from './read-lines.ts';

/** A journal's entries one by one. A torn last line, which a kill leaves, is left out. */
export function* readJournalEntries(file: string): Generator<JournalEntry> {
  for (const { text, number, ended } of readLines(file)) {
    if (ended) yield parseJournalLine(text, `${file}:${number}`);
  }
}

/** What a journal holds of a plan's trials. */
export interface JournalReport {
  readonly trials: number;
  readonly answered: number;
  readonly unanswered: number;
  readonly judged: number;
  /** Trials without answer or reason, and answers without a judgment: not yet, or a cap stopped them. */
  readonly missing: readonly string[];
  readonly unjudged: readonly string[];
  /** What no journal of a sound run holds. */
  readonly problems: readonly { readonly trial: string; readonly found: string }[];
  /** What the last complete run said that caps had left; null where no run was completed. */
  readonly left: { readonly missing: number; readonly unjudged: number } | null;
}

/**
 * Counts answers, reasons and judgments of each planned trial: each must be there exactly once.
 *
 * @param trialIds in plan order
 */
export function checkJournal(trialIds: readonly string[], entries: Iterable<JournalEntry>): JournalReport {
  const places = new Map(trialIds.map((id, index) => [id, index]));
  const counts = {
    answer: new Uint16Array(trialIds.length),
    unanswered: new Uint16Array(trialIds.length),
    judged: new Uint16Array(trialIds.length),
  };
  let left: JournalReport['left'] = null;
  for (const entry of entries) {
    if (entry.t === 'complete') left = { missing: entry.missing ?? 0, unjudged: entry.unjudged ?? 0 };
    if (entry.t !== 'answer' && entry.t !== 'unanswered' && entry.t !== 'judged') continue;
    const place = places.get(entry.id);
    // Canaries, repeats and what the preflight asked have ids of their own.
    if (place !== undefined) counts[entry.t][place] = (counts[entry.t][place] ?? 0) + 1;
  }
  return reportOf(trialIds, counts, left);
}

function reportOf(
  trialIds: readonly string[],
  counts: Readonly<Record<'answer' | 'unanswered' | 'judged', Uint16Array>>,
  left: JournalReport['left'],
): JournalReport {
  const at = (kind: keyof typeof counts, index: number) => counts[kind][index] ?? 0;
  const problems = trialIds.flatMap((trial, index) => {
    const [answers, reasons, judgments] = [at('answer', index), at('unanswered', index), at('judged', index)];
    const found = [
      countOf(answers, 'answer'),
      `${countOf(reasons, 'reason')} for none`,
      countOf(judgments, 'judgment'),
    ].join(', ');
    const sound = answers + reasons <= 1 && judgments <= answers;
    return sound ? [] : [{ trial, found }];
  });
  const sum = (kind: keyof typeof counts) => counts[kind].reduce((total, one) => total + one, 0);
  return {
    trials: trialIds.length,
    answered: sum('answer'),
    unanswered: sum('unanswered'),
    judged: sum('judged'),
    missing: trialIds.filter((_, index) => at('answer', index) + at('unanswered', index) === 0),
    unjudged: trialIds.filter((_, index) => at('answer', index) > 0 && at('judged', index) === 0),
    problems,
    left,
  };
}

/**
 * Holds a journal to the run that is about to conclude from it: every planned trial there exactly once, but for those
 * that a cap stopped.
 *
 * @param stopped trials that were not asked, or not judged, since a cap stood in the way
 * @throws EvidenceError JOURNAL_TWICE or JOURNAL_INCOMPLETE naming the trial
 */
export function requireWholeJournal(report: JournalReport, stopped: ReadonlySet<string>, file: string): void {
  const [twice] = report.problems;
  if (twice !== undefined) throw broken('JOURNAL_TWICE', file, twice.trial, twice.found);
  const open = [...report.missing, ...report.unjudged].find((id) => !stopped.has(id));
  if (open === undefined) return;
  const found = report.missing.includes(open) ? 'neither' : 'an answer without a judgment';
  throw broken('JOURNAL_INCOMPLETE', file, open, found);
}

function broken(code: string, file: string, trial: string, got: string): EvidenceError {
  return new EvidenceError({
    code,
    where: `${file} trial ${trial.slice(0, 12)}`,
    expected: 'one answer with one judgment, or one reason why there is none',
    got,
    remedy:
      code === 'JOURNAL_TWICE'
        ? 'start again with an empty --state-dir; if this stays, report it'
        : 'start the same command again; if this stays, report it',
  });
}
