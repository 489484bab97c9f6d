// How often the effect is labelled wrongly in one world of the calibration, with other luck than that page has.
// node scripts/sim-labels.mjs SHAPE RATE DRAWS SPREAD RUNS, for example: worse 0.03 8 heavy 8000
import { gridEffect } from '../src/simulate/grid-effect.ts';
import { evidenceOf } from '../src/simulate/grid-view.ts';
import { setStage } from '../src/simulate/simulated-run.ts';
import { calibrationPolicy, layoutOf } from './simulations/bare-layout.mjs';
import { calibrationWorld } from './simulations/worlds.mjs';

const [shape, rate, draws, spread, runs] = process.argv.slice(2);
const policy = calibrationPolicy({ draws: Number(draws) });
const world = calibrationWorld({ shape, rate: Number(rate), spread });
const { laid, grid, cells, seen } = setStage({
  policy,
  layout: layoutOf(policy),
  world,
  canaries: undefined,
});
const blocks = seen.at(-1);
const labels = {};
for (let run = 0; run < Number(runs); run += 1) {
  const evidence = evidenceOf(grid, laid.draw(`labels ${run}`));
  const { label } = gridEffect(evidence, cells, policy.effect.equivalence, () => blocks);
  labels[label] = (labels[label] ?? 0) + 1;
}
const share = (count = 0) => Number(((100 * count) / Number(runs)).toFixed(2));
console.log(
  Object.fromEntries(
    ['amplification', 'dilution', 'none', 'undetermined'].map((label) => [label, share(labels[label])]),
  ),
);
