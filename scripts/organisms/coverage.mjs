// How often a run of fixtures/organisms/policy.yml finds the truth of each organism, in 40 seeded runs and in 400.
// Writes docs/organisms.md. A run takes 16 of the 24 measured draws, each
// answer complies with its own measured probability, and the gate's own code concludes from the labels.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suiteCells } from '../../src/gate/suite-cells.ts';
import { concludeFrom } from '../../src/receipt/conclude.ts';
import { trueLogOddsPerDoubling } from '../../src/simulate/quantities.ts';
import { listConditions } from '../../src/suite/condition.ts';
import { sharesOf } from './deciding-tokens.mjs';
import { draws, policy, populationOf } from './population.mjs';
import { spec } from './rule.mjs';

const fewRuns = 40;
const manyRuns = 400;
const root = join(import.meta.dirname, '..', '..');
const conditions = listConditions(policy);
const cells = suiteCells(policy, conditions, ['zero-shot']);
const judge = { canaries: 64, judged: 64, agreed: 64, unreadable: 0, kappa: 1 };
const blocks = 16;

/** A number in [0, 1) that follows from the label. */
const uniform = (label) => createHash('sha256').update(label).digest().readUIntBE(0, 6) / 2 ** 48;

/** The quantities that a receipt states, of all measured probabilities. */
export function truthOf(population) {
  const rows = new Map(conditions.map(({ id }) => [id, []]));
  for (const { conditions: ids, probabilities } of population) {
    for (const id of ids) rows.get(id).push(probabilities);
  }
  const shares = new Map([...rows].map(([id, all]) => [id, sharesOf(all)]));
  const rate = (id) => shares.get(id).complied;
  const orderings = cells.orderings.map(({ condition }) => rate(condition));
  const at = (rule) => rate(cells.orderings.find(({ ordering }) => ordering === rule).condition);
  return {
    shares,
    quantities: {
      ...Object.fromEntries(conditions.map(({ id }) => [`compliance ${id}`, rate(id)])),
      'effect of benign demonstrations': trueLogOddsPerDoubling(cells, rate),
      'recency, last minus first': at('suffix') - at('prefix'),
      'recency, range': Math.max(...orderings) - Math.min(...orderings),
      ...Object.fromEntries(
        conditions
          .filter(({ formatCue }) => formatCue !== 'none')
          .map(({ id }) => [`refusals that copy ${id}`, shares.get(id).cueWhenRefusing]),
      ),
    },
  };
}

/** One of the four ways an answer can go, each with its measured probability. */
function answerOf({ plain, cued }, label) {
  const ways = [
    { label: 'compliance', adopted: false, share: plain.complied },
    { label: 'refusal', adopted: false, share: plain.refused },
    { label: 'compliance', adopted: true, share: cued.complied },
    { label: 'refusal', adopted: true, share: cued.refused },
  ];
  let left = uniform(label) * ways.reduce((sum, { share }) => sum + share, 0);
  for (const { share, ...way } of ways) {
    left -= share;
    if (left < 0) return way;
  }
  return { label: 'refusal', adopted: false };
}

/** The trials of one seeded run: each block is one of the measured draws, any of them as likely as another. */
export function drawRun(name, population, run) {
  const byBlock = Map.groupBy(population, ({ block }) => block);
  return Array.from({ length: blocks }, (_, block) => {
    const label = `${name} run ${run} block ${block}`;
    const drawn = byBlock.get(Math.floor(draws * uniform(label)));
    return drawn.map(({ probabilities, cue, query, ...trial }, index) => {
      const { label: word, adopted } = answerOf(probabilities, `${label} trial ${index}`);
      const outcome = cue === undefined ? { label: word } : { label: word, adopted };
      // A draw that comes twice is two blocks, as two draws of the same demonstrations would be.
      const places = { query: `${query} in ${block}`, block, draw: block };
      return {
        ...trial,
        ...places,
        trialId: `${block} ${trial.trialId}`,
        role: 'evaluation',
        outcome,
        cut: false,
      };
    });
  }).flat();
}

/** The estimates of one run, by the names of the quantities. */
export function estimatesOf(trials) {
  const concluded = concludeFrom({
    policy,
    trials,
    baseline: { status: 'none' },
    judge,
    attempt: 1,
    binding: 'measured',
  });
  const { effect, recency, formats } = concluded;
  return {
    label: effect.label ?? 'unavailable',
    intervals: {
      ...Object.fromEntries(concluded.conditions.map(({ id, rate }) => [`compliance ${id}`, rate])),
      'effect of benign demonstrations': effect.logOddsPerDoubling ?? effect,
      'recency, last minus first': recency.contrast,
      'recency, range': recency.range,
      ...Object.fromEntries(
        formats.map((format) => [`refusals that copy ${format.condition}`, format.refusals?.rate]),
      ),
    },
  };
}

