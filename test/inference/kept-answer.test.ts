import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Journal, journalName, openJournal } from '../../src/inference/journal.ts';
import type { AnswerEntry } from '../../src/inference/journal-entry.ts';

let stateDir: string;
let journal: Journal;
beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'mixgate-kept-'));
  journal = openJournal(stateDir);
});
afterEach(() => {
  journal.close();
  rmSync(stateDir, { recursive: true });
});

const answer = (id: string, text: string): AnswerEntry => ({
  t: 'answer',
  id,
  text,
  finish: 'stop',
  reasoned: false,
  usage: { promptTokens: 3, cachedTokens: null, completionTokens: 2 },
  model: 'm',
  fingerprint: null,
  at: '2026-01-01T00:00:00.000Z',
});
const plain = ({ id, t, text, finish, reasoned, usage, model, fingerprint, at }: AnswerEntry) => {
  return { id, t, text, finish, reasoned, usage, model, fingerprint, at };
};

describe('an answer whose text stands in the journal', () => {
  it('is what was appended, whatever else was, before and behind it', () => {
    const texts = ['plain', 'Grüße, 你好 🎈', '', 'two\nlines'];
    journal.append({ t: 'session', at: '2026-01-01T00:00:00.000Z' });
    const entries = texts.map((text, at) => answer(`id${at}`, text));
    const kept = entries.map((entry) => {
      journal.append({ t: 'fault', id: entry.id, code: 'grüße', at: entry.at });
      return journal.appendAnswer(entry);
    });
    expect(kept.map(plain)).toEqual(entries);
    // Nothing of them is held.
    expect(JSON.stringify(kept)).not.toContain('plain');
  });

  it('stands behind what an earlier session wrote', () => {
    journal.appendAnswer(answer('old', 'earlier'));
    journal.close();
    journal = openJournal(stateDir);
    const late = journal.appendAnswer(answer('new', 'later'));
    const [early] = journal.entries;
    expect(early?.t === 'answer' && plain(early)).toEqual(answer('old', 'earlier'));
    expect(plain(late)).toEqual(answer('new', 'later'));
  });

  it('is itself where its text was taken away', () => {
    const gone = { ...answer('gone', ''), text: null, textSha256: 'ab' };
    expect(journal.appendAnswer(gone)).toEqual(gone);
  });

  it('is read from its own file alone: another line in its place is an error', () => {
    const kept = journal.appendAnswer(answer('one', 'yes'));
    const file = join(stateDir, journalName);
    writeFileSync(file, readFileSync(file, 'utf8').replace('"one"', '"two"'));
    expect(() => kept.text).toThrow('another line');
  });
});
