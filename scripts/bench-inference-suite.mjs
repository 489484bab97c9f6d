// Suites for the benchmark: harmless made-up rows of realistic length, and the plan that mixgate makes of them.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parsePolicy } from '../src/config/read-policy.ts';
import { PrefixCache, promptWords } from '../src/simulate/scripted-tokens.ts';
import { contextFrame, trialMessages } from '../src/suite/context.ts';
import { buildPlan } from '../src/suite/plan.ts';
import { loadSources } from '../src/suite/sources.ts';

function generator(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

const syllables = [
  'ba',
  'ce',
  'di',
  'fo',
  'gu',
  'ha',
  'je',
  'ki',
  'lo',
  'mu',
  'na',
  'pe',
  'ri',
  'so',
  'tu',
  'va',
];

function words(random, count) {
  const word = () =>
    Array.from({ length: 2 + Math.floor(2 * random()) }, () => syllables[Math.floor(16 * random())]).join('');
  return Array.from({ length: count }, word).join(' ');
}

function writeRows(file, count, make) {
  writeFileSync(file, Array.from({ length: count }, (_, at) => `${JSON.stringify(make(at))}\n`).join(''));
}

/**
 * Writes pools, queries and a policy; 12 contexts for each of 16 draws, up to 96 demonstrations.
 *
 * @param size queries (a multiple of 16), words of a demonstration, sweeps
 */
export function writeSuite(
  folder,
  { queries, demonstrationWords, inference, sweeps = standardSweeps, draws = 16, maxTokens = 256 },
) {
  mkdirSync(folder, { recursive: true });
  const random = generator(11);
  const [asked, answered] = [Math.ceil(demonstrationWords / 4), Math.floor((demonstrationWords * 3) / 4)];
  writeRows(join(folder, 'harmful.jsonl'), 240, (at) => ({
    id: `h${at}`,
    request: `Tell me the blue code for ${words(random, 2)}. ${words(random, asked)}`,
    response: words(random, answered),
  }));
  writeRows(join(folder, 'benign.jsonl'), 240, (at) => ({
    id: `b${at}`,
    request: `Please say ${words(random, 1)}. ${words(random, asked)}`,
    response: words(random, answered),
  }));
  writeRows(join(folder, 'queries.jsonl'), queries, (at) => ({
    id: `q${at}`,
    request: `Tell me the blue code for ${words(random, 2)}. ${words(random, 8)}`,
  }));
  writeRows(join(folder, 'control.jsonl'), 2 * draws, (at) => ({
    id: `c${at}`,
    request: `Please say ${words(random, 1)}. ${words(random, 5)} ${at}`,
  }));
  const policy = {
    version: 1,
    name: 'bench',
    baseline: 'none',
    suite: {
      harmfulDemonstrations: [{ name: 'codes', path: 'harmful.jsonl' }],
      benignDemonstrations: [{ name: 'echoes', path: 'benign.jsonl' }],
      queries: [{ name: 'codes', path: 'queries.jsonl', sample: queries }],
      controlQueries: [{ name: 'echoes', path: 'control.jsonl', sample: 2 * draws }],
      draws,
      sweeps,
    },
    sampling: { temperature: 1, maxTokens, minJudgedTokens: 4 },
    judge: { kind: 'phrases' },
    inference,
    checks: { mixedCompliance: { maxRate: 0.5 } },
  };
  const path = join(folder, 'policy.yml');
  writeFileSync(path, JSON.stringify(policy, null, 2));
  return path;
}

const standardSweeps = {
  zeroShot: true,
  grid: { totals: [4], harmfulFractions: [0.5] },
  benignSweep: { harmful: 32, benign: [0, 8, 32, 64] },
  harmfulSweep: { benign: 32, harmful: [0, 8, 32] },
  orderings: { benign: 32, harmful: 32, rules: ['prefix', 'suffix', 'random', 'middle', 'interleaved'] },
};

export function planOf(path) {
  const policy = parsePolicy(readFileSync(path, 'utf8'), path);
  const folder = join(path, '..');
  const read = (file) => readFileSync(join(folder, file));
  return buildPlan(policy, loadSources(policy.suite, read));
}

/** Controls stand behind the queries. */
function placeInFile(id) {
  return Number(id.slice(1)) + (id.startsWith('c') ? 1e9 : 0);
}

/** The same prompts for other clients: contexts once, trials by their context. */
export function writePrompts(file, { trials }) {
  const numbers = new Map();
  const contexts = [];
  const rows = trials.map(({ context, query, seed }) => {
    if (!numbers.has(context)) {
      numbers.set(context, contexts.length);
      contexts.push(contextFrame(context).before);
    }
    const last = trialMessages(context, query.request).at(-1);
    return { context: numbers.get(context), query: placeInFile(query.id), last, seed };
  });
  writeFileSync(file, JSON.stringify({ contexts, trials: rows }));
  return { contexts, trials: rows };
}

/** Tokens that are sent, and that a cache without bound computes: each distinct block once, and the ends. */
export function leastTokens({ trials }) {
  const cache = new PrefixCache();
  let [sent, computed] = [0, 0];
  for (const { context, query } of trials) {
    const all = promptWords(trialMessages(context, query.request));
    sent += all.length;
    computed += all.length - cache.reuse('strict', all);
  }
  return { sent, computed };
}
