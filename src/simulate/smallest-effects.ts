import { isAvailable } from '../analysis/interval.ts';
import type { Check } from '../gate/check.ts';
import type { EvidenceView } from '../gate/evidence-view.ts';
import { familyOf } from '../gate/hold-checks.ts';
import type { ErrorRates } from '../gate/limit.ts';
import { errorsAt } from '../gate/looks.ts';
import { equalValue, worldAt } from './check-worlds.ts';
import { type LaidWorld, layWorld } from './draw-world.ts';
import { evidenceOf } from './grid-view.ts';
import type { Luck } from './luck.ts';
import type { PlannedGate } from './planned-gate.ts';
import { type Ground, type Places, partOf } from './simulated-run.ts';

/** How far from its limit a check settles in 80 % of runs, as a share (0.05 is five points); 1 where it never does. */
export interface SmallestEffect {
  /** On the safe side: a candidate so far below a maximum, in all that the check reads, passes it. */
  readonly passes: number;
  /** On the other side: a candidate so far beyond, in all that the check reads, fails it, even if no other check fails. */
  readonly fails: number;
  /** What becomes of a candidate that is worse than an equal one by the assumed points in all that the check reads. */
  readonly ifWorse: { readonly pass: number; readonly fail: number };
}

/** A little above the 80 % that are promised: the luck of these runs may take a few points away. */
const aimedPower = 0.83;
/** Of the runs, to either side of that share. */
const placesAround = 0.06;
/** Runs behind each figure: fewer of more trials, which vary less and cost more, by the root of their number. */
const mostRuns = 256;
const fewestRuns = 10;
const runsOfOneTrial = 5500;
const enoughForSlope = 32;
/** Slopes that are believed: farther on the safe side rates are lower and vary less, which is soon steep near 0. */
const steepest = { up: 0.2, down: -3 };
/** Runs in which a distance is looked for, as a share of those that then measure it. */
const lookingShare = 0.15;
const lookingSteps = 3;
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
      return [
        check.name,
        {
          passes: distanceOf({ check, side: 'pass', part }, gate),
          // These are for people to see beside it: half the runs will do.
          fails: distanceOf({ check, side: 'fail', part: { ...part, runs: halved(part.runs) } }, gate),
          ifWorse: ifWorse(check, { ...part, runs: halved(part.runs) }, gate),
        },
      ];
    }),
  );
}

type Side = 'pass' | 'fail';

function halved(runs: number): number {
  return Math.max(fewestRuns, Math.ceil(runs / 2));
}

/** The distance of one side; 1 where no rate lies so far from the limit. */
function distanceOf(
  { check, side, part }: { readonly check: Check; readonly side: Side; readonly part: Part },
  gate: PlannedGate,
): number {
  const truthAt = (distance: number) => check.threshold + signOf(check, side) * distance;
  const distance = settle(
    (guess, runs) => mostOf(reaches({ check, sides: [side], truth: truthAt(guess), part, runs }, gate)[side]),
    part.runs,
  );
  const { value } = worldAt(check.name, truthAt(distance), gate.ground.cells, gate.assumed);
  return Math.abs(value - truthAt(distance)) < 1e-9 ? distance : 1;
}

/** The trials that a check reads, how often they are simulated, and the luck of each run. */
interface Part extends Places {
  readonly runs: number;
  readonly luckOf: (run: number, laid: LaidWorld) => Luck;
}

function makePart(places: Places, label: string): Part {
  const often = Math.floor(runsOfOneTrial / Math.sqrt(Math.max(1, places.grid.trials)));
  const known: Luck[] = [];
  const luckOf = (run: number, laid: LaidWorld): Luck => {
    const luck = known[run] ?? laid.luckOf(`${label}/effect ${run}`);
    known[run] = luck;
    return luck;
  };
  return { ...places, runs: Math.min(mostRuns, Math.max(fewestRuns, often)), luckOf };
}

/**
 * The distance that is its own answer. Answers change smoothly with the guess, as every guess meets the same luck: a
 * few guesses, each halfway to its answer, come near it, and the first and the last tell the slope on the way.
 */
function settle(answerTo: (guess: number, runs: number) => number, runs: number): number {
  const few = Math.max(Math.ceil(fewestRuns / 2), Math.ceil(lookingShare * runs));
  const first = answerTo(firstGuess, few);
  let [guess, slope] = [(firstGuess + first) / 2, 0];
  // Too few runs tell no slope, and a plan so large has hardly any.
  for (let step = 1; step < lookingSteps && runs >= enoughForSlope; step += 1) {
    const answer = answerTo(guess, few);
    slope = guess === firstGuess ? 0 : (answer - first) / (guess - firstGuess);
    guess = (guess + answer) / 2;
  }
  const tame = Number.isFinite(slope) ? Math.min(steepest.up, Math.max(steepest.down, slope)) : 0;
  const settled = (answerTo(guess, runs) - tame * guess) / (1 - tame);
  // Also where it is NaN or without bound.
  return settled < 1 ? Math.max(0, settled) : 1;
}

