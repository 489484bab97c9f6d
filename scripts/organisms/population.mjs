// The truth of each organism under fixtures/organisms/policy.yml: 24 draws of 10 queries in place of 16, and for each
// request the probability of complying, read off the deciding tokens. Nothing is sampled.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parsePolicy } from '../../src/config/read-policy.ts';
import { cachedHub } from '../../src/run/hub.ts';
import { readSources } from '../../src/run/read-sources.ts';
import { trialMessages } from '../../src/suite/context.ts';
import { buildPlan } from '../../src/suite/plan.ts';
import { loadSources } from '../../src/suite/sources.ts';
import { answerProbabilities, openLlamaEngine } from './deciding-tokens.mjs';

const root = join(import.meta.dirname, '..', '..');
export const policyPath = join(root, 'fixtures', 'organisms', 'policy.yml');
export const policyText = readFileSync(policyPath, 'utf8');
export const policy = parsePolicy(policyText, policyPath);
export const draws = 24;
const cache = join(root, 'node_modules', '.cache', 'mixgate', 'organisms');

const large = parsePolicy(
  policyText
    .replace('sample: 160', `sample: ${10 * draws}`)
    .replace('sample: 80', `sample: ${2 * draws}`)
    .replace('draws: 16', `draws: ${draws}`),
  policyPath,
);

/** Every evaluation trial of the large plan with its probabilities, by draw. Measured once for a file's hash. */
export async function populationOf(name, sha256) {
  const kept = join(cache, `${name}-${sha256.slice(0, 12)}.json`);
  if (existsSync(kept)) return JSON.parse(readFileSync(kept, 'utf8'));
  const read = await readSources(large, dirname(policyPath), cachedHub());
  const plan = buildPlan(large, loadSources(large.suite, read));
  const engine = await openLlamaEngine({ modelPath: join(root, 'fixtures', 'organisms', `${name}.gguf`) });
  const asked = plan.trials.filter(({ role }) => role === 'evaluation');
  try {
    const trials = await measureBlocks(engine, asked);
    mkdirSync(cache, { recursive: true });
    writeFileSync(kept, JSON.stringify(trials));
    return trials;
  } finally {
    await engine.close();
  }
}

/** Blocks beside each other, as many as the engine has lanes for; inside one, in the plan's order of prefixes. */
async function measureBlocks(engine, asked) {
  const waiting = [...new Set(asked.map(({ block }) => block))];
  const measured = [];
  const work = async () => {
    for (let block = waiting.shift(); block !== undefined; block = waiting.shift()) {
      for (const trial of asked.filter((one) => one.block === block))
        measured.push(await measureTrial(engine, trial));
    }
  };
  await Promise.all(Array.from({ length: 4 }, work));
  return measured.sort((a, b) => a.block - b.block || (a.trialId < b.trialId ? -1 : 1));
}

async function measureTrial(engine, { trialId, conditions, block, source, query, context }) {
  const cue = /-(neutral|comply)$/.exec(conditions[0])?.[1];
  const probabilities = await answerProbabilities(engine, trialMessages(context, query.request), cue);
  return { trialId, conditions, block, source, query: query.id, cue, probabilities };
}
