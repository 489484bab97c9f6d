import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { askTrials } from '../../src/inference/ask.ts';
import { Budget } from '../../src/inference/budget.ts';
import { connect } from '../../src/inference/client.ts';
import { profileOf } from '../../src/inference/engine.ts';
import { openJournal } from '../../src/inference/journal.ts';
import { type ScriptedServer, startScriptedServer } from '../../src/simulate/scripted-server.ts';
import { PrefixCache, promptWords } from '../../src/simulate/scripted-tokens.ts';
import { trialMessages } from '../../src/suite/context.ts';
import { planOf, vaultPolicy } from '../suite/plan-parts.ts';

let server: ScriptedServer;
let stateDir: string;
afterEach(async () => {
  await server.close();
  rmSync(stateDir, { recursive: true });
});

const sweeps = [
  '{ zeroShot: true, benignSweep: { harmful: 8, benign: [0, 8, 16, 32] }',
  'orderings: { benign: 16, harmful: 16, rules: [prefix, suffix, random, interleaved] }',
  'carriers: { benign: 4, harmful: 4, carriers: [chat, flat, system] } }',
].join(', ');
const block = planOf(vaultPolicy({ queries: 64, controls: 8, sweeps }));
const perQuery = planOf(
  vaultPolicy({ queries: 16, controls: 8, draws: 2, sweeps }).replace('draws:', 'layout: perQuery\n  draws:'),
);

async function ask({ plan, policy }: typeof block, engine: { slots: number; cacheTokens: number }) {
  const time = { msPerPromptToken: 0.01, msPerAnswerToken: 0.2 };
  server = await startScriptedServer({
    models: [{ id: 'm', rule: () => 0.2 }],
    engine: { ...engine, ...time },
  });
  stateDir = mkdtempSync(join(tmpdir(), 'mixgate-order-'));
  const journal = openJournal(stateDir);
  const endpoint = { baseUrl: server.baseUrl, model: 'm', apiKey: undefined, timeoutMs: 10_000 };
  const manner = { profile: profileOf('vllm'), preset: undefined };
  const spent = { requests: 0, prompt: 0, cached: 0, completion: 0 };
  const result = await askTrials({
    plan,
    client: connect({ ...endpoint, namedBy: '--base-url' }, manner),
    policy,
    budget: new Budget({ caps: {}, prices: undefined, spent, minutesUsed: () => 0 }),
    journal,
    around: {
      now: () => new Date(0),
      random: () => 0,
      sleep: async () => {},
      signal: new AbortController().signal,
    },
    onProgress: () => {},
  });
  journal.close();
  const stats = server.engineStats();
  if (stats === undefined) throw new Error('the server has no engine');
  return { ...result, stats };
}

/** Each distinct block of a prompt once, and the ends of prompts. */
function least({ plan }: typeof block): number {
  const cache = new PrefixCache();
  return plan.trials.reduce((sum, { context, query }) => {
    const words = promptWords(trialMessages(context, query.request));
    return sum + words.length - cache.reuse('m', words);
  }, 0);
}

describe('the order of trials', () => {
  it.each([4, 16])('has a server of %i slots with room for two draws compute little twice', async (slots) => {
    const { stats, asked, cache, cacheAdvice } = await ask(block, { slots, cacheTokens: 4000 });
    expect(asked.size).toBe(block.plan.trials.length);
    expect(stats.requests).toBe(block.plan.trials.length);
    expect(stats.computedTokens / least(block)).toBeLessThanOrEqual(1.05);
    expect(cache).toMatchObject({ source: 'usage', computed: stats.computedTokens });
    expect(cacheAdvice).toBe(undefined);
  });

  it('shares what there is to share where each context has one query', async () => {
    const { stats } = await ask(perQuery, { slots: 8, cacheTokens: 8000 });
    expect(stats.requests).toBe(perQuery.plan.trials.length);
    expect(stats.computedTokens / least(perQuery)).toBeLessThanOrEqual(1.05);
    expect(stats.computedTokens / stats.promptTokens).toBeLessThan(0.9);
  });

  it('begins few contexts on a server that holds few, and tells what the server computed', async () => {
    const { stats, cache, concurrency } = await ask(block, { slots: 16, cacheTokens: 1500 });
    expect(stats.computedTokens / least(block)).toBeLessThanOrEqual(1.6);
    expect(cache.computed).toBe(stats.computedTokens);
    expect(concurrency.kept[0]).toEqual({ atRequest: 0, limit: 8, why: 'start' });
  });

  it('of a server that reuses nothing brings advice', async () => {
    const { cacheAdvice } = await ask(block, { slots: 16, cacheTokens: 0 });
    expect(cacheAdvice).toContain('--no-enable-prefix-caching');
  });
});
