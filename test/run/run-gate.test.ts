import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canonicalJson } from '../../src/receipt/digest.ts';
import { verifyReceipt } from '../../src/receipt/verify.ts';
import { type ScriptedServer, startScriptedServer } from '../../src/simulate/scripted-server.ts';
import {
  gateRequest,
  makeFolder,
  modelErrorOf,
  outcomesOf,
  readLedger,
  readLines,
  reasonsOf,
  runSmall,
  wildguard,
  writeSmallPolicy,
} from './small-gate.ts';

const models = [
  { id: 'strict', rule: () => 0.03 },
  { id: 'open', rule: () => 0.97 },
  { id: 'even', rule: () => 0.5 },
];
let server: ScriptedServer;
beforeAll(async () => {
  server = await startScriptedServer({ models, judge: { id: 'wildguard' } });
});
afterAll(() => server.close());

/** A server of its own for a test that makes faults or counts requests. */
async function withServer<T>(
  work: (own: ScriptedServer) => Promise<T>,
  options: { readonly latencyMs?: number; readonly tokenizes?: boolean } = {},
): Promise<T> {
  const own = await startScriptedServer({ models, judge: { id: 'wildguard' }, ...options });
  return await work(own).finally(own.close);
}
const asking = ({ requests }: ScriptedServer) =>
  requests.filter(({ path }) => path === '/v1/chat/completions');

describe('runGate', () => {
  it.each([
    ['strict', 'pass'],
    ['open', 'fail'],
    ['even', 'inconclusive'],
  ])('decides on %s: %s', async (model, verdict) => {
    const result = await runSmall({ baseUrl: server.baseUrl, model });
    expect(result.receipt.evidence.verdict).toBe(verdict);
    expect(outcomesOf(result)).not.toHaveProperty('unscored');
  });

  it('asks every planned trial once, sends its own seed with each, and holds to the limit in flight', async () => {
    await withServer(
      async (own) => {
        const policy = { inference: { maxConcurrency: 3, timeoutSeconds: 5, retries: 0 } };
        const { receipt, files } = await runSmall({ baseUrl: own.baseUrl, policy });
        const trials = readLedger(files.ledger);
        const bodies = asking(own).map(({ body }) => JSON.stringify(body));
        expect(new Set(bodies).size).toBe(trials.length);
        expect(bodies).toHaveLength(trials.length);
        expect(new Set(trials.map(({ trialId }) => trialId)).size).toBe(trials.length);
        expect(own.maxConcurrent()).toBeLessThanOrEqual(3);
        expect(receipt.run).toMatchObject({ requests: trials.length, retries: 0, sessions: 1 });
        expect(receipt.run.mostInFlight).toBeLessThanOrEqual(3);
      },
      { latencyMs: 1 },
    );
  });

  it('shares each context’s prefix: far fewer tokens are computed than sent', async () => {
    const { receipt } = await runSmall({ baseUrl: server.baseUrl, model: 'strict' });
    const { promptTokens, cachedTokens } = receipt.run;
    expect(cachedTokens).toBeGreaterThan(promptTokens * 0.4);
  });

  it('gives the same evidence byte for byte from one run to the next, whatever the concurrency', async () => {
    const policyPath = writeSmallPolicy();
    const now = () => new Date('2026-06-18T00:00:00Z');
    const first = await runSmall({ baseUrl: server.baseUrl, policyPath, now });
    const second = await runSmall({ baseUrl: server.baseUrl, policyPath, now });
    expect(canonicalJson(second.receipt.evidence)).toBe(canonicalJson(first.receipt.evidence));
    expect(readFileSync(second.files.ledger)).toEqual(readFileSync(first.files.ledger));
  });

  it('writes a receipt that an auditor can recompute from its ledger and policy', async () => {
    const policyPath = writeSmallPolicy(wildguard);
    const judged = { judgeBaseUrl: server.baseUrl, judgeModel: 'wildguard' };
    const { files } = await runSmall({ baseUrl: server.baseUrl, policyPath, ...judged });
    const named = (name: string) => ({ name, text: readFileSync(name, 'utf8') });
    const verification = verifyReceipt({
      receipt: named(files.receipt),
      ledger: named(files.ledger),
      policy: named(policyPath),
    });
    expect(verification).toEqual({ ok: true, problems: [], unchecked: [] });
  });

  it('records what is served and what answers', async () => {
    const { receipt } = await runSmall({ baseUrl: server.baseUrl });
    expect(receipt.evidence.served).toMatchObject({
      model: 'strict',
      root: '/models/strict',
      engine: 'vllm',
      contextLength: 32_768,
      answersAs: 'strict',
      fingerprint: expect.stringContaining('scripted'),
    });
  });

  it('leaves no older receipt beside its own ledger when it cannot write all of its files', async () => {
    const outDir = makeFolder();
    const { files } = await runSmall({ baseUrl: server.baseUrl, outDir });
    mkdirSync(join(outDir, 'report.html.new'));
    await expect(runSmall({ baseUrl: server.baseUrl, outDir, model: 'open' })).rejects.toThrow('EISDIR');
    expect(existsSync(files.receipt)).toBe(false);
  });
});

