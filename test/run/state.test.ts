import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parsePolicy } from '../../src/config/read-policy.ts';
import type { JournalEntry } from '../../src/inference/journal-entry.ts';
import { lockFolder } from '../../src/run/lock.ts';
import type { RunIdentity } from '../../src/run/run-identity.ts';
import { openState, type RunState } from '../../src/run/state.ts';
import { makeFolder, readLines, smallPolicy } from './small-gate.ts';

const served = {
  model: 'm',
  root: '/models/m',
  engine: 'vllm',
  version: '1',
  contextLength: 1024,
  templateSha256: 'ab',
  answersAs: null,
  fingerprint: null,
};
const identity: RunIdentity = {
  planSha256: 'plan',
  policySha256: 'policy',
  candidateSha256: 'candidate',
  judgeSha256: 'judge',
  serversSha256: 'servers',
  workflowRun: null,
  baselineDigest: null,
  served,
  judgeServed: { ...served, model: 'w' },
};

function open(
  stateDir: string,
  change: { identity?: Partial<RunIdentity>; policy?: object; now?: string } = {},
): RunState {
  return openState({
    stateDir,
    identity: { ...identity, ...change.identity },
    policy: parsePolicy(JSON.stringify(smallPolicy({ ...change.policy })), 'policy.yml'),
    around: {
      now: () => new Date(change.now ?? '2026-06-18T00:00:00Z'),
      random: () => 0,
      sleep: async () => {},
      signal: new AbortController().signal,
    },
  });
}
const worst = { prompt: 100, cached: 0, completion: 24 };
const at = '2026-06-18T00:00:30.000Z';
const sent = (id: string, to: 'candidate' | 'judge' = 'candidate'): JournalEntry => ({
  t: 'sent',
  to,
  id,
  worst,
  at,
});
const answered = (id: string, promptTokens: number | null = 40, text = 'It is blue.'): JournalEntry => ({
  t: 'answer',
  id,
  text,
  finish: 'stop',
  reasoned: false,
  usage: { promptTokens, cachedTokens: 16, completionTokens: 3 },
  model: 'm',
  fingerprint: null,
  at,
});

/** A state directory that holds these entries. */
function stateWith(entries: readonly JournalEntry[], policy = {}): string {
  const folder = join(makeFolder(), 'state');
  const state = open(folder, { policy });
  for (const entry of entries) state.journal.append(entry);
  state.close();
  return folder;
}

function reopened<T>(
  folder: string,
  read: (state: RunState) => T,
  change: Parameters<typeof open>[1] = {},
): T {
  const state = open(folder, change);
  const result = read(state);
  state.close();
  return result;
}

