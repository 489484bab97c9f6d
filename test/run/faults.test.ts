import { readFileSync } from 'node:fs';
import { connect as connectTo, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { describeError, MixgateError } from '../../src/config/errors.ts';
import { askTrials } from '../../src/inference/ask.ts';
import { Budget } from '../../src/inference/budget.ts';
import { connect } from '../../src/inference/client.ts';
import { openJournal } from '../../src/inference/journal.ts';
import { canonicalJson } from '../../src/receipt/digest.ts';
import type { Fault, FaultCall } from '../../src/simulate/scripted-faults.ts';
import { type ScriptedServer, startScriptedServer } from '../../src/simulate/scripted-server.ts';
import { seededRandom } from '../analysis/random.ts';
import { planOf, vaultPolicy } from '../suite/plan-parts.ts';
import { type GateChange, gateRequest, makeFolder, readLines, runSmall, wildguard } from './small-gate.ts';

const trials = 112;
let server: ScriptedServer;
beforeEach(async () => {
  server = await startScriptedServer({ models: [{ id: 'strict', rule: () => 0.03 }] });
});
afterEach(() => server.close());

const inference = { maxConcurrency: 16, timeoutSeconds: 1, retries: 8 };
const run = (change: Partial<GateChange> = {}) =>
  runSmall({
    baseUrl: server.baseUrl,
    policy: { inference, retention: 'text' },
    ...change,
  });

const key = z.object({ messages: z.unknown(), seed: z.number() });
const chat = (call: FaultCall) => call.path === '/v1/chat/completions';

/** A fault for this share of the requests, drawn by a seed, so that a failure can be run again. */
function atRate(rate: number, kinds: readonly Fault[], seed = 3): (call: FaultCall) => Fault | null {
  const random = seededRandom(seed);
  return (call) => {
    if (!chat(call) || random() >= rate) return null;
    return kinds[Math.floor(kinds.length * random())] ?? null;
  };
}

const word = z.string().optional();
const entry = z.looseObject({ t: z.string(), id: word, to: word, code: word });
const journalOf = (stateDir: string) =>
  readLines(join(stateDir, 'journal.jsonl')).map((line) => entry.parse(line));

/** What the server was asked for trials, by trial: messages and seed. */
function askedOfServer(): Map<string, number> {
  const asked = new Map<string, number>();
  for (const { path, body } of server.requests) {
    const parsed = key.safeParse(body);
    if (path !== '/v1/chat/completions' || !parsed.success) continue;
    const name = JSON.stringify(parsed.data);
    asked.set(name, (asked.get(name) ?? 0) + 1);
  }
  return asked;
}

const passing: readonly Fault[] = [
  { kind: 'tooManyRequests' },
  { kind: 'tooManyRequests', retryAfterSeconds: 0.05 },
  { kind: 'internalError' },
  { kind: 'unavailable' },
  { kind: 'unavailable', retryAfterSeconds: 0.05 },
  { kind: 'reset' },
  { kind: 'cutJson' },
  { kind: 'html' },
  { kind: 'emptyChoices' },
];

/** The trials alone, with the waits between tries cut short: what is tested is what comes of them. */
async function askAll(stateDir: string, timeoutMs = 1000) {
  const { plan, policy } = planOf(
    vaultPolicy({ queries: 16, rest: `inference: ${JSON.stringify(inference)}` }),
  );
  const endpoint = { baseUrl: server.baseUrl, model: 'strict', apiKey: undefined, timeoutMs };
  const budget = new Budget({
    caps: {},
    prices: undefined,
    spent: { requests: 0, prompt: 0, cached: 0, completion: 0 },
    minutesUsed: () => 0,
  });
  const journal = openJournal(stateDir);
  const sleep = () => new Promise<void>((resolve) => setTimeout(resolve, 1));
  const { asked } = await askTrials({
    plan,
    client: connect({ ...endpoint, namedBy: '--base-url' }),
    policy,
    budget,
    journal,
    around: { now: () => new Date(), random: Math.random, sleep, signal: new AbortController().signal },
    onProgress: () => {},
  });
  // Texts stand in the journal alone.
  const texts = plan.trials.map(({ trialId }) => {
    const answer = asked.get(trialId);
    return answer?.t === 'answer' ? answer.text : (answer?.t ?? 'missing');
  });
  journal.close();
  return { texts, requests: budget.spent.requests };
}

describe('a server with passing faults', () => {
  it.each(passing.map((fault) => [fault.kind, fault.retryAfterSeconds ?? 'none', fault] as const))(
    'at three in ten: %s, Retry-After %s: answers every trial as an honest one, and is asked nothing twice unrecorded',
    async (_kind, _after, fault) => {
      const honest = await askAll(join(makeFolder(), 'state'));
      const before = askedOfServer();
      server.setFault(atRate(0.3, [fault]));
      const stateDir = join(makeFolder(), 'state');
      const { texts, requests } = await askAll(stateDir);
      expect(texts).toEqual(honest.texts);
      expect(requests).toBeGreaterThan(1.2 * texts.length);
      expectEveryRequestRecorded(stateDir, before, texts.length);
    },
    30_000,
  );

  it.each(['stall', 'drip'] as const)(
    'at three in ten, %s: gives up at its time limit and asks again, and counts each request',
    async (kind) => {
      const honest = await askAll(join(makeFolder(), 'state'));
      const before = askedOfServer();
      server.setFault(atRate(0.3, [{ kind }]));
      const stateDir = join(makeFolder(), 'state');
      const { texts } = await askAll(stateDir, 250);
      expect(texts).toEqual(honest.texts);
      expectEveryRequestRecorded(stateDir, before, texts.length);
      const faults = journalOf(stateDir).flatMap(({ t, code }) => (t === 'fault' ? [code] : []));
      expect(new Set(faults)).toEqual(new Set(['timeout']));
    },
    30_000,
  );

  it('all of them mixed, some slow and some that never answer, does the same', async () => {
    const honest = await run();
    const before = askedOfServer();
    const mixed: readonly Fault[] = [
      ...passing,
      { kind: 'slow', delayMs: 300 },
      { kind: 'stall' },
      { kind: 'drip' },
    ];
    server.setFault(atRate(0.3, mixed));
    const stateDir = join(makeFolder(), 'state');
    const { receipt } = await run({ stateDir });
    expect(receipt.evidence.verdict).toBe('pass');
    expect(receipt.evidence.conditions).toEqual(honest.receipt.evidence.conditions);
    expect(receipt.run.retries).toBeGreaterThan(10);
    expectEveryRequestRecorded(stateDir, before);
  }, 90_000);
});

describe('a judge with passing faults', () => {
  it('at three in ten, all of them mixed, labels as an honest one, and each ruling stands once', async () => {
    const judge = await startScriptedServer({ models: [], judge: { id: 'wildguard' } });
    try {
      const policy = { ...wildguard, inference, retention: 'text' };
      const of = { policy, judgeBaseUrl: judge.baseUrl, judgeModel: 'wildguard', now: () => new Date(0) };
      const honest = await run(of);
      const random = seededRandom(5);
      judge.setFault(({ path }) => {
        if (path !== '/v1/completions' || random() >= 0.3) return null;
        return passing[Math.floor(passing.length * random())] ?? null;
      });
      const stateDir = join(makeFolder(), 'state');
      const { receipt } = await run({ ...of, stateDir });
      expect(canonicalJson(receipt.evidence)).toBe(canonicalJson(honest.receipt.evidence));
      expect(receipt.run.judgeRequests).toBeGreaterThan(1.2 * (honest.receipt.run.judgeRequests ?? 0));
      const ruled = journalOf(stateDir).flatMap(({ t, id }) => (t === 'judged' ? [id] : []));
      expect(new Set(ruled).size).toBe(ruled.length);
    } finally {
      await judge.close();
    }
  }, 90_000);
});

/** Each trial answered once; the requests that the server saw are those that the journal holds. */
function expectEveryRequestRecorded(
  stateDir: string,
  before: ReadonlyMap<string, number>,
  answers = trials,
): void {
  const journal = journalOf(stateDir);
  const ids = (wanted: string) => journal.flatMap(({ t, id }) => (t === wanted ? [id] : []));
  expect(ids('answer')).toHaveLength(answers);
  expect(new Set(ids('answer')).size).toBe(answers);
  const recorded = journal.filter(({ t, to }) => t === 'sent' && to === 'candidate').length;
  const seen = [...askedOfServer()].reduce((sum, [name, count]) => sum + count - (before.get(name) ?? 0), 0);
  expect(recorded).toBe(seen);
  expect(ids('fault')).toHaveLength(recorded - answers);
}

describe('a fault that does not pass', () => {
  it('for a part of the trials, an over-long context, leaves those unscored with their reason', async () => {
    server.setFault((call) => {
      const parsed = key.safeParse(call.body);
      return chat(call) && parsed.success && parsed.data.seed % 10 < 3 ? { kind: 'contextOverflow' } : null;
    });
    const { receipt } = await run();
    expect(receipt.evidence.verdict).not.toBe('pass');
    const unscored = receipt.evidence.conditions.reduce((sum, one) => sum + one.unscored, 0);
    expect(unscored).toBeGreaterThan(10);
  });

  it.each<[string, Fault]>([
    ['another model in an answer', { kind: 'wrongModel' }],
    ['another build in an answer', { kind: 'wrongFingerprint' }],
  ])('%s, now and then, ends the run with an error that names it', async (_name, fault) => {
    server.setFault(atRate(0.1, [fault]));
    const error = await run().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(MixgateError);
    expect(describeError(error)).toMatch(/SERVER_CHANGED[\s\S]*(model|fingerprint) in the answers/);
  });
});

/** A door to the server on a port of its own: shut, the port is nobody's, as of a server that died. */
async function doorTo(baseUrl: string) {
  const { hostname, port } = new URL(baseUrl);
  const open = new Set<Socket>();
  const listen = async (at: number) => {
    const door = createServer((client) => {
      const behind = connectTo(Number(port), hostname);
      for (const socket of [client, behind]) {
        open.add(socket);
        socket.on('error', () => {}).on('close', () => open.delete(socket));
      }
      client.pipe(behind).pipe(client);
    });
    await new Promise<void>((resolve) => door.listen(at, '127.0.0.1', resolve));
    return door;
  };
  let door = await listen(0);
  const address = door.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const shut = async () => {
    const gone = new Promise((resolve) => door.close(resolve));
    for (const socket of open) socket.destroy();
    await gone;
  };
  return {
    baseUrl: `http://127.0.0.1:${address.port}/v1`,
    shut,
    reopen: async () => {
      door = await listen(address.port);
    },
  };
}

describe('a server that dies and is started again', () => {
  it('while the run goes on, costs what was under way and nothing else', async () => {
    const honest = await run({ now: () => new Date(0) });
    const before = askedOfServer();
    const door = await doorTo(server.baseUrl);
    let deaths: Promise<void> | undefined;
    server.setFault((call) => {
      if (chat(call) && call.nth > trials + 60) {
        deaths ??= door
          .shut()
          .then(() => sleep(600))
          .then(door.reopen);
      }
      return null;
    });
    const stateDir = join(makeFolder(), 'state');
    const { receipt } = await run({ baseUrl: door.baseUrl, stateDir, now: () => new Date(0) });
    await deaths;
    await door.shut();
    expect(deaths).toBeDefined();
    expect(canonicalJson(receipt.evidence)).toBe(canonicalJson(honest.receipt.evidence));
    const journal = journalOf(stateDir);
    const answers = journal.flatMap(({ t, id }) => (t === 'answer' ? [id] : []));
    expect(new Set(answers).size).toBe(trials);
    expect(answers).toHaveLength(trials);
    const faults = journal.flatMap(({ t, code }) => (t === 'fault' ? [code] : []));
    expect(faults.length).toBeGreaterThan(0);
    // What the server saw beside the journal's requests is nothing; of those, some met a shut door.
    const seen = [...askedOfServer()].reduce(
      (sum, [name, count]) => sum + count - (before.get(name) ?? 0),
      0,
    );
    const sent = journal.filter(({ t, to }) => t === 'sent' && to === 'candidate').length;
    expect(seen).toBeLessThanOrEqual(sent);
    expect(sent - seen).toBeLessThanOrEqual(faults.length);
  }, 60_000);

  it('ends the run, which goes on where it stopped and asks nothing twice', async () => {
    const folder = makeFolder();
    const request = { stateDir: join(folder, 'state'), outDir: join(folder, 'out') };
    server.setFault((call) => (chat(call) && call.nth > 60 ? { kind: 'reset' } : null));
    const quick = { inference: { ...inference, retries: 1 }, retention: 'text' };
    const policyPath = gateRequest({ baseUrl: server.baseUrl, policy: quick }).policyPath;
    const error = await run({ ...request, policyPath }).catch((reason: unknown) => reason);
    expect(describeError(error)).toMatch(/OUTAGE|UNREACHABLE/);
    const answered = journalOf(request.stateDir).filter(({ t }) => t === 'answer').length;
    expect(answered).toBeGreaterThan(0);
    expect(answered).toBeLessThanOrEqual(60);
    server.setFault(null);
    const { receipt } = await run({ ...request, policyPath });
    expect(receipt.evidence.verdict).toBe('pass');
    const answers = journalOf(request.stateDir).flatMap(({ t, id }) => (t === 'answer' ? [id] : []));
    expect(answers).toHaveLength(trials);
    expect(new Set(answers).size).toBe(trials);
    expect(readFileSync(join(request.outDir, 'receipt.json'), 'utf8')).toContain('"verdict":"pass"');
  }, 60_000);
});
