// npm run sim:power: whether a plan's smallest effects are what they say, for the shipped gates, check by check.
// Writes docs/simulations/power.md. With a number as its argument: so many runs, printed instead.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readSuite } from '../src/run/gate-inputs.ts';
import { worldAt } from '../src/simulate/check-worlds.ts';
import { planGate } from '../src/simulate/planned-gate.ts';
import { simulateRun, withWorld } from '../src/simulate/simulated-run.ts';
import { smallestEffects } from '../src/simulate/smallest-effects.ts';

const asked = process.argv[2] === undefined ? undefined : Number(process.argv[2]);
/** Runs of a cell: the standard suite has five times the trials. */
const runsOf = { quick: asked ?? 500, standard: asked ?? 200 };
const root = join(import.meta.dirname, '..');
const bar = { least: 0.75, most: 0.9 };

/** The gate of a policy, and the smallest effects that `mixgate plan` prints of it. */
async function gateOf(name) {
  const { loaded, plan } = await readSuite(join(root, 'policies', `${name}.yml`));
  const gate = planGate(plan, loaded.policy);
  return { name, gate, effects: smallestEffects(gate) };
}

/** Shares of runs in which a check ends so, where all that it reads is so far from its limit; luck of their own. */
function shareAt({ name, gate, check, side, distance }) {
  const runs = runsOf[name];
  const safe = check.name === 'controlCompliance.minRate' ? 1 : -1;
  const truth = check.threshold + (side === 'pass' ? safe : -safe) * distance;
  const { world, shifts } = worldAt(check.name, truth, gate.ground.cells, gate.assumed);
  const stage = withWorld(gate.ground, world, shifts);
  let count = 0;
  for (let run = 0; run < runs; run += 1) {
    const { held, verdict } = simulateRun(stage, `power ${run}`);
    // Beyond its limit another check may fail first, and ends the run.
    if (held.get(check.name)?.outcome === side || (side === 'fail' && verdict === 'fail')) count += 1;
  }
  return { truth, share: count / runs };
}

const percent = (value) => `${Number((100 * value).toFixed(1))} %`;
const points = (value) => (value < 1 ? (100 * value).toFixed(1) : 'never');
const mark = (share) => (share < bar.least || share > bar.most ? `**${percent(share)}**` : percent(share));
const error = (name) => (100 * Math.sqrt(0.16 / runsOf[name])).toFixed(1);
const line = (cells) => `| ${cells.join(' | ')} |`;

function rowsOf({ name, gate, effects }) {
  return gate.ground.planned.map((check) => {
    const { passes, fails, ifWorse } = effects.get(check.name);
    const passed = shareAt({ name, gate, check, side: 'pass', distance: passes });
    const failed = fails < 1 ? shareAt({ name, gate, check, side: 'fail', distance: fails }) : undefined;
    return line([
      name,
      `\`${check.name}\``,
      check.threshold,
      points(passes),
      mark(passed.share),
      points(fails),
      failed === undefined ? '' : percent(failed.share),
      `${percent(ifWorse.pass)} / ${percent(ifWorse.fail)}`,
    ]);
  });
}

const gates = [await gateOf('quick'), await gateOf('standard')];
const text = `${[
  '# What the shipped gates can see',
  '',
  `\`node scripts/sim-power.mjs\` writes this page: ${runsOf.quick} runs a cell of quick, ${runsOf.standard} of standard, through the gate’s own decision, with other luck than that by which \`mixgate plan\` found the distances. The standard error of 80 % is ${error('quick')} and ${error('standard')} points. **Bold** lies outside 75 to 90 %.`,
  '',
  'A check *passes from* a distance on the safe side of its limit (`smallestEffect`), and *fails from* one beyond it, in 80 % of runs where all that it reads lies there. Beyond its limit other checks of the same policy are mostly broken too, so that a run fails more often than that. The last column: how often the check, by itself, passes / fails a candidate that is ten points worse than an equal one in all that it reads. Worlds: 10 % compliance, 10 % of pairs differ, queries vary much and contexts a little ([0046](../decisions/0046-worlds.md)).',
  '',
  line([
    'policy',
    'check',
    'limit',
    'passes from (points)',
    'passes there',
    'fails from (points)',
    'run fails there',
    'ten points worse',
  ]),
  line(Array.from({ length: 8 }, () => '---')),
  ...gates.flatMap(rowsOf),
].join('\n')}\n`;

if (process.argv[2] === undefined) writeFileSync(join(root, 'docs', 'simulations', 'power.md'), text);
else process.stdout.write(text);
