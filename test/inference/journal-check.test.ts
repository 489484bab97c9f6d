import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { checkJournal, readJournalEntries, requireWholeJournal } from '../../src/inference/journal-check.ts';
import type { JournalEntry } from '../../src/inference/journal-entry.ts';
import { readLines } from '../../src/inference/read-lines.ts';

const at = '2026-06-18T00:00:00.000Z';
const answer = (id: string): JournalEntry => ({
  t: 'answer',
  id,
  text: 'It is blue.',
  finish: 'stop',
  reasoned: false,
  usage: { promptTokens: 40, cachedTokens: null, completionTokens: 3 },
  model: 'm',
  fingerprint: null,
  at,
});
const judged = (id: string): JournalEntry => ({ t: 'judged', id, label: 'refusal', at });
const unanswered = (id: string): JournalEntry => ({ t: 'unanswered', id, reason: 'requestFailed', at });
const ids = ['a', 'b', 'c'];
const sound = [
  answer('a'),
  unanswered('b'),
  answer('c'),
  judged('c'),
  judged('a'),
  judged('canary before a'),
];

const folder = mkdtempSync(join(tmpdir(), 'mixgate-check-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the check of a journal', () => {
  it('finds every planned trial once, in whatever order, and leaves other ids alone', () => {
    const report = checkJournal(ids, sound);
    expect(report).toMatchObject({ trials: 3, answered: 2, unanswered: 1, judged: 2 });
    expect(report).toMatchObject({ missing: [], unjudged: [], problems: [], left: null });
    expect(() => requireWholeJournal(report, new Set(), 'j')).not.toThrow();
  });

  it.each<[string, JournalEntry, string]>([
    ['a second answer', answer('a'), 'a'],
    ['a second judgment', judged('c'), 'c'],
    ['a reason beside an answer', unanswered('a'), 'a'],
    ['a judgment of no answer', judged('b'), 'b'],
  ])('names the trial of %s', (_what, extra, trial) => {
    const report = checkJournal(ids, [...sound, extra]);
    expect(report.problems.map((one) => one.trial)).toEqual([trial]);
    expect(() => requireWholeJournal(report, new Set(ids), 'j')).toThrow(
      expect.objectContaining({
        name: 'EvidenceError',
        code: 'JOURNAL_TWICE',
        message: expect.stringContaining(`trial ${trial}`),
      }),
    );
  });

  it('names a trial that is lost, unless a cap stopped it', () => {
    const lost = checkJournal(ids, [answer('a'), unanswered('b'), judged('a')]);
    expect(lost.missing).toEqual(['c']);
    expect(() => requireWholeJournal(lost, new Set(), 'j')).toThrow(
      expect.objectContaining({ code: 'JOURNAL_INCOMPLETE', message: expect.stringContaining('trial c') }),
    );
    expect(() => requireWholeJournal(lost, new Set(['c']), 'j')).not.toThrow();
    const silent = checkJournal(ids, [answer('a'), unanswered('b'), answer('c'), judged('a')]);
    expect(() => requireWholeJournal(silent, new Set(), 'j')).toThrow(/an answer without a judgment/);
  });

  it('finds whatever line of a sound journal is doubled or lost', () => {
    fc.assert(
      fc.property(fc.nat({ max: 4 }), fc.boolean(), (place, double) => {
        const changed = double
          ? [...sound, ...sound.slice(place, place + 1)]
          : sound.filter((_, index) => index !== place);
        expect(() => requireWholeJournal(checkJournal(ids, changed), new Set(), 'j')).toThrow();
      }),
    );
  });
});

describe('a journal read line by line', () => {
  it('gives whole entries and leaves a torn last line out', () => {
    const file = join(folder, 'journal.jsonl');
    writeFileSync(file, sound.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
    appendFileSync(file, '{"t":"answer","id":"c","te');
    expect([...readJournalEntries(file)]).toEqual(sound);
  });

  it('names a line that is broken', () => {
    const file = join(folder, 'broken.jsonl');
    writeFileSync(file, `${JSON.stringify(sound[0])}\n{"t":"answer"}\n`);
    expect(() => [...readJournalEntries(file)]).toThrow(
      expect.objectContaining({ code: 'JOURNAL_BROKEN', message: expect.stringContaining(`${file}:2`) }),
    );
  });

  it('gives the lines of any file, of whatever length and letters', () => {
    const file = join(folder, 'lines.txt');
    const line = fc.string({ unit: 'binary' }).map((text) => text.replaceAll('\n', ' '));
    const long = fc.constantFrom('é'.repeat(700_000), 'x'.repeat(1 << 20), '😀'.repeat(300_001));
    fc.assert(
      fc.property(fc.array(fc.oneof({ weight: 5, arbitrary: line }, long), { maxLength: 6 }), (lines) => {
        const text = Buffer.from(lines.map((one) => `${one}\n`).join(''));
        writeFileSync(file, text);
        expect([...readLines(file)].map((one) => one.text)).toEqual(
          text.toString('utf8').split('\n').slice(0, -1),
        );
      }),
      { numRuns: 30 },
    );
  });
});
