// npm run bench:analysis: time and memory of analysis and verdict by the number of trials; 100,000 in less than 2 s and
// 500 MB. Beside it, where R is installed (Debian: r-base-core), the pooled logistic models of the same labels by glm.
// Writes docs/benchmarks/analysis.md; with --print, prints it instead.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { keepHeapLean } from '../src/cli/lean-heap.ts';
import { readPolicy } from '../src/config/read-policy.ts';
import { concludeFrom } from '../src/receipt/conclude.ts';
import { layWorld } from '../src/simulate/draw-world.ts';
import { gridOf } from '../src/simulate/trial-grid.ts';
import { parseWorld } from '../src/simulate/world.ts';
import { layoutOf, withRealSources } from './simulations/bare-layout.mjs';

const bars = { seconds: 2, megabytes: 500 };
const worst = process.argv.includes('--worst');
const standard = withRealSources(
  readPolicy(join(import.meta.dirname, '..', 'policies', 'standard.yml')).policy,
);
const world = parseWorld(
  JSON.stringify({
    schema: 'mixgate.world/1',
    name: 'bench',
    candidate: {
      zeroShotRate: 0.1,
      variance: { query: 1, context: 0.1, contextByCondition: 0.05 },
      missing: worst ? { ofCompliances: 0.01, ofRefusals: 0.01 } : {},
    },
    baseline: { discordance: 0.1, correlation: { query: 0.9, context: 0.5 } },
  }),
  'bench world',
);

/** The standard policy with so many queries, and labels of candidate and baseline on its trials. */
function runWith(queries) {
  const [list] = standard.suite.queries;
  const policy = { ...standard, suite: { ...standard.suite, queries: [{ ...list, sample: queries }] } };
  const layout = layoutOf(policy);
  const drawn = layWorld(world, gridOf(layout), layout.conditions).draw('bench');
  const labelled = (labels) => layout.trials.map((trial, index) => labelledTrial(trial, labels[index]));
  return { policy, candidate: labelled(drawn.candidate), baseline: labelled(drawn.baseline) };
}

function labelledTrial({ role, conditions, block, draw, source, query }, label) {
  const outcome =
    label === 2 ? { label: 'unscored', reason: 'empty' } : { label: label === 1 ? 'compliance' : 'refusal' };
  const trialId = `${role} ${conditions.join(' ')} ${query.id}`;
  return { trialId, role, conditions, block, draw, source, query: query.id, outcome, cut: false };
}

function conclude({ policy, candidate, baseline }) {
  const started = performance.now();
  const { verdict } = concludeFrom({
    policy,
    trials: candidate,
    baseline: { status: 'compared', trials: baseline, ageDays: 0, notComparable: [] },
    judge: { canaries: 32, judged: 96, agreed: 96, unreadable: 0, kappa: 1 },
    attempt: 1,
    binding: 'measured',
  });
  return { verdict, seconds: (performance.now() - started) / 1000 };
}

/** The benign sweep's model by R's glm, a row a trial, as the labels come. */
function timeOfR({ candidate }) {
  const folder = mkdtempSync(join(tmpdir(), 'mixgate-bench-'));
  const rows = candidate
    .filter(({ role, outcome }) => role === 'evaluation' && outcome.label !== 'unscored')
    .map(({ conditions, block, outcome }) => {
      const [benign = 0, harmful = 0] = conditions[0].match(/\d+/g) ?? [];
      return `${benign},${harmful},${block},${outcome.label === 'compliance' ? 1 : 0}`;
    });
  const file = join(folder, 'labels.csv');
  writeFileSync(file, `benign,harmful,block,y\n${rows.join('\n')}\n`);
  const program = `d <- read.csv("${file}"); t <- system.time({ d$xb <- log2(1 + d$benign); d$xh <- log2(1 + d$harmful)
    joint <- glm(y ~ xh + xb, binomial, d); count <- glm(y ~ factor(harmful) + xb, binomial, d)
    total <- glm(y ~ factor(benign + harmful) + xh, binomial, d)
    for (f in list(joint, count, total)) { u <- model.matrix(f) * residuals(f, "response"); m <- rowsum(u, d$block); b <- vcov(f); b %*% crossprod(m) %*% b } })
    cat(t[["elapsed"]])`;
  const found = spawnSync('Rscript', ['-e', program], { encoding: 'utf8' });
  rmSync(folder, { recursive: true });
  return found.status === 0 ? Number(found.stdout) : undefined;
}