describe('a state directory that is opened again', () => {
  it('counts what earlier sessions spent: an answer at its cost, all else that was sent at its worst', () => {
    const fault: JournalEntry = { t: 'fault', id: 'b', code: 'http500', at };
    const folder = stateWith([
      ...[sent('a'), answered('a')],
      ...[sent('b'), fault, sent('b'), answered('b', null)],
      sent('in flight at the kill'),
      ...[sent('a', 'judge'), sent('x', 'judge'), sent('x', 'judge')],
    ]);
    expect(reopened(folder, ({ budget }) => budget.spent)).toEqual({
      requests: 4,
      prompt: 40 + 100 + 100 + 100,
      cached: 16 + 16,
      completion: 3 + 24 + 3 + 24,
    });
    expect(reopened(folder, ({ judgeBudget }) => judgeBudget.spent.requests)).toBe(3);
  });

  it('lets no cap be passed by the sum of the sessions', async () => {
    const folder = stateWith([sent('a'), answered('a'), sent('b')]);
    const policy = { budget: { requests: 3 } };
    const state = open(folder, { policy });
    expect(await state.budget.acquire(worst)).toBeUndefined();
    state.budget.settle(worst, worst);
    expect(await state.budget.acquire(worst)).toBe('budgetRequests');
    state.close();
  });

  it('counts the minutes at work, not those between sessions', () => {
    const folder = stateWith([sent('a'), answered('a')]);
    expect(reopened(folder, (state) => state.minutesUsed(), { now: '2026-06-18T20:00:00Z' })).toBeCloseTo(
      0.5,
      3,
    );
  });

  it('takes no jump of the clock for minutes at work, neither forwards nor back', () => {
    const moved = (time: string): JournalEntry => ({ t: 'fault', id: 'a', code: 'http500', at: time });
    const times = ['2026-06-18T09:00:00Z', '2026-06-18T09:01:00Z', '2026-06-18T03:00:00Z'];
    const folder = stateWith([sent('a'), ...times.map(moved), moved('2026-06-18T03:00:30Z')]);
    // Requests of 5 s at the most: no two lines of a run at work are further apart than 2 x 5 s + 60 s.
    const minutes = 0.5 + 70 / 60 + 1 + 0 + 0.5;
    const now = '2026-06-18T04:00:00Z';
    expect(reopened(folder, (state) => state.minutesUsed(), { now })).toBeCloseTo(minutes, 3);
  });

  it('goes on with a journal of more lines than a call may have arguments', () => {
    const folder = stateWith([sent('a'), answered('a')]);
    const fault = `${JSON.stringify({ t: 'fault', id: 'a', code: 'http500', at })}\n`;
    writeFileSync(join(folder, 'journal.jsonl'), fault.repeat(150_000), { flag: 'a' });
    expect(reopened(folder, ({ journal }) => journal.entries.find(({ t }) => t === 'answer'))).toMatchObject({
      id: 'a',
    });
  });

  it('gives the texts of earlier answers, which stay in the file', () => {
    const folder = stateWith([sent('a'), answered('a', 40, 'Grüße aus der Datei')]);
    const text = reopened(folder, ({ journal }) =>
      journal.entries.flatMap((entry) => (entry.t === 'answer' ? [entry.text] : [])),
    );
    expect(text).toEqual(['Grüße aus der Datei']);
  });

  it('keeps the first start’s date and counts the sessions', () => {
    const folder = stateWith([]);
    const later = reopened(folder, ({ header, sessions }) => [header.asOf, sessions], {
      now: '2026-06-18T23:00:00Z',
    });
    expect(later).toEqual(['2026-06-18T00:00:00.000Z', 2]);
  });

  it('is refused a day after it was last at work: other weights may stand behind the same name by then', () => {
    const folder = stateWith([sent('a'), answered('a')]);
    expect(() => reopened(folder, () => 0, { now: '2026-06-19T00:00:31Z' })).toThrow(/last at work/);
  });

  it('of another run that was stopped before its first answer is set aside: nothing of it is lost', () => {
    const checked: JournalEntry = {
      t: 'checked',
      id: 'preflight question',
      usage: { promptTokens: 9, cachedTokens: null, completionTokens: 1 },
      finish: 'stop',
      reasoned: false,
      empty: false,
      at,
    };
    const folder = stateWith([sent('preflight question'), checked]);
    const change = { identity: { policySha256: 'other' } };
    expect(reopened(folder, ({ journal }) => journal.entries.length, change)).toBe(0);
    expect(readdirSync(folder).filter((name) => name.endsWith('.old'))).toHaveLength(1);
  });

  it('of another workflow run is set aside, and never gone on with', () => {
    const folder = stateWith([sent('a'), answered('a')]);
    const entries = reopened(folder, ({ journal }) => journal.entries.length, {
      identity: { workflowRun: '4711' },
    });
    expect(entries).toBe(0);
    expect(readdirSync(folder).filter((name) => name.endsWith('.old'))).toHaveLength(1);
  });

  it.each<[string, Partial<RunIdentity>]>([
    ['planSha256', { planSha256: 'other' }],
    ['policySha256', { policySha256: 'other' }],
    ['candidateSha256', { candidateSha256: 'other' }],
    ['judgeSha256', { judgeSha256: 'other' }],
    ['serversSha256', { serversSha256: 'other' }],
    ['baselineDigest', { baselineDigest: 'other' }],
    ['served.root', { served: { ...served, root: '/models/other' } }],
    ['served.templateSha256', { served: { ...served, templateSha256: 'cd' } }],
    ['judgeServed.root', { judgeServed: { ...served, model: 'w', root: '/models/other' } }],
  ])('is refused where %s is of another run, by that name, and left as it was', (field, change) => {
    const folder = stateWith([sent('a'), answered('a')]);
    const before = readFileSync(join(folder, 'journal.jsonl'), 'utf8');
    expect(() => open(folder, { identity: change })).toThrow(
      expect.objectContaining({
        name: 'EvidenceError',
        code: 'STATE_MISMATCH',
        message: expect.stringMatching(new RegExp(` ${field.replace('.', '\\.')}: expected .*this run`)),
      }),
    );
    expect(readFileSync(join(folder, 'journal.jsonl'), 'utf8')).toBe(before);
    expect(existsSync(join(folder, 'lock'))).toBe(false);
    reopened(folder, () => {});
  });

  it('is refused for good once its server has changed', () => {
    const folder = stateWith([]);
    reopened(folder, (state) => state.spoil('root'));
    expect(() => open(folder)).toThrow(
      expect.objectContaining({ code: 'STATE_SPOILED', message: expect.stringContaining('root') }),
    );
  });

  it('is its owner’s alone', () => {
    const folder = stateWith([]);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(statSync(join(folder, 'journal.jsonl')).mode & 0o777).toBe(0o600);
  });
});

