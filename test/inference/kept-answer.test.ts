import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AnswerEntry, type Journal, openJournal } from '../../src/inference/journal.ts';
import { KeptAnswer } from '../../src/inference/kept-answer.ts';

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
const read = (id: string) => {
  if (journal.readAnswer === undefined) throw new Error('a journal on disk reads answers');
  return journal.readAnswer(id);
};

describe('an answer whose text stands in the journal', () => {
  it('is what was appended, whatever else was, before and behind it', () => {
    const texts = ['plain', 'Grüße, 你好 🎈', '', 'two\nlines'];
    journal.append({ t: 'session', at: '2026-01-01T00:00:00.000Z' });
    const entries = texts.map((text, at) => answer(`id${at}`, text));
    for (const entry of entries) {
      journal.append({ t: 'fault', id: entry.id, code: 'grüße', at: entry.at });
      journal.append(entry);
    }
    for (const entry of entries) {
      const { id, t, text, finish, reasoned, usage, model, fingerprint, at } = new KeptAnswer(
        entry,
        read,
        undefined,
      );
      expect({ id, t, text, finish, reasoned, usage, model, fingerprint, at }).toEqual(entry);
    }
  });

  it('stands behind what an earlier session wrote', () => {
    journal.append(answer('old', 'earlier'));
    journal.close();
    journal = openJournal(stateDir);
    journal.append(answer('new', 'later'));
    expect(read('new')).toEqual(answer('new', 'later'));
  });

  it('is none where nothing was appended under its id', () => {
    journal.append(answer('one', 'yes'));
    expect(() => read('other')).toThrow();
  });
});
