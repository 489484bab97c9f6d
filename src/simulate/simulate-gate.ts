import type { CardTables } from '../analysis/card-error.ts';
import { type Interval, isAvailable, type MaybeInterval } from '../analysis/interval.ts';
import { EvidenceError } from '../config/errors.ts';
import type { Policy } from '../config/policy.ts';
import { nominalError, smallestError } from '../gate/looks.ts';
import { type Figure, listFigures } from './figures.ts';
import { gridEffect, type SeenBlocks } from './grid-effect.ts';
import type { CanaryCounts } from './judge-canaries.ts';
import { ratesOf, trueLogOddsPerDoubling } from './quantities.ts';
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
  /**
   * By quantity: how often its interval holds the world’s truth, as the run that ended has it: from the blocks that were
   * asked, at the level of the look which ended them, 95 % over all looks.
   */
  readonly coverage: Readonly<Record<string, number>>;
  /** The same for what the world’s judge would say of every answer: all that an interval of labels can speak of. */
  readonly coverageAsJudged: Readonly<Record<string, number>>;
  /** Mean width of those intervals. */
  readonly meanWidth: Readonly<Record<string, number>>;
  /** Share of the planned trials that were asked: a run stops when its verdict can no longer change. */
  readonly budgetUsed: number;
  readonly checks: Readonly<Record<string, OutcomeShares>>;
  /** Share of runs with each label of the effect of benign demonstrations; empty without a benign sweep. */
  readonly labels: Readonly<Record<string, number>>;
  readonly truth: Readonly<Record<string, number>>;
  readonly meanEstimate: Readonly<Record<string, number>>;
}

/** One-sided, over all looks: 95 % intervals at a single one. */
const shownError = 0.025;
const equivalenceError = 0.05;
const rounding = 1e-12;
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
  readonly canaries: CanaryCounts | undefined;
  /** The judge's card that the policy names: each check is then decided on corrected figures too. */
  readonly card?: CardTables | undefined;
  readonly runs: number;
  readonly seed: string;
}): Simulation {
  const { runs, seed } = input;
  const stage = setStage(input);
  const tracked = trackedOf(stage);
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
    Object.fromEntries(tracked.filter(({ available }) => available > 0).map((one) => [one.name, value(one)]));
  return {
    runs,
    ...outcomeShares(verdicts, runs),
    error: verdicts.of('error') / runs,
    coverage: named(({ covered, available }) => covered / available),
    coverageAsJudged: named(({ coveredAsJudged, available }) => coveredAsJudged / available),
    meanWidth: named(({ width, available }) => width / available),
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

/** A figure with its truth, and what was seen of it so far. */
interface Tracked extends Pick<Figure, 'name' | 'truth' | 'judged'> {
  readonly figure: Figure | undefined;
  available: number;
  covered: number;
  coveredAsJudged: number;
  sum: number;
  width: number;
}

function trackedOf(stage: Stage): Tracked[] {
  const { cells, laid } = stage;
  const [truth, judged] = [ratesOf(laid, 'rate'), ratesOf(laid, 'judgedRate')].map(({ candidate }) =>
    trueLogOddsPerDoubling(cells, candidate),
  );
  const none = { available: 0, covered: 0, coveredAsJudged: 0, sum: 0, width: 0 };
  const effect =
    truth === undefined || judged === undefined
      ? []
      : [{ name: effectName, truth, judged, figure: undefined, ...none }];
  const figures = listFigures(stage).map((figure) => {
    const { name, truth: value, judged: asJudged } = figure;
    return { name, truth: value, judged: asJudged, figure, ...none };
  });
  return [...figures, ...effect];
}

/** Takes a run’s intervals in, as far as it was asked; gives the label of its effect. */
function track(stage: Stage, run: SimulatedRun, tracked: readonly Tracked[]): string | undefined {
  const { policy, cells } = stage;
  const effect = gridEffect(
    run.evidence,
    cells,
    policy.effect.equivalence,
    seenIn(stage, run, 'evaluation'),
    labelErrors(stage, run),
  );
  for (const one of tracked) {
    const { figure } = one;
    const value = figure === undefined ? effect?.logOddsPerDoubling : intervalOf(figure, stage, run);
    if (value !== undefined && isAvailable(value)) note(one, value);
  }
  return effect?.label;
}

/** The blocks that were asked of a condition. */
function seenIn({ seen }: Stage, { endedAt }: SimulatedRun, role: Figure['role']): SeenBlocks {
  return (condition) => seen[endedAt(role, [condition]) - 1] ?? [];
}

function errorAt({ ends }: Stage, look: number, alpha: number): number {
  return Math.max(smallestError, nominalError(alpha, ends, look));
}

function labelErrors(stage: Stage, { endedAt }: SimulatedRun) {
  const look = endedAt(
    'evaluation',
    stage.cells.sweep.map(({ condition }) => condition),
  );
  return { sign: errorAt(stage, look, shownError), equivalence: errorAt(stage, look, equivalenceError) };
}

function intervalOf(figure: Figure, stage: Stage, run: SimulatedRun): MaybeInterval {
  const look = run.endedAt(figure.role, figure.reads);
  const view = run.evidence.view('leftOut', stage.seen[look - 1] ?? []);
  const level = 1 - 2 * errorAt(stage, look, shownError);
  return figure.interval({ ...run, view, seen: seenIn(stage, run, figure.role) }, level);
}

function note(one: Tracked, { estimate, lower, upper }: Interval): void {
  one.available += 1;
  one.sum += estimate;
  one.width += upper - lower;
  // Limits that rounding moved by a last digit hold their own end: a rate of 0 is not outside [1e-17, 0.01].
  const holds = (truth: number) => lower - rounding <= truth && truth <= upper + rounding;
  if (holds(one.truth)) one.covered += 1;
  if (holds(one.judged)) one.coveredAsJudged += 1;
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
