import type { SimulationSummary } from '../run/simulate.ts';

/** A simulation for people at a terminal; `--json` has every quantity. */
export function describeSimulation(simulation: SimulationSummary): string {
  const { policy, world, runs, trials } = simulation;
  return [
    `${policy} in the world ${world}: ${runs} runs of ${trials.toLocaleString('en-US')} planned trials`,
    '',
    ...(['pass', 'fail', 'inconclusive', 'error'] as const).map(
      (verdict) => `  ${verdict.padEnd(14)} ${share(simulation[verdict])}`,
    ),
    `  ${'budget used'.padEnd(14)} ${share(simulation.budgetUsed)} of the trials: a run stops when it is settled`,
    '',
    `${'checks'.padEnd(42)} ${'pass'.padStart(8)} ${'fail'.padStart(8)} ${'neither'.padStart(8)}`,
    ...Object.entries(simulation.checks).map(([name, { pass, fail, inconclusive }]) =>
      [`  ${name.padEnd(40)}`, ...[pass, fail, inconclusive].map((one) => share(one).padStart(8))].join(' '),
    ),
    '',
    ...labelRows(simulation),
    ...coverageRows(simulation),
  ].join('\n');
}

function labelRows({ labels }: SimulationSummary): string[] {
  const shares = Object.entries(labels).map(([label, of]) => `${label} ${share(of)}`);
  return shares.length === 0 ? [] : [`effect of benign demonstrations: ${shares.join(', ')}`];
}

/** The intervals that hold the truth least often: the others are as good. */
function coverageRows({ coverage, truth, meanWidth }: SimulationSummary): string[] {
  const ranked = Object.entries(coverage).sort(([, a], [, b]) => a - b);
  const [worst] = ranked;
  if (worst === undefined) return [];
  const [name, least] = worst;
  return [
    `95 % intervals of ${ranked.length} quantities, at the look that ended a run: least coverage ${share(least)}, of ${name}`,
    `(truth ${(truth[name] ?? 0).toFixed(3)}, mean width ${(meanWidth[name] ?? 0).toFixed(3)}); --json has each`,
  ];
}

function share(value: number): string {
  return `${(100 * value).toFixed(1)} %`;
}
