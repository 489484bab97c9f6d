// How often runs of the gate find the truth of each organism. Writes docs/organisms.md.
//   node scripts/organisms/coverage.mjs              40 runs and 400 of policy.yml, drawn from measured probabilities
//   node scripts/organisms/coverage.mjs --asked 40   and 40 of asked-policy.yml with the whole gate and sampled answers
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { askedPolicy, askRuns } from './asked-runs.mjs';
import { renderPage, summary } from './coverage-page.mjs';
import { drawRun, estimatesOf } from './drawn-runs.mjs';
import { policy, populationOf } from './population.mjs';
import { spec } from './rule.mjs';
import { tallyRuns, truthOf } from './truth.mjs';

const root = join(import.meta.dirname, '..', '..');
const names = Object.keys(spec.organisms);
const option = process.argv.indexOf('--asked');
const askedRuns = option < 0 ? 0 : Number(process.argv[option + 1]);
if (!Number.isInteger(askedRuns) || askedRuns < 0) throw new Error('--asked: expected a count of runs');

const hashOf = (name) =>
  createHash('sha256')
    .update(readFileSync(join(root, 'fixtures', 'organisms', `${name}.gguf`)))
    .digest('hex');

async function drawAll(runs) {
  const results = [];
  for (const name of names) {
    const population = await populationOf(name, hashOf(name));
    const drawn = Array.from({ length: runs }, (_, run) => estimatesOf(drawRun(name, population, run)));
    results.push({ name, ...tallyRuns(truthOf(population, policy), drawn) });
  }
  return { runs, results };
}

async function askAll(runs) {
  const results = [];
  const times = [];
  for (const name of names) {
    const sha256 = hashOf(name);
    const truth = truthOf(await populationOf(name, sha256), askedPolicy);
    const asked = await askRuns(name, sha256, runs);
    times.push(...asked.map(({ ms }) => ms));
    results.push({ name, ...tallyRuns(truth, asked) });
    console.log(`${name}: asked ${runs} times`);
  }
  return { runs, results, seconds: times.reduce((sum, ms) => sum + ms, 0) / times.length / 1000 };
}

const started = performance.now();
const few = await drawAll(40);
const many = await drawAll(400);
const minutes = (performance.now() - started) / 60000;
const asked = askedRuns === 0 ? undefined : await askAll(askedRuns);
const command = `node scripts/organisms/coverage.mjs${asked === undefined ? '' : ` --asked ${askedRuns}`}`;
writeFileSync(join(root, 'docs', 'organisms.md'), renderPage({ few, many, minutes, asked, command }));
for (const { results, runs } of [few, many, ...(asked === undefined ? [] : [asked])]) {
  console.log(`${summary(results, runs)}\n`);
}
