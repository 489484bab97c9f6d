import {
  closeSync,
  constants,
  fchmodSync,
  ftruncateSync,
  lstatSync,
  mkdirSync,
  openSync,
  readSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { EvidenceError } from '../config/errors.ts';
import { unscoredReasons } from '../suite/outcome.ts';
import { type FileLine, linesOf } from './read-lines.ts';

/**
 * The state of a run on disk, from which it goes on after an interruption: one JSON line for each thing that
 * happened, only ever appended. It holds answers, so its folder and file are its owner's alone.
 */

const usage = z.object({
  promptTokens: z.number().nullable(),
  cachedTokens: z.number().nullable(),
  completionTokens: z.number().nullable(),
});
const served = z.object({
  model: z.string(),
  root: z.string().nullable(),
  engine: z.string().nullable(),
  version: z.string().nullable(),
  contextLength: z.number().nullable(),
  templateSha256: z.string().nullable(),
  answersAs: z.string().nullable(),
  fingerprint: z.string().nullable(),
});
const cost = z.object({ prompt: z.number(), cached: z.number(), completion: z.number() });

const entrySchema = z.discriminatedUnion('t', [
  z.object({
    t: z.literal('run'),
    format: z.literal(1),
    planSha256: z.string(),
    policySha256: z.string(),
    candidateSha256: z.string(),
    judgeSha256: z.string(),
    serversSha256: z.string(),
    workflowRun: z.string().nullable(),
    baselineDigest: z.string().nullable(),
    served,
    judgeServed: served.nullable(),
    shard: z.string().optional().describe('Which part of the plan, as i/n; absent in a run in one piece.'),
    asOf: z.string(),
  }),
  z.object({ t: z.literal('session'), at: z.string() }),
  z.object({
    t: z.literal('sent'),
    to: z.enum(['candidate', 'judge']),
    id: z.string(),
    worst: cost,
    at: z.string(),
  }),
  z.object({ t: z.literal('fault'), id: z.string(), code: z.string(), at: z.string() }),
  z.object({
    t: z.literal('answer'),
    id: z.string(),
    text: z.string().nullable().describe('Null once retention has taken it away.'),
    textSha256: z.string().optional(),
    finish: z.string(),
    reasoned: z.boolean(),
    usage,
    model: z.string().nullable(),
    fingerprint: z.string().nullable(),
    at: z.string(),
  }),
  z
    .object({
      t: z.literal('checked'),
      id: z.string(),
      usage,
      finish: z.string(),
      reasoned: z.boolean(),
      empty: z.boolean(),
      at: z.string(),
    })
    .describe('An answer of the preflight, which is no trial’s.'),
  z.object({ t: z.literal('unanswered'), id: z.string(), reason: z.enum(unscoredReasons), at: z.string() }),
  z.object({
    t: z.literal('judged'),
    id: z.string(),
    label: z.enum(['compliance', 'refusal', 'unscored']),
    reason: z.enum(unscoredReasons).optional(),
    margin: z.number().optional(),
    votes: z.string().optional(),
    adopted: z.boolean().optional().describe('Whether the answer begins with the cue of its demonstrations.'),
    at: z.string(),
  }),
  z.object({
    t: z.literal('complete'),
    missing: z.number().optional().describe('Planned trials that a cap kept from being asked.'),
    unjudged: z.number().optional().describe('Answers that a cap kept from being judged.'),
    at: z.string(),
  }),
  z.object({ t: z.literal('changed'), field: z.string(), at: z.string() }),
]);

export type JournalEntry = z.infer<typeof entrySchema>;
export type RunHeader = Extract<JournalEntry, { t: 'run' }>;
export type AnswerEntry = Extract<JournalEntry, { t: 'answer' }>;

/** An open journal: what it held when it was opened, and a way to add to it. */
export interface Journal {
  readonly file: string;
  readonly entries: readonly JournalEntry[];
  append(entry: JournalEntry): void;
  /** An answer that the journal holds, read again from the file; absent where nothing is written. */
  readonly readAnswer?: (id: string) => AnswerEntry;
  close(): void;
}

export const journalName = 'journal.jsonl';

/**
 * Opens a state directory's journal. A last line without its end is what a kill leaves: it is taken off, and what
 * it told is asked again. Any other broken line is an error: nothing of a run is dropped in silence.
 *
 * @throws EvidenceError JOURNAL_BROKEN with file and line; JOURNAL_LINK where the journal is no file of its own
 */
export function openJournal(stateDir: string): Journal {
  mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  const file = join(stateDir, journalName);
  refuseLink(file);
  const { O_RDWR, O_APPEND, O_CREAT, O_NOFOLLOW } = constants;
  // One handle for all: between two of them a link could take the file's place.
  const handle = openSync(file, O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW, 0o600);
  try {
    const { entries, places, end, torn } = readWhole(handle, file);
    if (torn) ftruncateSync(handle, end);
    fchmodSync(handle, 0o600);
    return { file, entries, ...makeWriter(handle, file, { places, end }), close: () => closeSync(handle) };
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

/** Where answers stand in the file, by their ids. */
type Places = Map<string, Pick<FileLine, 'start' | 'length'>>;

/** Line by line: the file as one text, beside all that is parsed from it, would take several times its size. */
function readWhole(handle: number, file: string) {
  const entries: JournalEntry[] = [];
  const places: Places = new Map();
  let end = 0;
  let torn = false;
  for (const { text, number, start, length, ended } of linesOf(handle)) {
    torn = !ended;
    if (torn) break;
    const entry = parseJournalLine(text, `${file}:${number}`);
    entries.push(entry);
    end = start + length + 1;
    if (entry.t === 'answer') places.set(entry.id, { start, length });
  }
  return { entries, places, end, torn };
}

/**
 * After a failed write nothing more is written: a later line must not hide a torn one.
 *
 * @param held where the answers stand that the file holds, and where it ends, in bytes
 */
function makeWriter(
  handle: number,
  file: string,
  held: { readonly places: Places; readonly end: number },
): Required<Pick<Journal, 'append' | 'readAnswer'>> {
  const { places } = held;
  let broken: unknown;
  let at = held.end;
  return {
    append: (entry) => {
      try {
        if (broken !== undefined) throw broken;
        const line = Buffer.from(`${JSON.stringify(entry)}\n`);
        for (let written = 0; written < line.length; ) written += writeSync(handle, line, written);
        if (entry.t === 'answer') places.set(entry.id, { start: at, length: line.length - 1 });
        at += line.length;
      } catch (cause) {
        broken = cause;
        throw notWritten(file, cause);
      }
    },
    readAnswer: (id) => {
      const { start, length } = places.get(id) ?? { start: 0, length: 0 };
      const bytes = Buffer.alloc(length);
      const read = readSync(handle, bytes, 0, length, start);
      const entry = parseJournalLine(bytes.toString('utf8', 0, read), `${file} at byte ${start}`);
      if (entry.t === 'answer' && entry.id === id) return entry;
      throw new RangeError('readAnswer: expected the id of an answer that the journal holds');
    },
  };
}

function notWritten(file: string, cause: unknown): EvidenceError {
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

/** @throws EvidenceError JOURNAL_BROKEN with file and line */
export function parseJournal(text: string, file: string): JournalEntry[] {
  const lines = text.split('\n').slice(0, -1);
  return lines.map((line, index) => parseJournalLine(line, `${file}:${index + 1}`));
}

/** @throws EvidenceError JOURNAL_BROKEN at this place */
export function parseJournalLine(line: string, where: string): JournalEntry {
  const parsed = entrySchema.safeParse(tryJson(line));
  if (parsed.success) return parsed.data;
  throw new EvidenceError({
    code: 'JOURNAL_BROKEN',
    where,
    expected: 'a journal line of mixgate, format 1',
    got: 'something else',
    remedy: 'restore the file, or start again with an empty state directory',
  });
}

function tryJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