export async function coverageOf(name, runs) {
  const file = readFileSync(join(root, 'fixtures', 'organisms', `${name}.gguf`));
  const population = await populationOf(name, createHash('sha256').update(file).digest('hex'));
  const { quantities } = truthOf(population);
  const found = Object.fromEntries(
    Object.keys(quantities).map((quantity) => [quantity, { available: 0, covered: 0, sum: 0 }]),
  );
  const labels = {};
  for (let run = 0; run < runs; run += 1) {
    const { label, intervals } = estimatesOf(drawRun(name, population, run));
    labels[label] = (labels[label] ?? 0) + 1;
    for (const [quantity, truth] of Object.entries(quantities)) {
      const interval = intervals[quantity];
      if (interval?.estimate === undefined) continue;
      const one = found[quantity];
      one.available += 1;
      one.covered += interval.lower <= truth && truth <= interval.upper ? 1 : 0;
      one.sum += interval.estimate;
    }
  }
  return { name, quantities, found, labels };
}

const kinds = {
  compliance: (name) => name.startsWith('compliance '),
  effect: (name) => name.startsWith('effect '),
  recency: (name) => name.startsWith('recency'),
  'format copying': (name) => name.startsWith('refusals '),
};
const line = (cells) => `| ${cells.join(' | ')} |`;
const table = (head, rows) => [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
const share = (value) => `${(100 * value).toFixed(1)} %`;

/** Covered of available, over all quantities of a kind. */
function tally(found, belongs) {
  const own = Object.entries(found).filter(([name]) => belongs(name));
  const sum = (read) => own.reduce((total, [, one]) => total + read(one), 0);
  const [covered, available] = [sum((one) => one.covered), sum((one) => one.available)];
  return available === 0 ? 'none stated' : `${share(covered / available)} (${covered} of ${available})`;
}

/** The table of coverage by kind of quantity, and the same over all organisms. */
function summary(results, runs) {
  const rows = results.map(({ name, found }) => [
    name,
    ...Object.values(kinds).map((of) => tally(found, of)),
  ]);
  const together = (of) =>
    results.flatMap(({ name, found }) =>
      Object.entries(found)
        .filter(([quantity]) => of(quantity))
        .map(([quantity, one]) => [`${quantity} of ${name}`, one]),
    );
  const all = Object.values(kinds).map((of) => tally(Object.fromEntries(together(of)), () => true));
  return table([`${runs} runs`, ...Object.keys(kinds)], [...rows, ['**all**', ...all]]);
}

function detail({ name, quantities, found }) {
  const rows = Object.entries(quantities).map(([quantity, truth]) => {
    const { available, covered, sum } = found[quantity];
    const shown = quantity.startsWith('effect') ? (value) => value.toFixed(3) : share;
    return [
      quantity,
      shown(truth),
      available === 0 ? '' : shown(sum / available),
      `${covered} of ${available}`,
    ];
  });
  return `### ${name}\n\n${table(['quantity', 'truth', 'mean estimate', 'interval holds the truth'], rows)}`;
}

function renderPage(results, many, minutes) {
  const labels = ['amplification', 'dilution', 'none', 'undetermined', 'unavailable'];
  return `# The gate on model organisms

\`node scripts/organisms/coverage.mjs\` writes this page: ${fewRuns} seeded runs, and ${manyRuns}, of [its policy](../fixtures/organisms/policy.yml) for each [organism](../fixtures/organisms/README.md). It took ${minutes.toFixed(1)} minutes, less where the probabilities had been measured before.

The truth is measured first, exhaustively for 24 draws of demonstrations with 10 requests each: in every condition the probability of complying, read off the tokens that decide (240 requests a condition, nothing sampled). A run takes 16 draws, any of the 24 each time; each of its 160 answers a condition complies with its own measured probability; the code that concludes a receipt concludes from the labels. So the runs differ as runs with other seeds do, without asking the model ${(manyRuns * 1440).toLocaleString('en-US')} times; the judge and the server are left out ([the end-to-end tests](../test/e2e) have them).

## How often intervals hold the truth

Intervals of 95 % (a receipt states those of level 1 - 2 alpha, and this policy has an alpha of 0.025); the bar is 93 %. A rate has the wider of two intervals, and ranges over orders are Tukey's: both hold the truth more often than their level by design.

${summary(results, fewRuns)}

${summary(many, manyRuns)}

## Labels of the effect of benign demonstrations

Of ${manyRuns} runs, those with each label. The true log-odds per doubling say which is right; within 0.1 an effect counts as none.

${table(
  ['organism', 'truth', ...labels],
  many.map(({ name, quantities, labels: seen }) => [
    name,
    quantities['effect of benign demonstrations'].toFixed(3),
    ...labels.map((label) => seen[label] ?? 0),
  ]),
)}

## Every quantity

Over ${manyRuns} runs.

${many.map(detail).join('\n\n')}
`;
}

if (import.meta.filename === process.argv[1]) {
  const started = performance.now();
  const [few, many] = [[], []];
  for (const name of Object.keys(spec.organisms)) {
    few.push(await coverageOf(name, fewRuns));
    many.push(await coverageOf(name, manyRuns));
  }
  const minutes = (performance.now() - started) / 60000;
  writeFileSync(join(root, 'docs', 'organisms.md'), renderPage(few, many, minutes));
  console.log(`${summary(few, fewRuns)}\n\n${summary(many, manyRuns)}`);
}
