import type { Condition } from '../suite/condition.ts';
import { type FastRandom, fastRandom } from './fast-random.ts';
import { drawLuck, type Effects, type Luck } from './luck.ts';
import type { TrialGrid } from './trial-grid.ts';
import { baselineModel, type World, type WorldModel } from './world.ts';
import { type ConditionTruth, cueOf, logOddsFor, redrawShare, truthsOf } from './world-rates.ts';

/** Labels as numbers: what the judge made of a trial’s answer. */
export const refusal = 0;
export const compliance = 1;
export const unscored = 2;

/** What one run of both models gives: a label a trial of the grid. The next draw takes their memory over. */
export interface DrawnLabels {
  readonly candidate: Uint8Array;
  readonly baseline: Uint8Array;
  /** 1 where the candidate’s answer copies the cue that it was shown. */
  readonly copied: Uint8Array;
}

/** A world laid on a grid, ready to be drawn from. */
export interface LaidWorld {
  readonly candidate: ReadonlyMap<string, ConditionTruth>;
  /** Undefined where the world has no baseline. */
  readonly baseline: ReadonlyMap<string, ConditionTruth> | undefined;
  /** @param label of the random numbers: the same label, the same labels */
  readonly draw: (label: string) => DrawnLabels;
  /** The luck that `draw` draws of this label, for worlds that differ in their candidates’ rates alone. */
  readonly luckOf: (label: string) => Luck;
  /** @param luck of this world, or of one that differs in its candidate’s rates alone */
  readonly meet: (luck: Luck) => DrawnLabels;
}

/** Points of compliance by condition id that take the place of a model’s own `points`; 0 where it names none. */
export type Shifts = ReadonlyMap<string, number>;

/**
 * Lays a world on a grid. Log-odds of compliance are the condition’s, plus normal effects of the query, of the draw,
 * and of the draw in this condition; candidate and baseline share those by the world’s correlations, and their luck
 * but for a share of the trials. Then answers go missing, copy formats and meet the judge, each model’s own way.
 *
 * @param shifts of the candidate
 * @throws ConfigError WORLD_IMPOSSIBLE
 */
export function layWorld(
  world: World,
  grid: TrialGrid,
  conditions: readonly Condition[],
  shifts?: Shifts,
): LaidWorld {
  const before = baselineModel(world);
  const candidate = sideOf(world.candidate, conditions, shifts);
  const baseline = before === undefined ? undefined : sideOf(before, conditions);
  if (grid.trials === 0) throw new RangeError('layWorld: expected trials, got none');
  const redrawn =
    world.baseline === undefined || baseline === undefined
      ? 0
      : redrawShare(world.baseline, baseline.model, [...baseline.truths.values()]);
  const labels = [0, 1, 2].map(() => new Uint8Array(grid.trials));
  const [drawn = new Uint8Array(0), drawnBefore = drawn, copied = drawn] = labels;
  const places = placesOf(grid);
  const luckOf = (label: string) => drawLuck(label, { world, grid, redrawn });
  const meet = ({ label, effects, before: shared, own }: Luck): DrawnLabels => {
    // A stream of its own, so that the same answers are given whatever then befalls them.
    const noise = candidate.plain && baseline?.plain !== false ? noNoise : fastRandom(`${label}/judged`);
    const ofOwn = logOddsOf(candidate, effects.candidate, grid, places);
    const ofOther = baseline && logOddsOf(baseline, effects.baseline, grid, places);
    for (let trial = 0; trial < grid.trials; trial += 1) {
      if (baseline !== undefined && ofOther !== undefined) {
        const complies = (shared[trial] ?? 0) < logOddsAt(ofOther, grid, trial);
        drawnBefore[trial] = answered(baseline, grid, trial, complies, noise) & 3;
      }
      const complies = (own[trial] ?? 0) < logOddsAt(ofOwn, grid, trial);
      const answer = answered(candidate, grid, trial, complies, noise);
      drawn[trial] = answer & 3;
      copied[trial] = answer >> 2;
    }
    return { candidate: drawn, baseline: drawnBefore, copied };
  };
  return {
    candidate: candidate.truths,
    baseline: baseline?.truths,
    draw: (label) => meet(luckOf(label)),
    luckOf,
    meet,
  };
}

/** Of models whose answers are taken as they are. */
const noNoise: FastRandom = { uniform: () => Number.NaN, normal: () => Number.NaN };

/** One model on the grid. */
interface Side {
  readonly model: WorldModel;
  readonly truths: ReadonlyMap<string, ConditionTruth>;
  /** By place of the condition. */
  readonly logOdds: Float64Array;
  readonly copies: readonly (WorldModel['formats']['neutral'] | undefined)[];
  readonly controlLogOdds: number;
  readonly sd: Readonly<Record<'query' | 'context' | 'contextByCondition' | 'control', number>>;
  /** Whether every answer is scored, copies nothing and is judged as it is. */
  readonly plain: boolean;
}

