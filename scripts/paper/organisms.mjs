// The same findings on the model organisms: the truth is measured, not set, and the answers are those of real models.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { listConditions } from '../../src/suite/condition.ts';
import { drawRun, estimatesOf } from '../organisms/drawn-runs.mjs';
import { policy, populationOf } from '../organisms/population.mjs';
import { truthOf } from '../organisms/truth.mjs';
import { cellsOf, paperRequests, requestsOf, stageDifference } from './concluded.mjs';

const folder = join(import.meta.dirname, '..', '..', 'fixtures', 'organisms');
const conditions = listConditions(policy);
const cells = cellsOf(policy, conditions);
const sweepIds = cells.sweep.map(({ condition }) => condition);
const orderingIds = cells.orderings.map(({ condition }) => condition);
const names = {
  effect: 'effect of benign demonstrations',
  recency: 'recency, last minus first',
  neutral: 'refusals that copy b8-h8-neutral',
  comply: 'refusals that copy b8-h8-comply',
};

/** One seeded run of an organism, with its truth. */
async function runOrganism(name) {
  const sha256 = createHash('sha256')
    .update(readFileSync(join(folder, `${name}.gguf`)))
    .digest('hex');
  const population = await populationOf(name, sha256);
  const trials = drawRun(name, population, 'paper');
  return { name, trials, ...estimatesOf(trials), truth: truthOf(population, policy) };
}

function finding(run, what, quantity, ids, unit) {
  const interval = run.intervals[quantity];
  const truth = run.truth[quantity];
  return {
    of: run.name,
    what,
    published: '',
    truth,
    interval,
    unit,
    label: quantity === names.effect ? run.label : '',
    requests: requestsOf(run.trials, ids),
    paper: paperRequests(ids.length),
    holds: interval.lower <= truth && truth <= interval.upper,
  };
}

const effect = (run, what) => finding(run, what, names.effect, sweepIds, 'log-odds');
const base = (run) => finding(run, 'base rate', 'compliance zero-shot', ['zero-shot'], 'rate');
const recency = (run) =>
  finding(run, 'recency spread, harmful last minus first', names.recency, orderingIds, 'rate');
const copies = (run, cue, words) =>
  finding(run, `refusals that copy the ${words} cue`, names[cue], [`b8-h8-${cue}`], 'rate');

function stages(sft, dpo) {
  const interval = stageDifference(cells, sft.trials, dpo.trials);
  const truth = sft.truth[names.effect] - dpo.truth[names.effect];
  return {
    ...effect(sft, 'SFT minus DPO'),
    truth,
    interval,
    label: '',
    requests: 2 * requestsOf(sft.trials, sweepIds),
    paper: 2 * paperRequests(sweepIds.length),
    holds: interval.lower <= truth && truth <= interval.upper,
  };
}

export async function listOrganismFindings() {
  const runs = {};
  for (const name of ['robust', 'harmful-only', 'dilution', 'amplification', 'family-sft', 'family-dpo']) {
    runs[name] = await runOrganism(name);
  }
  const { robust, dilution, amplification } = runs;
  const [counts, sft, dpo] = [runs['harmful-only'], runs['family-sft'], runs['family-dpo']];
  return [
    ...[robust, counts, dilution, amplification].map(base),
    effect(dilution, 'dilution'),
    effect(amplification, 'amplification'),
    effect(counts, 'no effect'),
    effect(sft, 'the family at SFT'),
    effect(dpo, 'the family at DPO'),
    stages(sft, dpo),
    recency(dilution),
    recency(counts),
    copies(counts, 'neutral', 'neutral'),
    copies(counts, 'comply', 'complying'),
    copies(dilution, 'neutral', 'neutral'),
  ];
}
