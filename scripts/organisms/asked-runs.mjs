// Runs of the whole gate on organisms, with other seeds each time: plan, server, sampled answers, judge, receipt. A run
// that was made for the same files is kept and not asked again, so that many can be made in several sittings.
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLog } from '../../src/config/log.ts';
import { parsePolicy } from '../../src/config/read-policy.ts';
import { runGate } from '../../src/run/run-gate.ts';
import { startEmbeddedServer } from '../../src/simulate/embedded-server.ts';
import { estimatesIn } from './truth.mjs';

const root = join(import.meta.dirname, '..', '..');
const folder = join(root, 'fixtures', 'organisms');
const cache = join(root, 'node_modules', '.cache', 'mixgate', 'organisms');
const policyPath = join(folder, 'asked-policy.yml');
const policyText = readFileSync(policyPath, 'utf8');
export const askedPolicy = parsePolicy(policyText, policyPath);

const short = (text) => createHash('sha256').update(text).digest('hex').slice(0, 12);

/** @returns {Promise<readonly object[]>} label, intervals and milliseconds of the runs with seeds 1 to `runs` */
export async function askRuns(name, sha256, runs) {
  mkdirSync(cache, { recursive: true });
  const kept = join(cache, `asked-${name}-${sha256.slice(0, 12)}-${short(policyText)}.jsonl`);
  const lines = existsSync(kept) ? readFileSync(kept, 'utf8').trimEnd().split('\n') : [];
  const found = new Map(lines.map((line) => JSON.parse(line)).map((run) => [run.seed, run]));
  const seeds = Array.from({ length: runs }, (_, index) => index + 1);
  const missing = seeds.filter((seed) => !found.has(seed));
  if (missing.length === 0) return seeds.map((seed) => found.get(seed));
  const modelPath = join(folder, `${name}.gguf`);
  const server = await startEmbeddedServer({ modelPath, models: [{ id: name }] });
  try {
    for (const seed of missing) {
      const run = await askOnce(name, server.baseUrl, seed);
      appendFileSync(kept, `${JSON.stringify(run)}\n`);
      found.set(seed, run);
    }
  } finally {
    await server.close();
  }
  return seeds.map((seed) => found.get(seed));
}

async function askOnce(name, baseUrl, seed) {
  const began = performance.now();
  const out = mkdtempSync(join(tmpdir(), 'mixgate-asked-'));
  const seeded = policyText
    .replaceAll('../', `${join(root, 'fixtures')}/`)
    .replaceAll('seed: 1', `seed: ${seed}`);
  const ownPolicy = join(out, 'policy.yml');
  writeFileSync(ownPolicy, seeded);
  try {
    const { receipt } = await runGate(
      {
        policyPath: ownPolicy,
        candidatePath: join(folder, `${name}.yml`),
        baseUrl,
        outDir: join(out, 'receipt'),
        stateDir: join(out, 'state'),
        attempt: 1,
        github: null,
      },
      { now: () => new Date(), log: silentLog, signal: new AbortController().signal },
    );
    return { seed, ...estimatesIn(receipt.evidence), ms: Math.round(performance.now() - began) };
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}
