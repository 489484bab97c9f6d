import { isAvailable } from '../analysis/interval.ts';
import { normalQuantile } from '../analysis/normal-distribution.ts';
import type { Check } from '../gate/check.ts';
import type { EvidenceView } from '../gate/evidence-view.ts';
import { familyOf } from '../gate/hold-checks.ts';
import { errorsAt } from '../gate/looks.ts';
import { equalValue, worldAt } from './check-worlds.ts';
import { type LaidWorld, type Luck, layWorld } from './draw-world.ts';
import { evidenceOf } from './grid-view.ts';
import type { PlannedGate } from './planned-gate.ts';
import { type Ground, type Places, partOf } from './simulated-run.ts';

/** How far from its limit a check settles in 80 % of runs, in points of compliance as a share; 1 where it never does. */
export interface SmallestEffect {
  /** On the safe side: a candidate so far below a maximum, in all that the check reads, passes it. */
  readonly passes: number;
  /** On the other side: a candidate so far beyond, in all that the check reads, fails it, even if no other check fails. */
  readonly fails: number;
  /** What becomes of a candidate that is worse than an equal one by the assumed points in all that the check reads. */
  readonly ifWorse: { readonly pass: number; readonly fail: number };
}

/** A little above the 80 % that are promised: the luck of these runs may take a few points away. */
const aimedPower = 0.82;
/** Runs behind each figure, and labels drawn in all for a check: what keeps a large plan within a second or two. */
const mostRuns = 200;
const fewestRuns = 24;
const labelBudget = 1_000_000;
/** Runs in which a distance is looked for, as a share of those that then measure it. */
const lookingShare = 0.15;
const firstGuess = 0.05;
/** A limit so far out decides nothing: it asks a check for the interval that would. */
const beyond = 10;

/**
 * Finds the smallest effects of a plan’s checks by simulation with the gate’s own intervals and looks: a run passes a
 * maximum where the highest of its upper limits lies below, so that the 80 % quantile of that limit’s distance from
 * the truth is the distance at which 80 % of runs pass. That distance depends a little on where the truth is: the one
 * that is its own answer is looked for.
 */
export function smallestEffects(gate: PlannedGate): ReadonlyMap<string, SmallestEffect> {
  const { ground, label } = gate;
  const parts = new Map<string, Part>();
  return new Map(
    ground.planned.map((check) => {
      // Checks of the same trials meet the same luck, which is most of what a run costs.
      const key = JSON.stringify([check.reads, check.needsBaseline]);
      const part = parts.get(key) ?? makePart(partOf(ground, check.reads), label);
      parts.set(key, part);
      const distance = (side: Side) =>
        settle((guess, runs) => mostOf(reaches({ check, side, guess, part, runs }, gate)), part.runs);
      const ifWorse = {
        pass: shareIfWorse(check, 'pass', part, gate),
        fail: shareIfWorse(check, 'fail', part, gate),
      };
      return [check.name, { passes: distance('pass'), fails: distance('fail'), ifWorse }];
    }),
  );
}

/** The trials that a check reads, how often they are simulated, and the luck of each run. */
interface Part extends Places {
  readonly runs: number;
  readonly luckOf: (run: number, laid: LaidWorld) => Luck;
}

function makePart(places: Places, label: string): Part {
  const often = Math.floor(labelBudget / Math.max(1, places.grid.trials));
  const known: Luck[] = [];
  const luckOf = (run: number, laid: LaidWorld): Luck => {
    const luck = known[run] ?? laid.luckOf(`${label}/effect ${run}`);
    known[run] = luck;
    return luck;
  };
  return { ...places, runs: Math.min(mostRuns, Math.max(fewestRuns, often)), luckOf };
}

type Side = 'pass' | 'fail';

/**
 * The distance that is its own answer: answers change slowly and smoothly with the guess, as every guess meets the same
 * luck, so that two guesses tell where they cross.
 */
