import type { AssumedRates } from './assumed-worlds.ts';
import type { PlannedGate } from './planned-gate.ts';
import { decideRun, withWorld } from './simulated-run.ts';
import type { World } from './world.ts';

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

const mostRuns = 200;
const fewestRuns = 5;
/** Trials whose labels are drawn in all: what keeps a large plan's simulation within a second or two. */
const trialBudget = 800_000;

/**
 * Simulates runs of a plan with candidates whose truth is assumed, and decides on each by the gate's own code. The
 * same plan gives the same numbers.
 *
 * It speaks of chance, and of the judge's error where the policy names its card: unscored answers, placeholders and
 * untested contexts are not in it.
 */
export function passIfEqual({ ground, assumed, label }: PlannedGate): PassIfEqual {
  const countOf = (world: World) => ({
    stage: withWorld(ground, world),
    ends: { pass: 0, fail: 0, inconclusive: 0 },
    passes: new Map(ground.planned.map(({ name }) => [name, 0])),
  });
  const [equal, worse] = [countOf(assumed.equal), countOf(assumed.worse)];
  const runs = Math.min(mostRuns, Math.max(fewestRuns, Math.floor(trialBudget / ground.grid.trials)));
  for (let run = 0; run < runs; run += 1) {
    // Both candidates meet the same luck.
    const luck = equal.stage.laid.luckOf(`${label}/equal ${run}`);
    for (const { stage, ends, passes } of [equal, worse]) {
      const { verdict, held } = decideRun(stage, luck);
      ends[verdict] += 1;
      for (const [name, { outcome }] of held) {
        if (outcome === 'pass') passes.set(name, (passes.get(name) ?? 0) + 1);
      }
    }
  }
  return {
    share: equal.ends.pass / runs,
    fail: equal.ends.fail / runs,
    runs,
    byCheck: Object.fromEntries([...equal.passes].map(([name, count]) => [name, count / runs])),
    ifWorse: { pass: worse.ends.pass / runs, fail: worse.ends.fail / runs },
    assumed: assumed.rates,
  };
}