describe('a spent budget', () => {
  it.each<[string, object, string]>([
    // Without a tokenizer the worst case of these is not known before the run; the others are refused at the start.
    ['promptTokens', { promptTokens: 3000 }, 'notRun budgetPromptTokens'],
    ['minutes', { minutes: 1e-9 }, 'notRun budgetMinutes'],
    ['money', { money: 0.003 }, 'notRun budgetMoney'],
  ])(
    'of %s leaves trials that were not run, each with the cap’s name, and no verdict',
    async (_cap, budget, outcome) => {
      await withServer(
        async (own) => {
          const prices = { promptPerMillion: 1, completionPerMillion: 1 };
          const result = await runSmall({ baseUrl: own.baseUrl, policy: { budget, prices } });
          expect(result.receipt.evidence.verdict).toBe('inconclusive');
          expect(reasonsOf(result)).toContain('notRun');
          expect(outcomesOf(result)[outcome]).toBeGreaterThan(0);
          const { planned, used } = result.receipt.evidence.budget;
          expect(planned.trials - used.trials).toBe(outcomesOf(result)[outcome]);
        },
        { tokenizes: false },
      );
    },
  );

  it('of requests, eaten up by retries, does the same, and not one request more is sent', async () => {
    await withServer(async (own) => {
      own.setFault(({ path, nth }) =>
        path === '/v1/chat/completions' && nth % 10 === 0 ? { kind: 'internalError' } : null,
      );
      const policy = {
        budget: { requests: 112 },
        inference: { maxConcurrency: 8, timeoutSeconds: 5, retries: 1 },
      };
      const result = await runSmall({ baseUrl: own.baseUrl, policy });
      expect(asking(own)).toHaveLength(112);
      expect(result.receipt.evidence.verdict).toBe('inconclusive');
      expect(outcomesOf(result)['notRun budgetRequests']).toBeGreaterThan(0);
    });
  });

  it('of the judge leaves answers that were not judged, also after a restart without their text', async () => {
    await withServer(async (own) => {
      // Enough for every answer and every canary at three moments once; each failure takes another's place.
      const policyPath = writeSmallPolicy({
        ...wildguard,
        budget: { judge: { requests: 112 + 3 * 64 } },
        inference: { maxConcurrency: 8, timeoutSeconds: 5, retries: 4 },
      });
      own.setFault(({ path, nth }) =>
        path === '/v1/completions' && nth % 4 === 0 ? { kind: 'internalError' } : null,
      );
      const request = gateRequest({
        baseUrl: own.baseUrl,
        policyPath,
        judgeBaseUrl: own.baseUrl,
        judgeModel: 'wildguard',
      });
      const first = await runSmall(request);
      expect(first.receipt.evidence.verdict).toBe('inconclusive');
      expect(outcomesOf(first)['notRun budgetJudgeRequests']).toBeGreaterThan(0);
      expect(first.receipt.run.judgeRequests).toBe(112 + 3 * 64);
      const again = await runSmall(request);
      expect(canonicalJson(again.receipt.evidence)).toBe(canonicalJson(first.receipt.evidence));
    });
  });

  it.each([
    ['requests', { requests: 111 }, '112'],
    ['completionTokens', { completionTokens: 112 * 24 - 1 }, String(112 * 24)],
  ])('of %s that cannot hold the plan is refused before it costs anything', async (cap, budget, needed) => {
    await withServer(async (own) => {
      await expect(runSmall({ baseUrl: own.baseUrl, policy: { budget } })).rejects.toMatchObject({
        name: 'ConfigError',
        code: 'BUDGET_TOO_SMALL',
        message: expect.stringMatching(new RegExp(`budget\\.${cap}: expected at least ${needed},`)),
      });
      expect(own.requests).toEqual([]);
    });
  });
});

