import { closeSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import type { Policy } from '../config/policy.ts';
import { notWritten } from '../inference/journal.ts';
import { readJournalEntries } from '../inference/journal-check.ts';
import type { JournalEntry } from '../inference/journal-entry.ts';
import { sha256 } from '../receipt/digest.ts';

/** Characters that are written at once. */
const chunkChars = 1 << 20;

/**
 * Rewrites a complete journal without the answers' text, in one step: a kill leaves the old file or the new one. Line
 * by line, since a long run's journal is larger than the memory that it should take.
 */
export function retainAnswers(file: string, retention: Policy['retention']): void {
  if (retention === 'text') return;
  if (retention === 'none') {
    rmSync(file, { force: true });
    return;
  }
  try {
    rewrite(file);
  } catch (cause) {
    rmSync(`${file}.new`, { force: true });
    throw notWritten(file, cause);
  }
}

function rewrite(file: string): void {
  // A link laid there beforehand is not followed.
  rmSync(`${file}.new`, { force: true });
  const handle = openSync(`${file}.new`, 'wx', 0o600);
  try {
    for (const chunk of chunksOf(readJournalEntries(file))) writeAll(handle, chunk);
  } finally {
    closeSync(handle);
  }
  renameSync(`${file}.new`, file);
}

function* chunksOf(entries: Iterable<JournalEntry>): Generator<Buffer> {
  let lines: string[] = [];
  let chars = 0;
  for (const entry of entries) {
    const line = `${JSON.stringify(withoutText(entry))}\n`;
    lines.push(line);
    chars += line.length;
    if (chars < chunkChars) continue;
    yield Buffer.from(lines.join(''));
    [lines, chars] = [[], 0];
  }
  yield Buffer.from(lines.join(''));
}

function withoutText(entry: JournalEntry): JournalEntry {
  if (entry.t !== 'answer' || entry.text === null) return entry;
  return { ...entry, text: null, textSha256: sha256(entry.text) };
}

function writeAll(handle: number, bytes: Buffer): void {
  for (let written = 0; written < bytes.length; ) written += writeSync(handle, bytes, written);
}
