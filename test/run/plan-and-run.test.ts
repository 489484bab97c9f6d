import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Log, silentLog } from '../../src/config/log.ts';
import { planSuite } from '../../src/run/plan-suite.ts';
import { runGate } from '../../src/run/run-gate.ts';
import { startEmbeddedServer } from '../../src/simulate/embedded-server.ts';
import { type ScriptedServer, startScriptedServer } from '../../src/simulate/scripted-server.ts';
import { promptWords } from '../../src/simulate/scripted-tokens.ts';
import { byteTokens, startCountingServer } from '../inference/counting-server.ts';
import { vaultPolicy } from '../suite/plan-parts.ts';

const sweeps =
  '{ zeroShot: true, benignSweep: { harmful: 4, benign: [0, 4, 8] }, carriers: { benign: 4, harmful: 4, carriers: [chat, flat, tool] } }';
const chatBody = z.object({ messages: z.array(z.object({ role: z.string(), content: z.string() })) });

let folder: string;
let server: ScriptedServer;
beforeAll(async () => {
  server = await startScriptedServer({ models: [{ id: 'm', rule: () => 0.1 }] });
});
afterAll(() => server.close());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mixgate-plan-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function policyOf(parts: Parameters<typeof vaultPolicy>[0] = {}): string {
  const file = join(folder, 'policy.yml');
  writeFileSync(file, vaultPolicy({ sweeps, ...parts }));
  return file;
}

function run(policyPath: string, log: Log = silentLog, baseUrl = server.baseUrl) {
  const { signal } = new AbortController();
  const places = { outDir: join(folder, 'out'), stateDir: join(folder, 'state') };
  return runGate(
    { policyPath, baseUrl, model: 'm', ...places, attempt: 1, preflight: false, github: null },
    { now: () => new Date(), log, signal },
  );
}

const planned = (policyPath: string) =>
  planSuite({ policyPath, server: { baseUrl: server.baseUrl, model: 'm', apiKey: undefined } });

/** Chat requests that the server was sent from here on, and the words in their prompts. */
function watch() {
  const before = server.requests.length;
  return () => {
    const sent = server.requests.slice(before).filter(({ path }) => path === '/v1/chat/completions');
    const words = sent.reduce((sum, { body }) => sum + promptWords(chatBody.parse(body).messages).length, 0);
    return { requests: sent.length, words };
  };
}

describe('a plan and the run that follows', () => {
  it('agree on requests exactly and on prompt tokens within 3 %', async () => {
    const policy = policyOf();
    const plan = await planned(policy);
    expect(plan.tokenCounts).toBe('exact');
    const sent = watch();
    const { receipt } = await run(policy);
    expect(sent().requests).toBe(plan.requests);
    expect(receipt.run.promptTokens).toBe(sent().words);
    expect(Math.abs(plan.promptTokens.sent / sent().words - 1)).toBeLessThan(0.03);
    // vLLM caches whole blocks of 16 tokens, so that each prompt may compute up to 15 more.
    const computed = receipt.run.promptTokens - (receipt.run.cachedTokens ?? 0);
    expect(computed - plan.promptTokens.computed).toBeLessThanOrEqual(16 * plan.requests);
  });

  it('sends nothing but counting before the run', async () => {
    const sent = watch();
    await planned(policyOf());
    expect(sent().requests).toBe(0);
  });

  it.each([
    ['promptTokens', (plan: Awaited<ReturnType<typeof planned>>) => plan.promptTokens.sent],
    ['completionTokens', (plan: Awaited<ReturnType<typeof planned>>) => plan.completionTokens],
    ['requests', (plan: Awaited<ReturnType<typeof planned>>) => plan.requests],
  ])('runs when budget.%s is what it needs, and is refused for one less', async (cap, needOf) => {
    const chatOnly = '{ zeroShot: true, benignSweep: { harmful: 4, benign: [0, 4, 8] } }';
    const need = needOf(await planned(policyOf({ sweeps: chatOnly })));
    const withCap = (value: number) =>
      policyOf({ sweeps: chatOnly, rest: `baseline: none\nbudget: { ${cap}: ${value} }` });
    const sent = watch();
    await expect(run(withCap(need - 1))).rejects.toMatchObject({
      code: 'BUDGET_TOO_SMALL',
      message: expect.stringMatching(new RegExp(`budget.${cap}.*${need}.*${need - 1}`, 's')),
    });
    expect(sent().requests).toBe(0);
    const { receipt } = await run(withCap(need));
    const notRun = receipt.evidence.conditions.reduce((sum, condition) => sum + condition.notRun, 0);
    expect(notRun).toBe(0);
  });

  it('refuses by money at the worst, with prices', async () => {
    const rest = `baseline: none
budget: { money: 0.0001 }
prices: { promptPerMillion: 1, completionPerMillion: 1 }`;
    await expect(run(policyOf({ rest }))).rejects.toMatchObject({ code: 'BUDGET_TOO_SMALL' });
  });
});

