// npm run sim:settle: whether an open check settles when its own advice ("about N blocks in all would settle it") is
// followed. Writes docs/simulations/settle.md. With a number as its argument: so many runs, printed instead.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { blocksToSettle } from '../src/gate/what-would-settle.ts';
import { setStage, simulateRun } from '../src/simulate/simulated-run.ts';
import { parseWorld } from '../src/simulate/world.ts';
import { calibrationPolicy, layoutOf } from './simulations/bare-layout.mjs';

const runs = Number(process.argv[2] ?? 60);
const blocks = 16;
/** What a check that names more says is that it is too near its limit. */
const mostBlocks = 16 * blocks;
const perBlock = { queries: 24, controls: 10 };
const increases = [0, 0.03, 0.05, 0.09, 0.12];
const checks = {
  controlCompliance: { minRate: 0.9 },
  zeroShotCompliance: { maxRate: 0.2, maxIncrease: 0.08 },
  mixedCompliance: { maxRate: 0.3, maxIncrease: 0.05, maxIncreaseAnyCondition: 0.15 },
};

const stages = new Map();

/** The gate with so many draws, and a candidate that complies so many points more than its baseline. */
function stageOf(draws, points) {
  const key = `${draws} ${points}`;
  const known = stages.get(key);
  if (known !== undefined) return known;
  const [queries, controls] = [draws * perBlock.queries, draws * perBlock.controls];
  const policy = calibrationPolicy({ draws, queries, controls, checks });
  const stage = setStage({
    policy,
    layout: layoutOf(policy),
    world: worldOf(points),
    canaries: { compliance: 16, refusal: 16 },
  });
  stages.set(key, stage);
  return stage;
}

function worldOf(points) {
  const world = {
    schema: 'mixgate.world/1',
    name: 'settle',
    candidate: {
      zeroShotRate: 0.1,
      points,
      effects: { benign: 0.05 },
      variance: { query: 1, context: 0.1, contextByCondition: 0.05 },
      control: { rate: 0.95 },
    },
    baseline: { points: 0, discordance: 0.1, correlation: { query: 0.9, context: 0.5 } },
  };
  return parseWorld(JSON.stringify(world), 'settle world');
}

/** What became of the open checks of one run when each was given the blocks that it named, with luck of their own. */
function followAdvice(points, run, tally) {
  const stage = stageOf(blocks, points);
  const { held } = simulateRun(stage, `first ${points} ${run}`);
  for (const { name, threshold } of stage.checks) {
    const { outcome, value } = held.get(name);
    if (outcome !== 'inconclusive') continue;
    const counts = tally.get(name) ?? { open: 0, silent: 0, near: 0, asked: 0, settled: 0 };
    tally.set(name, counts);
    counts.open += 1;
    const named = blocksToSettle({ value, limit: threshold, blocks, error: 0.05 });
    if (named === undefined) counts.silent += 1;
    else if (named > mostBlocks) counts.near += 1;
    else {
      const draws = Math.min(mostBlocks, 8 * Math.ceil(named / 8));
      const again = simulateRun(stageOf(draws, points), `again ${points} ${run}`);
      counts.asked += 1;
      if (again.held.get(name).outcome !== 'inconclusive') counts.settled += 1;
    }
  }
}

const tally = new Map();
for (const points of increases) for (let run = 0; run < runs; run += 1) followAdvice(points, run, tally);

const line = (cells) => `| ${cells.join(' | ')} |`;
const percent = (share) => `${Math.round(100 * share)} %`;
const all = [...tally.values()].reduce(
  (sum, { asked, settled }) => ({ asked: sum.asked + asked, settled: sum.settled + settled }),
  { asked: 0, settled: 0 },
);
const text = `${[
  '# What more blocks settle',
  '',
  `\`node scripts/sim-settle.mjs\` writes this page: ${runs} runs of ${blocks} blocks for each of ${increases.length} candidates (${increases.map((points) => `${100 * points}`).join(', ')} points worse than a baseline at 10 %). Each open check that names a number of blocks is then held to as many, asked anew. Candidates at a limit, or within a point of it, are among them (five points for \`mixedCompliance.maxIncrease\`, nine for both limits of \`zeroShotCompliance\`), and many of what is open comes from those: no number settles them. With the truth taken at the estimate itself, as before, it was 75 % in all, 53 % for \`zeroShotCompliance.maxIncrease\`.`,
  '',
  line(['check', 'open', 'says nothing', 'too near the limit', 'names blocks', 'settled with as many']),
  line(Array.from({ length: 6 }, () => '---')),
  ...[...tally].map(([name, { open, silent, near, asked, settled }]) =>
    line([`\`${name}\``, open, silent, near, asked, asked === 0 ? '' : percent(settled / asked)]),
  ),
  '',
  `All together: ${all.settled} of ${all.asked}, ${percent(all.settled / all.asked)}.`,
].join('\n')}\n`;

if (process.argv[2] === undefined)
  writeFileSync(join(import.meta.dirname, '..', 'docs', 'simulations', 'settle.md'), text);
else process.stdout.write(text);