/** One size in a process of its own, so that its memory is its own: the labels, and what is concluded from them. */
function measure(queries) {
  // As `mixgate run` does.
  keepHeapLean();
  const run = runWith(queries);
  conclude(run);
  const times = [1, 2, 3, 4, 5].map(() => {
    const cpu = process.cpuUsage();
    const { seconds } = conclude(run);
    const { user, system } = process.cpuUsage(cpu);
    return { seconds, cpuSeconds: (user + system) / 1e6 };
  });
  const [best] = times.sort((one, other) => one.seconds - other.seconds);
  const megabytes = process.resourceUsage().maxRSS / 1024;
  return {
    trials: run.candidate.length,
    ...best,
    megabytes,
    r: queries === asked && !worst ? timeOfR(run) : undefined,
  };
}

const asked = 3584;
/** About 10,000, 30,000, 100,000 and 300,000 trials; then 100,000 of which some are unscored. */
const sizes = [352, 1056, asked, 10240];
const own = process.argv.find((argument) => argument.startsWith('--size='));
if (own === undefined) report();
else console.log(JSON.stringify(measure(Number(own.slice('--size='.length)))));

function measureApart(queries, extra = []) {
  // A heap that leaves room for the rest of the process within the bar: it must fit, not merely be collected late.
  const heap = `--max-old-space-size=${queries <= asked ? 380 : 1500}`;
  const options = [heap, import.meta.filename, `--size=${queries}`, ...extra];
  return JSON.parse(spawnSync(process.execPath, options, { encoding: 'utf8' }).stdout);
}

function report() {
  const busy = loadavg()[0];
  const rows = sizes.map((queries) => measureApart(queries));
  const [first, , middle, last] = rows;
  const missing = measureApart(asked, ['--worst']);
  const growth = last.cpuSeconds / first.cpuSeconds / (last.trials / first.trials);
  const missed = [middle, missing].some(
    (one) => !(one.seconds < bars.seconds && one.megabytes < bars.megabytes),
  );
  const cells = ({ trials, seconds, cpuSeconds, megabytes }, note) =>
    `| ${trials.toLocaleString('en-US')}${note} | ${seconds.toFixed(2)} | ${cpuSeconds.toFixed(2)} | ${megabytes.toFixed(0)} |`;
  const beside =
    middle.r === undefined
      ? 'R was not installed: nothing stands beside it (Debian: `r-base-core`).'
      : `R (\`glm\`, cluster-robust covariance by block), the three models of the same ${middle.trials.toLocaleString('en-US')} labels in the same run: ${middle.r.toFixed(2)} s. They are a part of what is concluded above.`;
  const text = `${[
    '# Analysis and verdict',
    '',
    `\`npm run bench:analysis\` writes this page: labels of the standard suite, with more queries, to checks, effects, hypotheses, figures and verdict (\`concludeFrom\`), each size in a process of its own, the best of five. ${cpus().length} cores, Node ${process.versions.node}; other work on them: load ${busy.toFixed(1)}, so that time of the processor tells more than time by the clock. Memory holds the labels of candidate and baseline too, and is kept lean as \`mixgate run\` keeps it.`,
    '',
    '| trials | seconds | seconds of processor | MB at the most |',
    '| --- | --- | --- | --- |',
    ...rows.map((row) => cells(row, '')),
    cells(missing, ', 1 % unscored'),
    '',
    `Bars at 100,000: ${bars.seconds} s, ${bars.megabytes} MB: ${missed ? '**missed**' : 'met'}. From the first to the last row time of the processor grows by ${growth.toFixed(2)} of what trials grow by; 1 is linear.`,
    '',
    beside,
  ].join('\n')}\n`;
  if (process.argv.includes('--print')) process.stdout.write(text);
  else writeFileSync(join(import.meta.dirname, '..', 'docs', 'benchmarks', 'analysis.md'), text);
  if (missed) process.exitCode = 1;
}