function settle(answerTo: (guess: number, runs: number) => number, runs: number): number {
  const few = Math.min(runs, Math.max(fewestRuns, Math.ceil(lookingShare * runs)));
  const first = answerTo(firstGuess, few);
  const second = answerTo(first, few);
  const slope = first === firstGuess ? 0 : (second - first) / (first - firstGuess);
  const tame = Number.isFinite(slope) ? Math.min(0.5, Math.max(-0.9, slope)) : 0;
  const near = first + (second - first) / (1 - tame);
  const settled = (answerTo(near, runs) - tame * near) / (1 - tame);
  // Also where it is NaN or without bound.
  return settled < 1 ? Math.max(0, settled) : 1;
}

interface Asked {
  readonly check: Check;
  readonly side: Side;
  readonly guess: number;
  readonly part: Part;
  readonly runs: number;
}

/** How often a check, held by itself, so ends for a candidate that is worse by the assumed points. */
function shareIfWorse(check: Check, side: Side, part: Part, gate: PlannedGate): number {
  const { runs } = part;
  const safe = readsUpper(check, 'pass') ? -1 : 1;
  const truth = equalValue(check.name, gate.assumed) - safe * gate.assumed.rates.worseBy;
  const sign = readsUpper(check, side) ? -1 : 1;
  const guess = sign * (truth - check.threshold);
  const found = reaches({ check, side, guess, part, runs }, gate);
  return found.filter((reach) => reach < guess).length / runs;
}

/** How far the deciding limit lies from the truth, run by run, where the truth is so far from the check’s limit. */
function reaches({ check, side, guess, part, runs }: Asked, gate: PlannedGate): Float64Array {
  const { ground, assumed } = gate;
  const sign = readsUpper(check, side) ? -1 : 1;
  const { value, world, shifts } = worldAt(check.name, check.threshold + sign * guess, ground.cells, assumed);
  const laid = layWorld(world, part.grid, ground.layout.conditions, shifts);
  return Float64Array.from({ length: runs }, (_, run) => {
    const evidence = evidenceOf(part.grid, laid.meet(part.luckOf(run, laid)));
    const atLooks = part.seen.map((blocks, index) => {
      const view = evidence.view('leftOut', blocks);
      const reach = sign * (value - decidingLimit({ check, side, look: index + 1, view, ground }));
      return Number.isNaN(reach) ? Number.POSITIVE_INFINITY : reach;
    });
    // At whichever look it is nearest.
    return Math.min(...atLooks);
  });
}

interface Held {
  readonly check: Check;
  readonly side: Side;
  readonly look: number;
  readonly view: EvidenceView;
  readonly ground: Ground;
}

/** The limit of the check’s interval that would have to lie on the right side of its threshold; NaN where it has none. */
function decidingLimit({ check, side, look, view, ground }: Held): number {
  const { policy, ends, planned } = ground;
  const errors = errorsAt({
    alpha: policy.decision.alpha,
    ends,
    look,
    family: familyOf(check, planned, new Set()),
  });
  const only = side === 'pass' ? { pass: errors.pass, fail: noClaim } : { pass: 0, fail: errors.fail };
  const upper = readsUpper(check, side);
  const { outcome, value } = check.decide(view, only, upper ? beyond : -beyond);
  return outcome === side && isAvailable(value) ? value[upper ? 'upper' : 'lower'] : Number.NaN;
}

const noClaim = () => 0;

/** A maximum passes by its upper limit and fails by its lower one; a minimum the other way. */
function readsUpper(check: Check, side: Side): boolean {
  return (side === 'pass') === (check.name !== 'controlCompliance.minRate');
}

/** The value below which the aimed share lies, of values about normal: steadier over few runs than their quantile. */
function mostOf(values: Float64Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return mean + normalQuantile(aimedPower) * Math.sqrt(squares / (values.length - 1));
}
