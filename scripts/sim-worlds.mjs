// npm run sim:worlds: whether the gate recovers what the paper published of six checkpoints, in a tenth of its requests.
// Writes docs/simulations/worlds.md. With a number as its argument: so many runs, printed instead.
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isAvailable } from '../src/analysis/interval.ts';
import { slopeDifference } from '../src/analysis/slope-difference.ts';
import { readPolicy } from '../src/config/read-policy.ts';
import { layWorld } from '../src/simulate/draw-world.ts';
import { evidenceOf } from '../src/simulate/grid-view.ts';
import { simulateGate } from '../src/simulate/simulate-gate.ts';
import { gridOf } from '../src/simulate/trial-grid.ts';
import { readWorld } from '../src/simulate/world.ts';
import { listConditions } from '../src/suite/condition.ts';
import { layoutOf, worldsPolicy } from './simulations/bare-layout.mjs';

const runs = Number(process.argv[2] ?? 400);
const root = join(import.meta.dirname, '..');
const folder = join(root, 'fixtures', 'worlds');
const names = readdirSync(folder).filter((file) => file.endsWith('.json'));
const policy = worldsPolicy();
const layout = layoutOf(policy);
const paper = listConditions(readPolicy(join(root, 'policies', 'paper.yml')).policy).length * 2808;
const cueIds = layout.conditions.filter(({ formatCue }) => formatCue !== 'none').map(({ id }) => id);

/** What a world’s runs came to. */
function simulateWorld(file) {
  const world = readWorld(join(folder, file));
  const canaries = { compliance: 16, refusal: 16 };
  return { world, simulation: simulateGate({ policy, layout, world, canaries, runs, seed: 'worlds' }) };
}

/** How often the difference of the coefficients of two stages is shown, and its mean; runs that share nothing. */
function compareStages(first, second) {
  const [one, two] = [first, second].map((name) => countsOf(readWorld(join(folder, `${name}.json`))));
  let [shown, sum] = [0, 0];
  for (let run = 0; run < runs; run += 1) {
    const interval = slopeDifference({
      first: one(`first ${run}`),
      second: two(`second ${run}`),
      paired: false,
      level: 0.95,
    });
    if (!isAvailable(interval)) continue;
    sum += interval.estimate / runs;
    if (interval.lower > 0) shown += 1 / runs;
  }
  return { first, second, shown, mean: sum };
}

/** Draws a run of a world; gives the counts of its benign sweep by block. */
function countsOf(world) {
  const grid = gridOf(layout);
  const laid = layWorld(world, grid, layout.conditions);
  const blocks = Array.from({ length: grid.blocks }, (_, block) => block);
  return (label) => {
    const evidence = evidenceOf(grid, laid.draw(label));
    return layout.conditions
      .filter(
        ({ harmful, ordering, formatCue }) => harmful === 32 && ordering === 'suffix' && formatCue === 'none',
      )
      .flatMap(({ id, benign, harmful }) =>
        evidence.complianceByBlock(id, blocks).map(({ sum, count }, block) => ({
          benign,
          harmful,
          cluster: String(block),
          successes: sum,
          trials: count,
        })),
      );
  };
}

const percent = (value) => `${Number((100 * value).toFixed(1))} %`;
const points = (value) => `${Number((100 * value).toFixed(1))}`;
const held = ({ truth, meanEstimate, coverage }, name) =>
  `${percent(truth[name])}, ${percent(meanEstimate[name])}, ${percent(coverage[name])}`;
const line = (cells) => `| ${cells.join(' | ')} |`;
const table = (head, rows) => [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');

const started = performance.now();
const results = names.map((file) => simulateWorld(file));
const stages = [
  compareStages('olmo-3.1-32b-sft', 'olmo-3.1-32b-dpo'),
  compareStages('olmo-3.1-32b-sft', 'olmo-3.1-32b-instruct'),
  compareStages('olmo-3.1-32b-dpo', 'olmo-3.1-32b-instruct'),
];
const minutes = (performance.now() - started) / 60000;

const text = `${[
  '# Six checkpoints',
  '',
  `\`npm run sim:worlds\` writes this page: ${runs} runs a world, seeded. Each run has ${layout.trials.length.toLocaleString('en-US')} trials: ${layout.conditions.length} conditions of 1,152 queries in 32 blocks, and control queries. The paper’s conditions in \`policies/paper.yml\` have ${paper.toLocaleString('en-US')}; that is ${percent(layout.trials.length / paper)}. It took ${minutes.toFixed(1)} minutes.`,
  '',
  'Which numbers of `fixtures/worlds/*.json` are published, derived from published ones, or assumed stands in each file under `origins`; `node scripts/make-worlds.mjs` makes them. Where the paper gives a sign alone, the size is ours.',
  '',
  '## Benign demonstrations',
  '',
  'Log-odds per doubling at 32 harmful ones (0, 8, 32, 128 benign), and how the gate labels the effect.',
  '',
  table(
    [
      'world',
      'truth',
      'mean estimate',
      '95 % interval holds the truth',
      'amplification',
      'dilution',
      'none',
      'undetermined',
    ],
    results.map(({ world, simulation: { truth, meanEstimate, coverage, labels } }) => {
      const name = 'effect.logOddsPerDoubling';
      const label = (of) => percent(labels[of] ?? 0);
      return [
        world.name,
        truth[name].toFixed(3),
        meanEstimate[name].toFixed(3),
        percent(coverage[name]),
        label('amplification'),
        label('dilution'),
        label('none'),
        label('undetermined'),
      ];
    }),
  ),
  '',
  '## Stages of one family',
  '',
  'The difference of the coefficients of two runs that share nothing, Welch’s t; never two labels beside each other.',
  '',
  table(
    ['first', 'second', 'mean difference', 'shown to be above 0 (95 %)'],
    stages.map(({ first, second, mean, shown }) => [first, second, mean.toFixed(3), percent(shown)]),
  ),
  '',
  '## Order',
  '',
  'Points of compliance at 32 + 32, harmful last minus harmful first, and the range over five orders (Tukey), at 95 %.',
  '',
  table(
    ['world', 'true spread', 'mean contrast', 'contrast holds it', 'range holds it'],
    results.map(({ world, simulation: { truth, meanEstimate, coverage } }) => [
      world.name,
      points(truth['recency.contrast']),
      points(meanEstimate['recency.contrast']),
      percent(coverage['recency.contrast']),
      percent(coverage['recency.range']),
    ]),
  ),
  '',
  '## Rates and formats',
  '',
  'Zero-shot compliance, and the share of refusals that copy a cue: truth, mean estimate, and how often the interval holds the truth; 0 % where the paper gives no figure.',
  '',
  table(
    ['world', 'zero-shot rate', ...cueIds.map((id) => `refusals that copy, ${id}`)],
    results.map(({ world, simulation }) => [
      world.name,
      ...['rate zero-shot', ...cueIds.map((id) => `format refusals ${id}`)].map((name) =>
        held(simulation, name),
      ),
    ]),
  ),
].join('\n')}\n`;

if (process.argv[2] === undefined) writeFileSync(join(root, 'docs', 'simulations', 'worlds.md'), text);
else process.stdout.write(text);
