import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { askTrials } from '../../src/inference/ask.ts';
import { Budget } from '../../src/inference/budget.ts';
import { connect } from '../../src/inference/client.ts';
import { profileOf } from '../../src/inference/engine.ts';
import { openJournal } from '../../src/inference/journal.ts';
import { routeToReplicas } from '../../src/inference/replicas.ts';
import { readServedIdentity } from '../../src/inference/served.ts';
import { startScriptedServer } from '../../src/simulate/scripted-server.ts';
import { PrefixCache, promptWords } from '../../src/simulate/scripted-tokens.ts';
import { trialMessages } from '../../src/suite/context.ts';
import { planOf, vaultPolicy } from '../suite/plan-parts.ts';
import { going } from './canned-server.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const sweeps = [
  '{ zeroShot: true, benignSweep: { harmful: 8, benign: [0, 8, 16] }',
  'orderings: { benign: 8, harmful: 8, rules: [prefix, suffix, random] } }',
].join(', ');
const rest = 'inference: { maxConcurrency: 16 }';
const { plan, policy } = planOf(vaultPolicy({ queries: 64, controls: 16, sweeps, rest }));

/** Each distinct block of a prompt once, and the ends of prompts. */
function least(): number {
  const cache = new PrefixCache();
  return plan.trials.reduce((sum, { context, query }) => {
    const words = promptWords(trialMessages(context, query.request));
    return sum + words.length - cache.reuse('m', words);
  }, 0);
}

async function serve(ranks: number) {
  const engine = { slots: 4, cacheTokens: 4000, msPerPromptToken: 0.01, msPerAnswerToken: 0.1, ranks };
  const server = await startScriptedServer({ models: [{ id: 'm', rule: () => 0.1 }], engine });
  closing.push(server.close);
  const endpoint = { baseUrl: server.baseUrl, model: 'm', apiKey: undefined, timeoutMs: 5000 };
  const manner = { profile: profileOf('vllm'), preset: undefined };
  const client = connect({ ...endpoint, namedBy: '--base-url' }, manner);
  return { server, client, served: await readServedIdentity(client, going()) };
}

/** Asks the plan of so many servers, each with so many ranks; tells what each computed of it. */
async function ask(servers: number, ranks: number, routes = true) {
  const met = await Promise.all(Array.from({ length: servers }, () => serve(ranks)));
  const [first] = met;
  if (first === undefined) throw new Error('no server');
  const folder = mkdtempSync(join(tmpdir(), 'mixgate-places-'));
  closing.push(() => rmSync(folder, { recursive: true }));
  const journal = openJournal(folder);
  const { asked } = await askTrials({
    plan,
    client: routes ? routeToReplicas({ servers: met, now: () => 0 }) : first.client,
    policy,
    budget: new Budget({
      caps: {},
      prices: undefined,
      spent: { requests: 0, prompt: 0, cached: 0, completion: 0 },
      minutesUsed: () => 0,
    }),
    journal,
    around: { now: () => new Date(0), random: () => 0, sleep: async () => {}, signal: going() },
    onProgress: () => {},
  });
  journal.close();
  const stats = met.map(({ server }) => server.engineStats());
  return {
    asked,
    requests: stats.map((one) => one?.requests ?? 0),
    computed: stats.reduce((sum, one) => sum + (one?.computedTokens ?? 0), 0),
  };
}

describe('a plan on several places', { timeout: 20_000 }, () => {
  it.each([
    [1, 4],
    [3, 1],
    [2, 2],
  ])(
    'of %i servers with %i ranks has each prefix computed once, and leaves none idle',
    async (servers, ranks) => {
      const { asked, requests, computed } = await ask(servers, ranks);
      expect([...asked.values()].every(({ t }) => t === 'answer')).toBe(true);
      expect(requests.reduce((sum, one) => sum + one, 0)).toBe(plan.trials.length);
      expect(computed / least()).toBeLessThanOrEqual(1.05);
      expect(Math.min(...requests)).toBeGreaterThan(plan.trials.length / servers / 2);
    },
  );

  it('is computed several times over where nobody says in which rank a prefix is', async () => {
    const { computed } = await ask(1, 4, false);
    expect(computed / least()).toBeGreaterThan(1.5);
  });
});
