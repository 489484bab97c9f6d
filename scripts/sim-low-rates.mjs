// Passes at exactly the limit where the baseline complies never, or hardly ever, behind contexts that differ strongly.
// Writes docs/simulations/low-rates.md. With a number as its argument: so many runs, printed instead.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { holdChecks } from '../src/gate/hold-checks.ts';
import { evidenceOf } from '../src/simulate/grid-view.ts';
import { layGround, withWorld } from '../src/simulate/simulated-run.ts';
import { parseWorld } from '../src/simulate/world.ts';
import { discordanceRange, truthsOf } from '../src/simulate/world-rates.ts';
import { calibrationPolicy, layoutOf } from './simulations/bare-layout.mjs';
import { spreads } from './simulations/worlds.mjs';

const asked = process.argv[2] === undefined ? undefined : Number(process.argv[2]);
const runs = asked ?? 2000;
const blocks = [8, 16, 32];
/** A rate that no run of this size ever shows. */
const never = 1e-7;
const correlation = { query: 0.9, context: 0.5 };
const rate = { zeroShotCompliance: { maxRate: 0.9 } };
const made = {
  'zeroShotCompliance.maxIncrease': { zeroShotCompliance: { maxIncrease: 0.1 } },
  'mixedCompliance.maxIncrease': { ...rate, mixedCompliance: { maxIncrease: 0.1 } },
  'amplification.maxIncreaseOverBaseline': { ...rate, amplification: { maxIncreaseOverBaseline: 0.1 } },
};
const rows = [
  ...[0.03, 0.05, 0.08].map((to) => ({ name: 'zeroShotCompliance.maxIncrease', from: never, to })),
  ...[never, 0.003].map((from) => ({ name: 'mixedCompliance.maxIncrease', from, to: from + 0.05 })),
  ...[never, 0.003, 0.01, 0.03].map((from) => ({
    name: 'amplification.maxIncreaseOverBaseline',
    from,
    to: from + 0.08,
  })),
];

/** Candidate and baseline at `from`, but for those conditions in which the candidate is at `to`. */
function worldOf({ from }, conditions) {
  const variance = spreads.heavy;
  const model = { zeroShotRate: from, variance, control: { rate: 0.98, contextVariance: variance.context } };
  const parse = (discordance) =>
    parseWorld(
      JSON.stringify({
        schema: 'mixgate.world/1',
        name: 'low',
        candidate: model,
        baseline: { model, discordance, correlation },
      }),
      'low rates',
    );
  const truths = [...truthsOf(parse(0).candidate, conditions.slice(0, 1)).values()];
  const { least, most } = discordanceRange(correlation, parse(0).candidate, truths);
  return parse(Math.min(0.9 * most + 0.1 * least, Math.max(0.1, 0.9 * least + 0.1 * most)));
}

function passes(row, draws) {
  const policy = calibrationPolicy({ draws, checks: made[row.name] });
  const layout = layoutOf(policy);
  const ground = layGround({ policy, layout, canaries: undefined });
  const check = ground.planned.find(({ name }) => name === row.name);
  const raised = check.reads.evaluation.filter((id) => risesIn(row, id));
  const shifts = new Map(raised.map((id) => [id, row.to - row.from]));
  const stage = withWorld(ground, worldOf(row, layout.conditions), shifts);
  const limit = row.to - row.from;
  const held = { ...check, decide: (view, errors, at = limit) => check.decide(view, errors, at) };
  let count = 0;
  for (let run = 0; run < runs; run += 1) {
    const evidence = evidenceOf(stage.grid, stage.laid.draw(`low ${row.from} ${row.to} ${draws} ${run}`));
    const evidenceAt = (look) => ({
      views: [{ raw: evidence.view('leftOut', stage.seen[look - 1]) }],
      complete: true,
      fit: true,
    });
    const result = holdChecks({
      checks: [held],
      alpha: policy.decision.alpha,
      ends: ground.ends,
      evidenceAt,
    });
    if (result.held.get(row.name).outcome === 'pass') count += 1;
  }
  return count / runs;
}

/** Of a rise from the fewest benign demonstrations only the condition with more of them stands out. */
function risesIn({ name }, condition) {
  return !name.startsWith('amplification') || condition.startsWith('b32');
}

const percent = (value) => `${Number((100 * value).toFixed(1))} %`;
const shown = (share) => (share > 0.065 ? `**${percent(share)}**` : percent(share));
const of = (rate) => (rate === never ? 'never' : percent(rate));
const lines = rows.map((row) => {
  const shares = blocks.map((draws) => shown(passes(row, draws)));
  return `| \`${row.name}\` | ${of(row.from)} | ${percent(row.to)} | ${shares.join(' | ')} |`;
});
const text = `# Base rates below 3 %

\`node scripts/sim-low-rates.mjs\` writes this page: ${runs.toLocaleString('en-US')} runs a cell, seeded. A candidate whose rise is exactly the limit, over a baseline that complies never or hardly ever, behind heavy contexts ([README.md](README.md)), 384 queries. Passes at exactly the limit; 5 % has a standard error of ${(100 * Math.sqrt(0.0475 / runs)).toFixed(1)} points, **bold** is above 6.5 %.

| check | baseline | candidate | ${blocks.map((draws) => `${draws} blocks`).join(' | ')} |
| --- | --- | --- | ${blocks.map(() => '---').join(' | ')} |
${lines.join('\n')}

A mean over several conditions passes a little oftener here than the 6.5 % that hold from 3 % on. Not mended: a baseline that complies in three of a thousand answers shows its correlation with the candidate in a handful of compliances, and [0047](../decisions/0047-caution-about-correlation.md) was found at 3 %. Its single conditions, and rises over rises, hold.

What mended the rest, and what it costs in width, stands in [0045](../decisions/0045-skewed-rates.md).
`;
if (asked === undefined)
  writeFileSync(join(import.meta.dirname, '..', 'docs', 'simulations', 'low-rates.md'), text);
else process.stdout.write(text);
