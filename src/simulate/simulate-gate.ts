import { isAvailable, type MaybeInterval } from '../analysis/interval.ts';
import { EvidenceError } from '../config/errors.ts';
import type { Policy } from '../config/policy.ts';
import { gridEffect } from './grid-effect.ts';
import type { CanaryCounts } from './judge-canaries.ts';
import { listQuantities, ratesOf, trueLogOddsPerDoubling } from './quantities.ts';
import { type SimulatedRun, type Stage, setStage, simulateRun } from './simulated-run.ts';
import type { Layout } from './trial-grid.ts';
import type { World } from './world.ts';

/** How a check ended, as shares of the runs in which it was held. */
export interface OutcomeShares {
  readonly pass: number;
  readonly fail: number;
  readonly inconclusive: number;
}

/** What a policy makes of a world, over many runs; shares are in [0, 1]. */
export interface Simulation extends OutcomeShares {
  readonly runs: number;
  readonly error: number;
  /** By quantity: how often its 95 % interval, from all blocks, holds the world’s truth. */
  readonly coverage: Readonly<Record<string, number>>;
  /** The same for what the world’s judge would say of every answer: all that an interval of labels can speak of. */
  readonly coverageAsJudged: Readonly<Record<string, number>>;
  /** Share of the planned trials that were asked: a run stops when its verdict can no longer change. */
  readonly budgetUsed: number;
  readonly checks: Readonly<Record<string, OutcomeShares>>;
  /** Share of runs with each label of the effect of benign demonstrations; empty without a benign sweep. */
  readonly labels: Readonly<Record<string, number>>;
  readonly truth: Readonly<Record<string, number>>;
  readonly meanEstimate: Readonly<Record<string, number>>;
}

const coverageLevel = 0.95;
const effectName = 'effect.logOddsPerDoubling';

/**
 * Puts a world through a policy many times: labels drawn on the plan’s places, judged, held to the checks look by
 * look by the gate’s own code. No network, no clock; the same seed gives the same shares. Pools play no role, a
 * digest counts as tied to what is served, the attempt is the first.
 *
 * @throws ConfigError WORLD_IMPOSSIBLE
 */
export function simulateGate(input: {
  readonly policy: Policy;
  readonly layout: Layout;
  readonly world: World;
  readonly canaries: CanaryCounts;
  readonly runs: number;
  readonly seed: string;
}): Simulation {
  const { runs, seed } = input;
  const stage = setStage(input);
  const tracked = trackedOf(stage, input.layout);
  const verdicts = new Counter();
  const labels = new Counter();
  const checks = new Map(stage.checks.map(({ name }) => [name, new Counter()]));
  let used = 0;
  for (let run = 0; run < runs; run += 1) {
    const result = tryRun(stage, `${seed}/${run}`);
    verdicts.add(result === undefined ? 'error' : result.verdict);
    if (result === undefined) continue;
    used += result.trialsUsed;
    for (const [name, { outcome }] of result.held) checks.get(name)?.add(outcome);
    const label = track(stage, result, tracked);
    if (label !== undefined) labels.add(label);
  }
  const ended = runs - verdicts.of('error');
  const named = (value: (one: Tracked) => number) =>
    Object.fromEntries(tracked.map((one) => [one.name, value(one)]));
  return {
    runs,
    ...outcomeShares(verdicts, runs),
    error: verdicts.of('error') / runs,
    coverage: named(({ covered, available }) => covered / available),
    coverageAsJudged: named(({ coveredAsJudged, available }) => coveredAsJudged / available),
    budgetUsed: ended === 0 ? 0 : used / (ended * stage.grid.trials),
    checks: Object.fromEntries([...checks].map(([name, counter]) => [name, outcomeShares(counter, ended)])),
    labels: labels.shares(ended),
    truth: named(({ truth }) => truth),
    meanEstimate: named(({ sum, available }) => sum / available),
  };
}

/** Undefined where the evidence broke: what a run would end in as an error. */
function tryRun(stage: Stage, label: string): SimulatedRun | undefined {
  try {
    return simulateRun(stage, label);
  } catch (error) {
    if (error instanceof EvidenceError) return undefined;
    throw error;
  }
}

/** A quantity with its truth, and what was seen of it so far. */
interface Tracked {
  readonly name: string;
  readonly truth: number;
  readonly judged: number;
  available: number;
  covered: number;
  coveredAsJudged: number;
  sum: number;
}

function trackedOf({ cells, laid }: Stage, { conditions }: Layout): Tracked[] {
  const ids = conditions.map(({ id }) => id);
  const [truth, judged] = [ratesOf(laid, 'rate'), ratesOf(laid, 'judgedRate')].map(({ candidate }) =>
    trueLogOddsPerDoubling(cells, candidate),
  );
  const effect = truth === undefined || judged === undefined ? [] : [{ name: effectName, truth, judged }];
  return [...listQuantities(cells, ids, laid), ...effect].map((quantity) => ({
    name: quantity.name,
    truth: quantity.truth,
    judged: quantity.judged,
    available: 0,
    covered: 0,
    coveredAsJudged: 0,
    sum: 0,
  }));
}

/** Takes a run’s intervals in, over all blocks; gives the label of its effect. */
function track(stage: Stage, { evidence }: SimulatedRun, tracked: readonly Tracked[]): string | undefined {
  const { policy, cells, laid, seen } = stage;
  const blocks = seen.at(-1) ?? [];
  const view = evidence.view('leftOut', blocks);
  const effect = gridEffect(evidence, cells, policy.effect.equivalence, blocks);
  const ids = [...laid.candidate.keys()];
  const intervals = new Map<string, MaybeInterval>(
    listQuantities(cells, ids, laid).map(({ name, interval }) => [name, interval(view, coverageLevel)]),
  );
  if (effect !== undefined) intervals.set(effectName, effect.logOddsPerDoubling);
  for (const one of tracked) {
    const value = intervals.get(one.name);
    if (value === undefined || !isAvailable(value)) continue;
    one.available += 1;
    one.sum += value.estimate;
    if (value.lower <= one.truth && one.truth <= value.upper) one.covered += 1;
    if (value.lower <= one.judged && one.judged <= value.upper) one.coveredAsJudged += 1;
  }
  return effect?.label;
}

/** How often each word came. */
class Counter {
  readonly #counts = new Map<string, number>();

  add(word: string): void {
    this.#counts.set(word, this.of(word) + 1);
  }

  of(word: string): number {
    return this.#counts.get(word) ?? 0;
  }

  shares(of: number): Record<string, number> {
    return Object.fromEntries([...this.#counts].map(([word, count]) => [word, count / of]));
  }
}

function outcomeShares(counter: Counter, of: number): OutcomeShares {
  const share = (word: string) => (of === 0 ? 0 : counter.of(word) / of);
  return { pass: share('pass'), fail: share('fail'), inconclusive: share('inconclusive') };
}
