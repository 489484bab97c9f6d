import { describe, expect, it } from 'vitest';
import { EvidenceError } from '../../src/config/errors.ts';
import { Budget, type Caps } from '../../src/inference/budget.ts';
import { makeExchange, OutageWatch } from '../../src/inference/exchange.ts';
import type { Fault } from '../../src/inference/fault.ts';
import type { Journal } from '../../src/inference/journal.ts';
import type { JournalEntry } from '../../src/inference/journal-entry.ts';
import type { Answer } from '../../src/inference/reply.ts';
import { going } from './canned-server.ts';

const worst = { prompt: 100, cached: 0, completion: 10 };
const answer: Answer = {
  kind: 'answer',
  text: 'yes',
  finish: 'stop',
  reasoned: false,
  usage: { promptTokens: 30, cachedTokens: 16, completionTokens: 2 },
  model: 'm',
  fingerprint: null,
};
const fault: Fault = {
  kind: 'fault',
  code: 'http503',
  retryable: true,
  reason: 'requestFailed',
  scope: 'trial',
  detail: 'HTTP 503',
};

function open(
  input: { caps?: Caps; retries?: number; signal?: AbortSignal; append?: Journal['append'] } = {},
) {
  const spent = { requests: 0, prompt: 0, cached: 0, completion: 0 };
  const budget = new Budget({ caps: input.caps ?? {}, prices: undefined, spent, minutesUsed: () => 0 });
  const entries: JournalEntry[] = [];
  const append = input.append ?? ((entry: JournalEntry) => void entries.push(entry));
  const exchange = makeExchange({
    to: 'candidate',
    endpoint: { baseUrl: 'http://x/v1', model: 'm', apiKey: undefined, timeoutMs: 1, namedBy: '--base-url' },
    budget,
    journal: { file: 'journal', entries, append, appendAnswer: (entry) => entry, close: () => {} },
    retries: input.retries ?? 0,
    around: {
      now: () => new Date(0),
      random: () => 0,
      sleep: async () => {},
      signal: input.signal ?? going(),
    },
  });
  const send = (...results: (Answer | Fault)[]) => {
    const left = [...results];
    return exchange({ id: 'one', worst, send: async () => left.shift() ?? fault });
  };
  return { budget, entries, exchange, send };
}

describe('an exchange', () => {
  it('notes a request before it is sent, and puts what it cost in place of the worst', async () => {
    const { budget, entries, exchange } = open();
    const seen: string[][] = [];
    const result = await exchange({
      id: 'one',
      worst,
      send: async () => {
        seen.push(entries.map(({ t }) => t));
        return answer;
      },
    });
    expect(result).toBe(answer);
    expect(seen).toEqual([['sent']]);
    expect(budget.spent).toEqual({ requests: 1, prompt: 30, cached: 16, completion: 2 });
  });

  it('counts each try, a failed one at its worst', async () => {
    const { budget, entries, send } = open({ retries: 1 });
    expect(await send(fault, answer)).toBe(answer);
    expect(budget.spent).toEqual({ requests: 2, prompt: 130, cached: 16, completion: 12 });
    expect(entries.map(({ t }) => t)).toEqual(['sent', 'fault', 'sent']);
  });

  it('takes what the server does not count at its worst', async () => {
    const { budget, send } = open();
    await send({ ...answer, usage: { promptTokens: null, cachedTokens: 999, completionTokens: null } });
    expect(budget.spent).toEqual({ requests: 1, prompt: 100, cached: 100, completion: 10 });
  });

  it('stops retrying at a cap, and names it', async () => {
    const { send } = open({ retries: 5, caps: { requests: 2 } });
    expect(await send()).toEqual({ kind: 'refused', reason: 'budgetRequests' });
  });

  it('gives its reservation back when the journal cannot be written, so that nobody waits for ever', async () => {
    const full = new EvidenceError({
      code: 'STATE_NOT_WRITTEN',
      where: 'x',
      expected: 'x',
      got: 'ENOSPC',
      remedy: 'x',
    });
    const { budget, exchange } = open({
      caps: { promptTokens: 150 },
      append: () => {
        throw full;
      },
    });
    const one = () => exchange({ id: 'one', worst, send: async () => answer });
    const results = await Promise.allSettled([one(), one(), one()]);
    expect(results[0]).toEqual({ status: 'rejected', reason: full });
    expect(results.slice(1).map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled']);
    expect(budget.spent.requests).toBe(1);
  });

  it('sends nothing more once it is told to stop', async () => {
    const { entries, send } = open({ signal: AbortSignal.abort() });
    await expect(send(answer)).rejects.toMatchObject({ code: 'INTERRUPTED' });
    expect(entries).toEqual([]);
  });

  it.each([
    ['http401', 'UNAUTHORIZED', 'key'],
    ['http403', 'UNAUTHORIZED', 'key'],
    ['http404', 'REQUEST_REFUSED', '/v1 at its end'],
    ['redirect', 'REQUEST_REFUSED', 'address'],
  ])('ends the run on %s, which every request would meet', async (code, thrown, remedy) => {
    const { send } = open({ retries: 3 });
    const error = send({ ...fault, code, retryable: false, scope: 'run' });
    const complaints = [
      expect.objectContaining({ where: '--base-url', remedy: expect.stringContaining(remedy) }),
    ];
    await expect(error).rejects.toMatchObject({ name: 'ModelError', code: thrown, complaints });
  });
});

describe('OutageWatch', () => {
  it('holds failures back until an answer shows that the server lives', () => {
    const watch = new OutageWatch(() => 3, '--base-url');
    const released: number[] = [];
    watch.failed(() => released.push(1));
    watch.failed(() => released.push(2));
    expect(released).toEqual([]);
    watch.alive();
    watch.failed(() => released.push(3));
    expect(released).toEqual([1, 2]);
  });

  it('ends the run after too many failures in a row, and counts none of them as a trial’s end', () => {
    const watch = new OutageWatch(() => 9, '--judge-base-url');
    const released: number[] = [];
    for (let nth = 1; nth < 9; nth += 1) watch.failed(() => released.push(nth));
    expect(() => watch.failed(() => released.push(9))).toThrow(
      expect.objectContaining({
        code: 'OUTAGE',
        complaints: [expect.objectContaining({ where: '--judge-base-url' })],
      }),
    );
    expect(released).toEqual([]);
  });
});
