import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { EvidenceError } from '../../src/config/errors.ts';
import { journalName, openJournal } from '../../src/inference/journal.ts';
import { type JournalEntry, parseJournalLine } from '../../src/inference/journal-entry.ts';

const folders: string[] = [];
function freshFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'mixgate-journal-'));
  folders.push(folder);
  return join(folder, 'state', 'of a run');
}
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

const at = '2026-06-18T00:00:00.000Z';
const count = fc.option(fc.nat(), { nil: null });
const answer = fc.record({
  t: fc.constant('answer' as const),
  id: fc.string({ minLength: 1 }),
  text: fc.string({ unit: 'binary' }),
  finish: fc.constantFrom('stop', 'length'),
  reasoned: fc.boolean(),
  usage: fc.record({ promptTokens: count, cachedTokens: count, completionTokens: count }),
  model: fc.option(fc.string(), { nil: null }),
  fingerprint: fc.constant(null),
  at: fc.constant(at),
});
const entry: fc.Arbitrary<JournalEntry> = fc.oneof(
  answer,
  fc.record({ t: fc.constant('session' as const), at: fc.constant(at) }),
  fc.record({ t: fc.constant('fault' as const), id: fc.string(), code: fc.string(), at: fc.constant(at) }),
);

function writeJournal(entries: readonly JournalEntry[]): { readonly folder: string; readonly file: string } {
  const folder = freshFolder();
  const journal = openJournal(folder);
  for (const one of entries) journal.append(one);
  journal.close();
  return { folder, file: join(folder, journalName) };
}

/** Every line as whoever opens the journal sees it. */
function reopen(folder: string): readonly JournalEntry[] {
  const seen: JournalEntry[] = [];
  openJournal(folder, (entry) => seen.push(entry)).close();
  return seen;
}

function errorOf(work: () => unknown): EvidenceError {
  try {
    work();
  } catch (error) {
    if (error instanceof EvidenceError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('openJournal', () => {
  it('gives back what was written, whatever text an answer holds', () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 8 }), (entries) => {
        expect(reopen(writeJournal(entries).folder)).toEqual(entries);
      }),
      { numRuns: 60 },
    );
  });

  it('recovers every whole line after a cut at any byte, and goes on behind them', () => {
    fc.assert(
      fc.property(fc.array(entry, { minLength: 1, maxLength: 3 }), entry, (entries, next) => {
        const { folder, file } = writeJournal(entries);
        const whole = readFileSync(file);
        for (let length = 0; length <= whole.length; length += 1) {
          writeFileSync(file, whole.subarray(0, length));
          const lines = whole.subarray(0, length).toString('latin1').split('\n').length - 1;
          const seen: JournalEntry[] = [];
          const journal = openJournal(folder, (entry) => seen.push(entry));
          expect(seen).toEqual(entries.slice(0, lines));
          journal.append(next);
          journal.close();
          expect(reopen(folder)).toEqual([...entries.slice(0, lines), next]);
        }
      }),
      { numRuns: 4 },
    );
  });

  it.each([
    'not JSON',
    '{"t":"answer"}',
    '{"t":"unheard of"}',
    '',
    'null',
    '{"t":"session","at":"x"} '.repeat(2),
  ])('refuses a broken line in the middle, %j, and names its number', (line) => {
    const session = JSON.stringify({ t: 'session', at });
    const { folder, file } = writeJournal([]);
    appendFileSync(file, `${session}\n${session}\n${line}\n${session}\n`);
    const error = errorOf(() => openJournal(folder));
    expect(error).toMatchObject({ code: 'JOURNAL_BROKEN', complaints: [{ where: `${file}:3` }] });
    expect(readFileSync(file, 'utf8').split('\n')).toHaveLength(5);
  });

  it('refuses a broken last line that has its end: a kill does not leave one', () => {
    const { folder, file } = writeJournal([]);
    appendFileSync(file, '{"t":"sess\n');
    expect(errorOf(() => openJournal(folder)).complaints[0]?.where).toBe(`${file}:1`);
  });

  it('keeps of what it held what a run goes on from, answers without their texts', () => {
    const sent = {
      t: 'sent',
      to: 'candidate',
      id: 'a',
      worst: { prompt: 1, cached: 0, completion: 1 },
      at,
    } as const;
    const usage = { promptTokens: 1, cachedTokens: null, completionTokens: 1 };
    const of = { finish: 'stop', reasoned: false, usage, model: 'm', fingerprint: null, at };
    const said: JournalEntry = { t: 'answer', id: 'a', text: 'It is blue.', ...of };
    const { folder } = writeJournal([sent, { t: 'fault', id: 'a', code: 'http500', at }, sent, said]);
    const journal = openJournal(folder);
    const [answer, ...others] = journal.entries;
    expect(others).toEqual([]);
    expect(JSON.stringify(answer)).not.toContain('blue');
    expect(answer).toMatchObject({ t: 'answer', id: 'a', usage, text: 'It is blue.' });
    journal.close();
  });

  it('does not show what a broken line holds', () => {
    const error = errorOf(() => parseJournalLine('{"t":"answer","text":"the code is nine"', 'j'));
    expect(JSON.stringify(error.complaints)).not.toContain('nine');
  });

  it('makes folder and file its owner’s alone', () => {
    const { folder, file } = writeJournal([]);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('takes rights of others away from a journal that has them', () => {
    const { folder, file } = writeJournal([]);
    rmSync(file);
    writeFileSync(file, '', { mode: 0o644 });
    reopen(folder);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('refuses a link in its place, and leaves what it points to as it was', () => {
    const { folder, file } = writeJournal([]);
    const other = join(folder, 'another file');
    writeFileSync(other, 'half a line', { mode: 0o644 });
    rmSync(file);
    symlinkSync(other, file);
    expect(errorOf(() => openJournal(folder))).toMatchObject({
      code: 'JOURNAL_LINK',
      complaints: [{ where: file, got: 'a symbolic link' }],
    });
    expect(readFileSync(other, 'utf8')).toBe('half a line');
    expect(statSync(other).mode & 0o777).toBe(0o644);
  });

  it('refuses a link to nowhere, and a folder', () => {
    const { folder, file } = writeJournal([]);
    const nowhere = join(folder, 'nowhere');
    rmSync(file);
    symlinkSync(nowhere, file);
    expect(errorOf(() => openJournal(folder)).code).toBe('JOURNAL_LINK');
    expect(statSync(nowhere, { throwIfNoEntry: false })).toBeUndefined();
    rmSync(file);
    mkdirSync(file);
    expect(errorOf(() => openJournal(folder))).toMatchObject({
      code: 'JOURNAL_LINK',
      complaints: [{ got: 'something else' }],
    });
  });

  it('writes nothing more after a write that failed', () => {
    const { folder, file } = writeJournal([]);
    const journal = openJournal(folder);
    journal.close();
    const session: JournalEntry = { t: 'session', at };
    const first = errorOf(() => journal.append(session));
    expect(first).toMatchObject({ code: 'STATE_NOT_WRITTEN', complaints: [{ where: file, got: 'EBADF' }] });
    expect(errorOf(() => journal.append(session)).code).toBe('STATE_NOT_WRITTEN');
    expect(readFileSync(file, 'utf8')).toBe('');
  });
});