describe('a server that changes during the run', () => {
  it.each([
    [
      'fingerprint',
      { model: 'strict', fromNth: 60, fingerprint: 'another-build' },
      'fingerprint in the answers',
    ],
    ['root', { model: 'strict', fromNth: 60, root: '/models/other' }, '--base-url root'],
  ])('in its %s is an error that names the field, never a verdict', async (_field, change, where) => {
    await withServer(async (own) => {
      own.setIdentityChange(change);
      const error = await modelErrorOf(runSmall({ baseUrl: own.baseUrl }));
      expect(error.code).toBe('SERVER_CHANGED');
      expect(error.message).toContain(where);
    });
  });

  it('in the model’s name is an error', async () => {
    await withServer(async (own) => {
      own.setFault(({ nth }) => (nth === 50 ? { kind: 'wrongModel' } : null));
      const error = await modelErrorOf(runSmall({ baseUrl: own.baseUrl }));
      expect(error).toMatchObject({ code: 'SERVER_CHANGED', message: expect.stringContaining('"strict"') });
    });
  });

  it('and back does not hide that the answers are of two servers', async () => {
    await withServer(async (own) => {
      const request = gateRequest({ baseUrl: own.baseUrl });
      own.setIdentityChange({ model: 'strict', fromNth: 60, root: '/models/other' });
      await modelErrorOf(runSmall(request));
      own.setIdentityChange(null);
      await expect(runSmall(request)).rejects.toMatchObject({ name: 'EvidenceError', code: 'STATE_SPOILED' });
    });
  });

  it('between two sessions is refused before anything is asked', async () => {
    await withServer(async (own) => {
      const request = gateRequest({ baseUrl: own.baseUrl });
      own.setFault(({ nth, path }) =>
        path === '/v1/chat/completions' && nth > 20 ? { kind: 'internalError' } : null,
      );
      expect(await modelErrorOf(runSmall(request))).toMatchObject({ code: 'OUTAGE' });
      own.setFault(null);
      own.setIdentityChange({ model: 'strict', fromNth: 0, root: '/models/other' });
      const before = asking(own).length;
      await expect(runSmall(request)).rejects.toMatchObject({
        code: 'STATE_MISMATCH',
        message: expect.stringContaining('served.root'),
      });
      expect(asking(own)).toHaveLength(before);
    });
  });
});

describe('an outage', () => {
  it('ends the run; what was answered is kept and not asked again', async () => {
    await withServer(async (own) => {
      const request = gateRequest({ baseUrl: own.baseUrl });
      own.setFault(({ nth, path }) =>
        path === '/v1/chat/completions' && nth > 60 ? { kind: 'reset' } : null,
      );
      const error = await modelErrorOf(runSmall(request));
      expect(error).toMatchObject({
        code: 'OUTAGE',
        complaints: [
          {
            got: '8 failures in a row, each after all retries; the last one: the connection failed (ECONNRESET)',
          },
        ],
      });
      const journal = readLines(`${request.stateDir}/journal.jsonl`);
      const answered = journal.filter((line) => JSON.stringify(line).startsWith('{"t":"answer"')).length;
      own.setFault(null);
      const before = asking(own).length;
      const { receipt } = await runSmall(request);
      expect(asking(own).length - before).toBe(112 - answered);
      expect(receipt.evidence.verdict).toBe('pass');
    });
  });

  it('that takes the last few requests alone is one too: they are asked again, not lost', async () => {
    await withServer(async (own) => {
      const request = gateRequest({ baseUrl: own.baseUrl });
      let answered = 0;
      own.setFault(({ path }) => {
        if (path === '/v1/chat/completions') answered += 1;
        return answered > 108 ? { kind: 'reset' } : null;
      });
      expect(await modelErrorOf(runSmall(request))).toMatchObject({ code: 'OUTAGE' });
      own.setFault(null);
      const result = await runSmall(request);
      expect(result.receipt.evidence.verdict).toBe('pass');
      expect(outcomesOf(result)).not.toHaveProperty('unscored requestFailed');
    });
  });

  it('of a moment is retried, and counted', async () => {
    await withServer(async (own) => {
      own.setFault(({ nth, path }) =>
        path === '/v1/chat/completions' && nth % 10 === 0
          ? { kind: 'tooManyRequests', retryAfterSeconds: 0 }
          : null,
      );
      const inference = { maxConcurrency: 16, timeoutSeconds: 5, retries: 3 };
      const result = await runSmall({ baseUrl: own.baseUrl, policy: { inference } });
      expect(result.receipt.evidence.verdict).toBe('pass');
      expect(outcomesOf(result)).not.toHaveProperty('unscored requestFailed');
      expect(result.receipt.run.retries).toBe(asking(own).length - 112);
    });
  });
});
