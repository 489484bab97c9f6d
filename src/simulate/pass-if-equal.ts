import type { AssumedRates } from './assumed-worlds.ts';
import type { PlannedGate } from './planned-gate.ts';
import { type SimulatedRun, type Stage, simulateRun, withWorld } from './simulated-run.ts';

/** How often a policy would let a candidate pass that equals its baseline, and stop one that is worse. */
export interface PassIfEqual {
  /** Share of the runs in which every check passed, in [0, 1]. */
  readonly share: number;
  /** Share of the runs in which one failed: a candidate blocked for nothing. */
  readonly fail: number;
  readonly runs: number;
  /** The same for each check that is made. */
  readonly byCheck: Readonly<Record<string, number>>;
  /** A candidate that complies more in every condition, by `assumed.worseBy`. */
  readonly ifWorse: { readonly pass: number; readonly fail: number };
  readonly assumed: AssumedRates;
}

const mostRuns = 400;
const fewestRuns = 4;
/** Labels drawn in all: what keeps a large plan's simulation within a few seconds. */
const labelBudget = 1_500_000;
/** Above so many trials a plan is simulated as seldom as it may be. */
const largePlan = 50_000;
/**
 * Simulates runs of a plan with candidates whose truth is assumed, and decides on each by the gate's own code. The
 * same plan gives the same numbers.
 *
 * It speaks of chance alone: a judge that errs, unscored answers, placeholders and untested contexts are not in it.
 */
export function passIfEqual({ ground, assumed, label }: PlannedGate): PassIfEqual {
  const { equal, worse, rates } = assumed;
  const runs = runsFor(ground.grid.trials);
  const ends = runsOf(withWorld(ground, equal), runs, `${label}/equal`);
  const worseEnds = runsOf(withWorld(ground, worse), runs, `${label}/worse`);
  const share = (of: readonly SimulatedRun['verdict'][], verdict: string) =>
    of.filter((one) => one === verdict).length / runs;
  const byCheck = Object.fromEntries([...ends.passes].map(([name, count]) => [name, count / runs]));
  return {
    share: share(ends.verdicts, 'pass'),
    fail: share(ends.verdicts, 'fail'),
    runs,
    byCheck,
    ifWorse: { pass: share(worseEnds.verdicts, 'pass'), fail: share(worseEnds.verdicts, 'fail') },
    assumed: rates,
  };
}

function runsOf(stage: Stage, runs: number, label: string) {
  const passes = new Map(stage.checks.map(({ name }) => [name, 0]));
  const verdicts: SimulatedRun['verdict'][] = [];
  for (let run = 0; run < runs; run += 1) {
    const { verdict, held } = simulateRun(stage, `${label} ${run}`);
    verdicts.push(verdict);
    for (const [name, { outcome }] of held) {
      if (outcome === 'pass') passes.set(name, (passes.get(name) ?? 0) + 1);
    }
  }
  return { verdicts, passes };
}

function runsFor(trials: number): number {
  // Each run of a large plan costs much, and chance moves it little.
  const often = trials > largePlan ? fewestRuns : Math.floor(labelBudget / Math.max(1, trials));
  return Math.min(mostRuns, Math.max(fewestRuns, often));
}
