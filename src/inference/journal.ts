import {
  closeSync,
  constants,
  fchmodSync,
  ftruncateSync,
  lstatSync,
  openSync,
  readSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { EvidenceError } from '../config/errors.ts';
import { makeFolder } from '../config/make-folder.ts';
import { type AnswerEntry, type JournalEntry, parseJournalLine } from './journal-entry.ts';
import { AnswerKeeper, type Place } from './kept-answer.ts';
import { linesOf } from './read-lines.ts';

/**
 * The state of a run on disk, from which it goes on after an interruption: one JSON line for each thing that
 * happened, only ever appended. It holds answers, so its folder and file are its owner's alone.
 */

/** An open journal: what of it a run goes on from, and a way to add to it. */
export interface Journal {
  readonly file: string;
  /** What it held when it was opened, but for what was sent and what went wrong; texts of answers stay in the file. */
  readonly entries: readonly JournalEntry[];
  append(entry: JournalEntry): void;
  /** @returns what memory keeps of it: all but the text, which is read from the file again each time it is asked for */
  appendAnswer(entry: AnswerEntry): AnswerEntry;
  close(): void;
}

export const journalName = 'journal.jsonl';

/**
 * Opens a state directory's journal. A last line without its end is what a kill leaves: it is taken off, and what
 * it told is asked again. Any other broken line is an error: nothing of a run is dropped in silence.
 *
 * @param see is given every line that it holds, in order, whole
 * @throws EvidenceError JOURNAL_BROKEN with file and line; JOURNAL_LINK where the journal is no file of its own
 */
export function openJournal(stateDir: string, see: (entry: JournalEntry) => void = () => {}): Journal {
  makeFolder(stateDir, 0o700);
  const file = join(stateDir, journalName);
  refuseLink(file);
  const { O_RDWR, O_APPEND, O_CREAT, O_NOFOLLOW } = constants;
  // One handle for all: between two of them a link could take the file's place.
  const handle = openSync(file, O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW, 0o600);
  try {
    const keeper = new AnswerKeeper((place) => lineAt(handle, file, place));
    const { entries, end, torn } = readWhole(handle, file, { keeper, see });
    if (torn) ftruncateSync(handle, end);
    fchmodSync(handle, 0o600);
    return { file, entries, ...makeWriter(handle, file, { keeper, end }), close: () => closeSync(handle) };
  } catch (error) {
    closeSync(handle);
    throw error;
  }
}

/** Behind a link, answers would be written to, and cut off, a file that somebody else chose. */
function refuseLink(file: string): void {
  const found = lstatSync(file, { throwIfNoEntry: false });
  if (found === undefined || found.isFile()) return;
  throw new EvidenceError({
    code: 'JOURNAL_LINK',
    where: file,
    expected: 'a plain file, or none yet',
    got: found.isSymbolicLink() ? 'a symbolic link' : 'something else',
    remedy: 'find out who put it there, then remove it or name another --state-dir',
  });
}

/** Line by line: the file as one text, beside all that is parsed from it, would take several times its size. */
function readWhole(
  handle: number,
  file: string,
  { keeper, see }: { readonly keeper: AnswerKeeper; readonly see: (entry: JournalEntry) => void },
) {
  const entries: JournalEntry[] = [];
  let end = 0;
  let torn = false;
  for (const { text, number, start, length, ended } of linesOf(handle)) {
    torn = !ended;
    if (torn) break;
    const entry = parseJournalLine(text, `${file}:${number}`);
    see(entry);
    // What was sent and what went wrong is counted by whoever sees it, and of no use afterwards.
    if (entry.t === 'answer') entries.push(keeper.keep(entry, { start, length }));
    else if (entry.t !== 'sent' && entry.t !== 'fault') entries.push(entry);
    end = start + length + 1;
  }
  return { entries, end, torn };
}

/**
 * After a failed write nothing more is written: a later line must not hide a torn one.
 *
 * @param held.end where the file ends, in bytes
 */
function makeWriter(
  handle: number,
  file: string,
  held: { readonly keeper: AnswerKeeper; readonly end: number },
): Pick<Journal, 'append' | 'appendAnswer'> {
  let broken: unknown;
  let end = held.end;
  /** @returns where the line stands */
  const write = (entry: JournalEntry): Place => {
    try {
      if (broken !== undefined) throw broken;
      const line = Buffer.from(`${JSON.stringify(entry)}\n`);
      for (let written = 0; written < line.length; ) written += writeSync(handle, line, written);
      const start = end;
      end += line.length;
      return { start, length: line.length - 1 };
    } catch (cause) {
      broken = cause;
      throw notWritten(file, cause);
    }
  };
  return { append: write, appendAnswer: (entry) => held.keeper.keep(entry, write(entry)) };
}

function lineAt(handle: number, file: string, { start, length }: Place): JournalEntry {
  const bytes = Buffer.alloc(length);
  const read = readSync(handle, bytes, 0, length, start);
  return parseJournalLine(bytes.toString('utf8', 0, read), `${file} at byte ${start}`);
}

/** The error for a state directory that could not be written, as on a full disk. */
export function notWritten(file: string, cause: unknown): EvidenceError {
  return new EvidenceError(
    {
      code: 'STATE_NOT_WRITTEN',
      where: file,
      expected: 'a disk that takes the run’s state',
      got: cause instanceof Error && 'code' in cause ? String(cause.code) : 'a failed write',
      remedy: 'make room, then start the same command again: it goes on where it stopped',
    },
    { cause },
  );
}