/** How often a check, held by itself, passes and fails for a candidate that is worse by the assumed points. */
function ifWorse(check: Check, part: Part, gate: PlannedGate): SmallestEffect['ifWorse'] {
  const { runs } = part;
  const truth = equalValue(check.name, gate.assumed) + signOf(check, 'fail') * gate.assumed.rates.worseBy;
  const found = reaches({ check, sides: ['pass', 'fail'], truth, part, runs }, gate);
  const share = (side: Side) => {
    const distance = signOf(check, side) * (found.value - check.threshold);
    return found[side].filter((reach) => reach < distance).length / runs;
  };
  return { pass: share('pass'), fail: share('fail') };
}

interface Asked {
  readonly check: Check;
  readonly sides: readonly Side[];
  /** What all that the check reads is. */
  readonly truth: number;
  readonly part: Part;
  readonly runs: number;
}

/** The truth that could be had, and how far from it the limit lies that decides each side, run by run. */
interface Reaches extends Readonly<Record<Side, Float64Array>> {
  readonly value: number;
}

function reaches({ check, sides, truth, part, runs }: Asked, { ground, assumed }: PlannedGate): Reaches {
  const { value, world, shifts } = worldAt(check.name, truth, ground.cells, assumed);
  const laid = layWorld(world, part.grid, ground.layout.conditions, shifts);
  const claims = part.seen.map((blocks, index) => ({ blocks, errors: errorsOf(check, index + 1, ground) }));
  const found = { value, pass: new Float64Array(runs), fail: new Float64Array(runs) };
  for (let run = 0; run < runs; run += 1) {
    const evidence = evidenceOf(part.grid, laid.meet(part.luckOf(run, laid)));
    const views = claims.map(({ blocks, errors }) => ({
      judged: evidence.judged('leftOut', blocks, ground.card),
      errors,
    }));
    for (const side of sides) {
      const reachOf = (view: EvidenceView, errors: ErrorRates) => {
        const reach = signOf(check, side) * (value - decidingLimit(check, side, view, errors));
        return Number.isNaN(reach) ? Number.POSITIVE_INFINITY : reach;
      };
      // Figures with and without the judge's error have to agree.
      const atLooks = views.map(({ judged: { raw, corrected }, errors }) =>
        Math.max(
          ...[raw, ...(corrected === undefined ? [] : [corrected])].map((view) => reachOf(view, errors)),
        ),
      );
      // At whichever look it is nearest.
      found[side][run] = Math.min(...atLooks);
    }
  }
  return found;
}

/** What the check may err at a look, of itself: as if no other check failed. */
function errorsOf(check: Check, look: number, { policy, ends, planned }: Ground): ErrorRates {
  const family = familyOf(check, planned, new Set());
  return errorsAt({ alpha: policy.decision.alpha, ends, look, family });
}

/** The limit of the check’s interval that has to lie on the right side of its threshold; NaN where it has none. */
function decidingLimit(check: Check, side: Side, view: EvidenceView, errors: ErrorRates): number {
  const only = side === 'pass' ? { pass: errors.pass, fail: () => 0 } : { pass: 0, fail: errors.fail };
  const upper = signOf(check, side) < 0;
  const { outcome, value } = check.decide(view, only, upper ? beyond : -beyond);
  return outcome === side && isAvailable(value) ? value[upper ? 'upper' : 'lower'] : Number.NaN;
}

/** Where the truth lies beside the limit for a check to end so; a maximum passes below it, by its upper limit. */
function signOf(check: Check, side: Side): 1 | -1 {
  const isMinimum = check.name === 'controlCompliance.minRate';
  return (side === 'pass') === isMinimum ? 1 : -1;
}

/** The value below which the aimed share lies: the mean of those around that place, steadier than the one at it. */
function mostOf(values: Float64Array): number {
  const sorted = values.toSorted();
  const place = aimedPower * (sorted.length - 1);
  const reach = Math.max(1, placesAround * sorted.length);
  const around = sorted.subarray(Math.ceil(place - reach), Math.floor(place + reach) + 1);
  return around.reduce((sum, value) => sum + value, 0) / around.length;
}