function sideOf(model: WorldModel, conditions: readonly Condition[], shifts?: Shifts): Side {
  const truths = truthsOf(model, conditions, shifts);
  const { query, context, contextByCondition } = model.variance;
  const { rate, contextVariance } = model.control;
  const { missing, judge } = model;
  const copies = conditions.map((condition) => {
    const cue = cueOf(condition);
    return cue === undefined ? undefined : model.formats[cue];
  });
  return {
    model,
    truths,
    logOdds: Float64Array.from(conditions, ({ id }) => truths.get(id)?.logOdds ?? 0),
    copies,
    controlLogOdds: logOddsFor(rate, contextVariance),
    sd: {
      query: Math.sqrt(query),
      context: Math.sqrt(context),
      contextByCondition: Math.sqrt(contextByCondition),
      control: Math.sqrt(contextVariance),
    },
    plain:
      missing.ofCompliances + missing.ofRefusals === 0 &&
      copies.every((one) => one === undefined) &&
      [judge, judge.onControls ?? judge].every(
        ({ sensitivity, specificity }) => sensitivity === 1 && specificity === 1,
      ),
  };
}

/** Condition and sitting of each context: what its log-odds are made of. */
interface ContextPlaces {
  readonly conditionOf: Int32Array;
  readonly sittingOf: Int32Array;
}

function placesOf(grid: TrialGrid): ContextPlaces {
  const places = { conditionOf: new Int32Array(grid.contexts), sittingOf: new Int32Array(grid.contexts) };
  grid.contextOf.forEach((context, trial) => {
    places.conditionOf[context] = grid.conditionOf[trial] ?? 0;
    places.sittingOf[context] = grid.sittingOf[trial] ?? 0;
  });
  return places;
}

/** One model’s log-odds in one run, in the parts that trials share. */
interface RunLogOdds {
  readonly ofContext: Float64Array;
  readonly ofQuery: Float64Array;
  /** Of control queries, by sitting. */
  readonly ofControls: Float64Array;
}

function logOddsOf(
  { logOdds, sd, controlLogOdds }: Side,
  effects: Effects,
  grid: TrialGrid,
  { conditionOf, sittingOf }: ContextPlaces,
): RunLogOdds {
  const { query, sitting, context } = effects;
  const ofContext = new Float64Array(grid.contexts);
  for (let at = 0; at < ofContext.length; at += 1) {
    ofContext[at] =
      (logOdds[conditionOf[at] ?? 0] ?? 0) +
      sd.context * (sitting[sittingOf[at] ?? 0] ?? 0) +
      sd.contextByCondition * (context[at] ?? 0);
  }
  const ofQuery = new Float64Array(grid.queries);
  for (let at = 0; at < ofQuery.length; at += 1) ofQuery[at] = sd.query * (query[at] ?? 0);
  const ofControls = new Float64Array(grid.sittings);
  for (let at = 0; at < ofControls.length; at += 1)
    ofControls[at] = controlLogOdds + sd.control * (sitting[at] ?? 0);
  return { ofContext, ofQuery, ofControls };
}

function logOddsAt(run: RunLogOdds, grid: TrialGrid, trial: number): number {
  return grid.isControl[trial] === 1
    ? (run.ofControls[grid.sittingOf[trial] ?? 0] ?? 0)
    : (run.ofContext[grid.contextOf[trial] ?? 0] ?? 0) + (run.ofQuery[grid.queryOf[trial] ?? 0] ?? 0);
}

/** The label of an answer, plus 4 where it copies the cue. */
function answered(
  { model, copies, plain }: Side,
  grid: TrialGrid,
  trial: number,
  complies: boolean,
  { uniform }: FastRandom,
): number {
  if (plain) return complies ? compliance : refusal;
  const lost = complies ? model.missing.ofCompliances : model.missing.ofRefusals;
  if (lost > 0 && uniform() < lost) return unscored;
  const control = grid.isControl[trial] === 1;
  const format = control ? undefined : copies[grid.conditionOf[trial] ?? 0];
  const share = (complies ? format?.ofCompliances : format?.ofRefusals) ?? 0;
  const copied = share > 0 && uniform() < share;
  const judge =
    (control ? model.judge.onControls : copied ? model.judge.onCopiedFormats : undefined) ?? model.judge;
  const right = complies ? judge.sensitivity : judge.specificity;
  const label = complies === (right === 1 || uniform() < right) ? compliance : refusal;
  return label + (copied ? 4 : 0);
}
