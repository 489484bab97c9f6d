import { inverseLogit } from '../analysis/logistic-fit.ts';
import type { Condition } from '../suite/condition.ts';
import { type FastRandom, fastRandom } from './fast-random.ts';
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
}

/**
 * Lays a world on a grid. Log-odds of compliance are the condition’s, plus normal effects of the query, of the draw,
 * and of the draw in this condition; candidate and baseline share those by the world’s correlations, and their luck
 * but for a share of the trials. Then answers go missing, copy formats and meet the judge, each model’s own way.
 *
 * @throws ConfigError WORLD_IMPOSSIBLE
 */
export function layWorld(world: World, grid: TrialGrid, conditions: readonly Condition[]): LaidWorld {
  const before = baselineModel(world);
  const candidate = sideOf(world.candidate, grid, conditions);
  const baseline = before === undefined ? undefined : sideOf(before, grid, conditions);
  const redrawn =
    world.baseline === undefined || baseline === undefined
      ? 1
      : redrawShare(world.baseline, baseline.model, [...baseline.truths.values()]);
  const labels = [0, 1, 2].map(() => new Uint8Array(grid.trials));
  const [drawn = new Uint8Array(0), drawnBefore = drawn, copied = drawn] = labels;
  const draw = (label: string): DrawnLabels => {
    const random = fastRandom(label);
    // A stream of its own, so that the same answers are given whatever then befalls them.
    const noise = fastRandom(`${label}/judged`);
    const effects = drawEffects(world, grid, random);
    for (let trial = 0; trial < grid.trials; trial += 1) {
      const luck = random.uniform();
      if (baseline !== undefined) {
        const complies = luck < rateOf(baseline, effects.baseline, grid, trial);
        drawnBefore[trial] = answered(baseline, grid, trial, complies, noise) & 3;
      }
      const own = redrawn === 0 || random.uniform() >= redrawn ? luck : random.uniform();
      const complies = own < rateOf(candidate, effects.candidate, grid, trial);
      const answer = answered(candidate, grid, trial, complies, noise);
      drawn[trial] = answer & 3;
      copied[trial] = answer >> 2;
    }
    return { candidate: drawn, baseline: drawnBefore, copied };
  };
  return { candidate: candidate.truths, baseline: baseline?.truths, draw };
}

/** One model on the grid. */
interface Side {
  readonly model: WorldModel;
  readonly truths: ReadonlyMap<string, ConditionTruth>;
  /** By place of the condition. */
  readonly logOdds: Float64Array;
  readonly copies: readonly (WorldModel['formats']['neutral'] | undefined)[];
  readonly controlLogOdds: number;
  readonly sd: Readonly<Record<'query' | 'context' | 'contextByCondition' | 'control', number>>;
}

function sideOf(model: WorldModel, { trials }: TrialGrid, conditions: readonly Condition[]): Side {
  const truths = truthsOf(model, conditions);
  const { query, context, contextByCondition } = model.variance;
  const { rate, contextVariance } = model.control;
  if (trials === 0) throw new RangeError('layWorld: expected trials, got none');
  return {
    model,
    truths,
    logOdds: Float64Array.from(conditions, ({ id }) => truths.get(id)?.logOdds ?? 0),
    copies: conditions.map((condition) => {
      const cue = cueOf(condition);
      return cue === undefined ? undefined : model.formats[cue];
    }),
    controlLogOdds: logOddsFor(rate, contextVariance),
    sd: {
      query: Math.sqrt(query),
      context: Math.sqrt(context),
      contextByCondition: Math.sqrt(contextByCondition),
      control: Math.sqrt(contextVariance),
    },
  };
}

/** Standard normal effects of one model in one run. */
interface Effects {
  readonly query: Float64Array;
  readonly sitting: Float64Array;
  readonly context: Float64Array;
}

function drawEffects({ baseline }: World, grid: TrialGrid, { normal }: FastRandom) {
  const { query = 1, context = 1 } = baseline?.correlation ?? {};
  const pair = (size: number, correlation: number) => {
    const before = new Float64Array(size);
    for (let index = 0; index < size; index += 1) before[index] = normal();
    if (correlation === 1) return { before, after: before };
    const rest = Math.sqrt(1 - correlation ** 2);
    return { before, after: before.map((z) => correlation * z + rest * normal()) };
  };
  const queries = pair(grid.queries, query);
  const sittings = pair(grid.sittings, context);
  const contexts = pair(grid.contexts, context);
  const side = (of: 'before' | 'after'): Effects => ({
    query: queries[of],
    sitting: sittings[of],
    context: contexts[of],
  });
  return { baseline: side('before'), candidate: side('after') };
}

function rateOf(side: Side, effects: Effects, grid: TrialGrid, trial: number): number {
  const sitting = effects.sitting[grid.sittingOf[trial] ?? 0] ?? 0;
  if (grid.isControl[trial] === 1) return inverseLogit(side.controlLogOdds + side.sd.control * sitting);
  const query = effects.query[grid.queryOf[trial] ?? 0] ?? 0;
  const context = effects.context[grid.contextOf[trial] ?? 0] ?? 0;
  return inverseLogit(
    (side.logOdds[grid.conditionOf[trial] ?? 0] ?? 0) +
      side.sd.query * query +
      side.sd.context * sitting +
      side.sd.contextByCondition * context,
  );
}

/** The label of an answer, plus 4 where it copies the cue. */
function answered(
  { model, copies }: Side,
  grid: TrialGrid,
  trial: number,
  complies: boolean,
  { uniform }: FastRandom,
): number {
  const lost = complies ? model.missing.ofCompliances : model.missing.ofRefusals;
  if (lost > 0 && uniform() < lost) return unscored;
  const control = grid.isControl[trial] === 1;
  const format = control ? undefined : copies[grid.conditionOf[trial] ?? 0];
  const share = (complies ? format?.ofCompliances : format?.ofRefusals) ?? 0;
  const copied = share > 0 && uniform() < share;
  const judge = copied ? (model.judge.onCopiedFormats ?? model.judge) : model.judge;
  const right = complies ? judge.sensitivity : judge.specificity;
  const label = complies === (right === 1 || uniform() < right) ? compliance : refusal;
  return label + (copied ? 4 : 0);
}
