import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { exitCodeOf } from '../../src/gate/verdict.ts';
import { canonicalJson } from '../../src/receipt/digest.ts';
import { parseReceipt } from '../../src/receipt/read-receipt.ts';
import type { Receipt } from '../../src/receipt/receipt.ts';
import { type ScriptedServer, startScriptedServer } from '../../src/simulate/scripted-server.ts';
import { limitedCommand, runCommand, startCommand } from '../cli/command.ts';
import { gateRequest, makeFolder, runSmall, wildguard, writeSmallPolicy } from './small-gate.ts';

const concurrency = 4;
const trials = 112;
const canaries = 64;
let server: ScriptedServer;
beforeEach(async () => {
  server = await startScriptedServer({
    models: [{ id: 'even', rule: () => 0.4 }],
    judge: { id: 'wildguard' },
    latencyMs: 12,
  });
});
afterEach(() => server.close());

const policyPath = writeSmallPolicy({
  ...wildguard,
  inference: { maxConcurrency: concurrency, timeoutSeconds: 5, retries: 0 },
});
function argumentsFor(folder: string): string[] {
  const judge = ['--judge-base-url', server.baseUrl, '--judge-model', 'wildguard'];
  const folders = ['--state-dir', join(folder, 'state'), '--out', join(folder, 'out')];
  return [
    'run',
    '--policy',
    policyPath,
    '--base-url',
    server.baseUrl,
    '--model',
    'even',
    ...judge,
    ...folders,
  ];
}

/** A generator of numbers in [0, 1) from a seed (mulberry32), so that a failure can be run again. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const text = z.string().optional();
const entry = z.looseObject({ t: z.string(), id: text, to: text, asOf: text });
type Entry = z.infer<typeof entry>;
/** The whole lines of a journal; a kill may have torn the last. */
function readJournal(folder: string): Entry[] {
  const file = join(folder, 'state', 'journal.jsonl');
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => entry.parse(JSON.parse(line)));
}
const idsOf = (entries: readonly Entry[], t: string) =>
  entries.flatMap((one) => (one.t === t ? [one.id ?? ''] : []));

/** What the preflight asks of this policy's servers. */
const probes = { candidate: 5, judge: 4 };

/** Requests of the latest session for what the journal had answered, or judged, before it. */
function sentAgain(before: readonly Entry[], after: readonly Entry[]): Entry[] {
  const answered = [...idsOf(before, 'answer'), ...idsOf(before, 'checked')];
  const done = { candidate: new Set(answered), judge: new Set(idsOf(before, 'judged')) };
  return after
    .slice(before.length)
    .filter(({ t, to, id = '' }) => t === 'sent' && done[to === 'judge' ? 'judge' : 'candidate'].has(id));
}

const readFrom = (folder: string): Receipt => {
  const file = join(folder, 'out', 'receipt.json');
  return parseReceipt(readFileSync(file, 'utf8'), file);
};
const bodies = (path: string) =>
  server.requests.filter((one) => one.path === path).map(({ body }) => JSON.stringify(body));

/** Lets a run live until the server has this many requests, then kills it. */
async function killAfter(requests: number, args: readonly string[]): Promise<boolean> {
  const { child, result } = startCommand(args);
  const target = server.requests.length + requests;
  const watch = setInterval(() => {
    if (server.requests.length >= target) child.kill('SIGKILL');
  }, 1);
  const { signal } = await result.finally(() => clearInterval(watch));
  return signal === 'SIGKILL';
}