describe('retention', () => {
  const text = 'The master code is nine two.';
  const finish = (retention: 'none' | 'hashes' | 'text') => {
    const folder = stateWith([sent('a'), answered('a', 40, text)]);
    reopened(folder, (state) => state.finish(retention));
    return join(folder, 'journal.jsonl');
  };

  it('text keeps the answers', () => {
    expect(readFileSync(finish('text'), 'utf8')).toContain(text);
  });

  it('hashes keeps what was answered and when, not what it says', () => {
    const file = finish('hashes');
    expect(readFileSync(file, 'utf8')).not.toContain('nine');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const answers = readLines(file).filter((line) => JSON.stringify(line).startsWith('{"t":"answer"'));
    expect(answers).toEqual([
      expect.objectContaining({ id: 'a', text: null, textSha256: expect.stringMatching(/^[0-9a-f]{64}$/) }),
    ]);
    reopened(join(file, '..'), ({ budget }) => expect(budget.spent.requests).toBe(1));
  });

  it('none keeps nothing', () => {
    expect(existsSync(finish('none'))).toBe(false);
  });
});

describe('the lock', () => {
  it('keeps a second process out, which then leaves the journal alone', async () => {
    const folder = stateWith([]);
    const holder = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60000)'], { stdio: 'ignore' });
    writeFileSync(join(folder, 'lock'), String(holder.pid));
    const file = join(folder, 'journal.jsonl');
    writeFileSync(file, '{"t":"half a line of the other pro', { flag: 'a' });
    const before = readFileSync(file, 'utf8');
    expect(() => open(folder)).toThrow(
      expect.objectContaining({ name: 'ConfigError', code: 'STATE_IN_USE' }),
    );
    expect(readFileSync(file, 'utf8')).toBe(before);
    holder.kill('SIGKILL');
    await new Promise((resolve) => holder.once('exit', resolve));
    reopened(folder, ({ sessions }) => expect(sessions).toBe(2));
  });

  it('is given back when the state is closed', () => {
    const folder = makeFolder();
    const unlock = lockFolder(folder);
    expect(readFileSync(join(folder, 'lock'), 'utf8')).toBe(`${process.pid} ${hostname()}`);
    unlock();
    expect(existsSync(join(folder, 'lock'))).toBe(false);
  });

  it.each(['', '1', String(process.ppid)])('holds with %j in it', (holder) => {
    const folder = makeFolder();
    writeFileSync(join(folder, 'lock'), holder);
    expect(() => lockFolder(folder)).toThrow(expect.objectContaining({ code: 'STATE_IN_USE' }));
    expect(readFileSync(join(folder, 'lock'), 'utf8')).toBe(holder);
  });

  it.each(['4194999', 'not a process', '-1', '0'])(
    'of a process that is gone, %j, is taken over',
    (holder) => {
      const folder = makeFolder();
      writeFileSync(join(folder, 'lock'), holder);
      lockFolder(folder)();
      expect(existsSync(join(folder, 'lock'))).toBe(false);
    },
  );
});