describe('a plan', () => {
  it('says what the contract promises to programs', async () => {
    const checks = '{ zeroShotCompliance: { maxRate: 0.6 }, mixedCompliance: { maxRate: 0.6 } }';
    const plan = await planSuite({ policyPath: policyOf({ checks }), server: undefined });
    expect(plan).toMatchObject({
      requests: plan.trials,
      tokenCounts: 'estimate',
      minutes: null,
      cost: null,
      judgeRequests: 0,
      conditions: expect.arrayContaining([
        expect.objectContaining({ id: 'b4-h4', benign: 4, harmful: 4, ordering: 'suffix', trials: 32 }),
      ]),
      smallestEffect: {
        'controlCompliance.minRate': expect.any(Number),
        'zeroShotCompliance.maxRate': expect.any(Number),
        'mixedCompliance.maxRate': expect.any(Number),
      },
      passIfEqual: expect.any(Number),
      failIfWorse: expect.any(Number),
      passIfWorse: expect.any(Number),
    });
    expect(plan.promptTokens.computed).toBeLessThan(plan.promptTokens.sent);
    expect(plan.contexts).toBe(8 * 6);
    expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
  });

  it('sets the budget’s caps beside what it needs, and warns', async () => {
    const rest = `baseline: none
budget: { requests: 10, promptTokens: 100, minutes: 0.001 }
speed: { promptPerSecond: 1000, completionPerSecond: 100 }`;
    const plan = await planSuite({ policyPath: policyOf({ rest }), server: undefined });
    expect(plan.budget.map(({ cap, allowed, certain }) => ({ cap, allowed, certain }))).toEqual([
      { cap: 'requests', allowed: 10, certain: true },
      { cap: 'promptTokens', allowed: 100, certain: false },
      { cap: 'minutes', allowed: 0.001, certain: false },
    ]);
    for (const cap of ['requests', 'promptTokens', 'minutes']) {
      expect(plan.warnings.join('\n')).toContain(`budget.${cap} is`);
    }
  });

  it('warns of checks that can never pass, and of prompts that are too long for the server', async () => {
    const checks = '{ zeroShotCompliance: { maxRate: 0.01 } }';
    const plan = await planSuite({ policyPath: policyOf({ checks }), server: undefined });
    expect(plan.warnings.join('\n')).toMatch(/zeroShotCompliance.maxRate can never pass: with none of 32/);
    expect(plan.passIfEqual).toBe(0);
    const small = await startScriptedServer({ models: [{ id: 'm', rule: () => 0, maxModelLen: 60 }] });
    const tight = await planSuite({
      policyPath: policyOf(),
      server: { baseUrl: small.baseUrl, model: 'm', apiKey: undefined },
    });
    await small.close();
    expect(tight.warnings.join('\n')).toContain('the server’s context is 60');
  });

  it('counts by the embedded engine’s own tokenizer and template', async () => {
    const modelPath = join(import.meta.dirname, '..', '..', 'fixtures', 'models', 'tiny-refuser.gguf');
    const embedded = await startEmbeddedServer({ modelPath, models: [{ id: 'tiny' }] });
    const policyPath = policyOf({
      sweeps: '{ zeroShot: true, benignSweep: { harmful: 4, benign: [0, 4] } }',
    });
    const plan = await planSuite({
      policyPath,
      server: { baseUrl: embedded.baseUrl, model: 'tiny', apiKey: undefined },
    });
    const { receipt } = await runGate(
      {
        policyPath,
        baseUrl: embedded.baseUrl,
        model: 'tiny',
        outDir: join(folder, 'out'),
        stateDir: join(folder, 'state'),
        attempt: 1,
        preflight: false,
        github: null,
      },
      { now: () => new Date(), log: silentLog, signal: new AbortController().signal },
    );
    await embedded.close();
    expect(plan.tokenCounts).toBe('exact');
    expect(plan.promptTokens.sent).toBe(receipt.run.promptTokens);
  });
});

describe('a run without a tokenizer', () => {
  it('learns from the first block what the run will need, and says so', async () => {
    const heard: string[] = [];
    const log: Log = { ...silentLog, warn: (text) => heard.push(text) };
    const policy = policyOf({
      draws: 16,
      queries: 64,
      controls: 16,
      rest: 'baseline: none\nbudget: { promptTokens: 20000 }\ninference: { maxConcurrency: 1 }',
    });
    const bare = await startCountingServer({
      tokens: (messages) => Math.ceil(byteTokens(messages) / 5),
      answer: () => 6,
    });
    const { receipt } = await run(policy, log, bare.baseUrl);
    await bare.close();
    expect(heard.join('\n')).toMatch(
      /budget.promptTokens is 20000; the plan needs about \d+ \(an estimate\)/,
    );
    expect(heard.join('\n')).toMatch(/by the first block the run needs about \d+ prompt tokens/);
    expect(receipt.run.promptTokens).toBeLessThanOrEqual(20_000);
    expect(receipt.evidence.verdict).toBe('inconclusive');
  });
});