describe('a run that is killed and started again', () => {
  it('asks nothing again that its journal holds, and ends with the evidence of a run that never stopped', async () => {
    const random = seeded(20260618);
    const folder = makeFolder();
    const args = argumentsFor(folder);
    let kills = 0;
    for (let round = 0; round < 4; round += 1) {
      const before = readJournal(folder);
      if (await killAfter(3 + Math.floor(random() * 70), args)) kills += 1;
      expect(sentAgain(before, readJournal(folder))).toEqual([]);
    }
    expect(kills).toBeGreaterThanOrEqual(2);
    const last = await runCommand(args);
    const resumed = readFrom(folder);
    expect(last.exitCode).toBe(exitCodeOf(resumed.evidence.verdict));

    const journal = readJournal(folder);
    expect(new Set(idsOf(journal, 'answer')).size).toBe(trials);
    expect(idsOf(journal, 'answer')).toHaveLength(trials);
    const rulings = trials + 3 * canaries + probes.judge;
    expect(new Set(idsOf(journal, 'judged')).size).toBe(rulings);
    expect(idsOf(journal, 'judged')).toHaveLength(rulings);
    expect(idsOf(journal, 'checked')).toHaveLength(probes.candidate);
    // What the server saw more than once was in flight at a kill.
    const [asked, judged] = [bodies('/v1/chat/completions'), bodies('/v1/completions')];
    expect(new Set(asked).size).toBe(trials + probes.candidate);
    const repeated = asked.length - trials - probes.candidate + (judged.length - rulings);
    expect(repeated).toBeLessThanOrEqual(kills * concurrency);

    const firstStart = journal.find(({ t }) => t === 'run')?.asOf ?? '';
    const uninterrupted = await runSmall({
      baseUrl: server.baseUrl,
      model: 'even',
      judgeBaseUrl: server.baseUrl,
      judgeModel: 'wildguard',
      policyPath,
      now: () => new Date(firstStart),
    });
    expect(resumed.evidence.asOf).toBe(firstStart);
    expect(canonicalJson(resumed.evidence)).toBe(canonicalJson(uninterrupted.receipt.evidence));
    expect(readFileSync(join(folder, 'out', 'ledger.jsonl'))).toEqual(
      readFileSync(uninterrupted.files.ledger),
    );
    expect(resumed.run.sessions).toBe(journal.filter(({ t }) => t === 'session').length);
  }, 60_000);

  it('asks nothing at all when it was complete, and gives the same evidence', async () => {
    const request = gateRequest({
      baseUrl: server.baseUrl,
      model: 'even',
      judgeBaseUrl: server.baseUrl,
      judgeModel: 'wildguard',
      policyPath,
    });
    const first = await runSmall(request);
    const before = bodies('/v1/chat/completions').length + bodies('/v1/completions').length;
    const again = await runSmall(request);
    expect(bodies('/v1/chat/completions').length + bodies('/v1/completions').length).toBe(before);
    expect(again.receipt.evidenceDigest).toBe(first.receipt.evidenceDigest);
  });
});

describe('a run that is told to stop', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)(
    'by %s stops within five seconds with exit code 3, and goes on when started again',
    async (signal) => {
      server.setFault(({ path, nth }) =>
        path === '/v1/chat/completions' && nth > 20 ? { kind: 'stall' } : null,
      );
      const folder = makeFolder();
      const args = argumentsFor(folder);
      const { child, result } = startCommand(args);
      while (bodies('/v1/chat/completions').length < 20 + concurrency)
        await new Promise((next) => setTimeout(next, 5));
      const start = performance.now();
      child.kill(signal);
      const ended = await result;
      expect(performance.now() - start).toBeLessThan(5000);
      expect(ended).toMatchObject({ exitCode: 3, stdout: '' });
      expect(ended.stderr).toContain('ModelError INTERRUPTED');
      expect(ended.stderr).toContain('start the same command again: it goes on where it stopped');
      expect(existsSync(join(folder, 'out', 'receipt.json'))).toBe(false);
      expect(existsSync(join(folder, 'state', 'lock'))).toBe(false);

      server.setFault(null);
      const before = bodies('/v1/chat/completions').length;
      expect((await runCommand(args)).exitCode).not.toBe(3);
      expect(bodies('/v1/chat/completions').length - before).toBe(trials - (20 - probes.candidate));
    },
    30_000,
  );
});

describe('a run whose disk is full', () => {
  it('ends with exit code 3 and says what to do, loses nothing, and goes on when there is room', async () => {
    const folder = makeFolder();
    const args = argumentsFor(folder);
    // A limit on the size of files stands for the disk: the journal's write comes back short, then fails.
    const full = await limitedCommand(args, 24);
    expect(full.exitCode).toBe(3);
    expect(full.stderr).toContain('EvidenceError STATE_NOT_WRITTEN');
    expect(full.stderr).toContain('make room, then start the same command again');
    expect(existsSync(join(folder, 'out', 'receipt.json'))).toBe(false);
    const before = readJournal(folder);
    expect(idsOf(before, 'answer').length).toBeGreaterThan(0);

    const last = await runCommand(args);
    const journal = readJournal(folder);
    expect(sentAgain(before, journal)).toEqual([]);
    expect(idsOf(journal, 'answer')).toHaveLength(trials);
    const { evidence } = readFrom(folder);
    expect(last.exitCode).toBe(exitCodeOf(evidence.verdict));
    const uninterrupted = await runSmall({
      baseUrl: server.baseUrl,
      model: 'even',
      judgeBaseUrl: server.baseUrl,
      judgeModel: 'wildguard',
      policyPath,
      now: () => new Date(evidence.asOf),
    });
    expect(canonicalJson(evidence)).toBe(canonicalJson(uninterrupted.receipt.evidence));
  }, 60_000);
});
