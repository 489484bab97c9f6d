import { findRoot } from '../analysis/find-root.ts';
import { inverseLogit } from '../analysis/logistic-fit.ts';
import { ConfigError } from '../config/errors.ts';
import type { Cue } from '../config/sweeps.ts';
import type { Condition } from '../suite/condition.ts';
import type { World, WorldModel } from './world.ts';

/** What a model of a world does in one condition, over all queries and contexts. */
export interface ConditionTruth {
  /** Log-odds of compliance of a middling query in a middling context. */
  readonly logOdds: number;
  /** Share of compliances, in [0, 1]. */
  readonly rate: number;
  /** What the world’s judge would call compliance, were every answer scored. */
  readonly judgedRate: number;
}

/** Steps and reach, in standard deviations, of integrals over normal effects: the trapezoid errs below 1e-9 here. */
const step = 0.25;
const reach = 8;
const points = Array.from({ length: (2 * reach) / step + 1 }, (_, index) => index * step - reach);
const density = points.map((z) => (step * Math.exp((-z * z) / 2)) / Math.sqrt(2 * Math.PI));
/** Shares and variances this close to their bounds are at them. */
const rounding = 1e-9;
/** Log-odds beyond which no rate is looked for. */
const furthest = 60;

/** Mean over a normal effect: the sum of f times the density. */
function overNormal(f: (z: number) => number): number {
  return points.reduce((sum, z, index) => sum + (density[index] ?? 0) * f(z), 0);
}

/**
 * Share of compliances where log-odds are normal: the integral of the inverse logit.
 *
 * @example marginalRate(0, 2) is 0.5; marginalRate(-2, 1) is 0.15546251853012335
 */
export function marginalRate(logOdds: number, variance: number): number {
  if (variance === 0) return inverseLogit(logOdds);
  const sd = Math.sqrt(variance);
  return overNormal((z) => inverseLogit(logOdds + sd * z));
}

/** The log-odds of the middle at which the share of compliances is `rate`, in (0, 1). */
export function logOddsFor(rate: number, variance: number): number {
  return findRoot((logOdds) => marginalRate(logOdds, variance) - rate, -furthest, furthest);
}

/** The function, computing each value once: conditions are often alike, and integrals cost. */
function remember<Value>(compute: (x: number) => Value): (x: number) => Value {
  const known = new Map<number, Value>();
  return (x) => {
    const value = known.get(x) ?? compute(x);
    known.set(x, value);
    return value;
  };
}

/** Variance of log-odds between the answers of one condition. */
export function answerVariance({ variance }: WorldModel): number {
  return variance.query + variance.context + variance.contextByCondition;
}

/**
 * A model’s truth in each condition, by id.
 *
 * @param shifts points by condition id in place of the model’s own; 0 where it names none
 * @throws ConfigError WORLD_IMPOSSIBLE where `points` lead out of (0, 1)
 */
export function truthsOf(
  model: WorldModel,
  conditions: readonly Condition[],
  shifts?: ReadonlyMap<string, number>,
): ReadonlyMap<string, ConditionTruth> {
  const variance = answerVariance(model);
  const intercept = logOddsFor(model.zeroShotRate, variance);
  const middleOf = remember((rate) => logOddsFor(rate, variance));
  const meanOf = remember((logOdds) => marginalRate(logOdds, variance));
  return new Map(
    conditions.map((condition) => {
      const plain = intercept + offsetOf(model, condition);
      const points = shifts === undefined ? model.points : (shifts.get(condition.id) ?? 0);
      const rate = meanOf(plain) + points;
      if (!(rate > 0 && rate < 1)) throw impossible(condition.id, rate);
      const logOdds = points === 0 ? plain : middleOf(rate);
      return [condition.id, { logOdds, rate, judgedRate: judged(model, cueOf(condition), rate) }];
    }),
  );
}

function offsetOf(model: WorldModel, condition: Condition): number {
  const { benign, harmful, ordering, carrier, benignSource, systemPrompt } = condition;
  const { effects, orderings, carriers, cues, benignSources, systemPrompts } = model;
  const [b, h] = [Math.log2(1 + benign), Math.log2(1 + harmful)];
  const cue = cueOf(condition);
  const shown = benign + harmful > 0;
  return (
    effects.benign * b +
    effects.harmful * h +
    effects.interaction * b * h +
    (benign > 0 && harmful > 0 ? (orderings[ordering] ?? 0) : 0) +
    (shown ? (carriers[carrier] ?? 0) : 0) +
    (cue === undefined ? 0 : (cues[cue] ?? 0)) +
    (benignSources[benignSource] ?? 0) +
    (systemPrompts[systemPrompt] ?? 0)
  );
}

/** The cue that a condition shows, on whichever demonstrations. */
export function cueOf({ formatCue }: Pick<Condition, 'formatCue'>): Cue | undefined {
  if (formatCue.startsWith('neutral')) return 'neutral';
  return formatCue.startsWith('comply') ? 'comply' : undefined;
}

/** Share of answers that the model’s judge calls compliance where `rate` of them are. */
function judged(model: WorldModel, cue: Cue | undefined, rate: number): number {
  return judgedAnswers(model, cue, rate).reduce((sum, { share, called }) => sum + share * called, 0);
}

/** Answers by what they are: their share, whether the cue is copied, and how often the judge calls them compliance. */
function judgedAnswers({ judge, formats }: WorldModel, cue: Cue | undefined, rate: number) {
  const copies = (cue === undefined ? undefined : formats[cue]) ?? { ofCompliances: 0, ofRefusals: 0 };
  return [true, false].flatMap((copied) => {
    const { sensitivity, specificity } = copied ? (judge.onCopiedFormats ?? judge) : judge;
    const part = (share: number) => (copied ? share : 1 - share);
    return [
      { copied, complies: true, share: rate * part(copies.ofCompliances), called: sensitivity },
      { copied, complies: false, share: (1 - rate) * part(copies.ofRefusals), called: 1 - specificity },
    ];
  });
}

/** Shares of refusals and of compliances that copy the cue. */
export interface CopiedShares {
  readonly refusals: number;
  readonly compliances: number;
}

/**
 * How often answers copy a cue that was shown where `rate` of them comply: by what they are, and by what the model’s
 * judge calls them; NaN where there are none of a kind.
 */
export function copiedShares(
  model: WorldModel,
  cue: Cue,
  rate: number,
): Readonly<Record<'truth' | 'judged', CopiedShares>> {
  const answers = judgedAnswers(model, cue, rate);
  const among = (weightOf: (answer: (typeof answers)[number]) => number) => {
    const total = answers.reduce((sum, one) => sum + weightOf(one), 0);
    return answers.reduce((sum, one) => sum + (one.copied ? weightOf(one) : 0), 0) / total;
  };
  return {
    truth: {
      refusals: among(({ share, complies }) => (complies ? 0 : share)),
      compliances: among(({ share, complies }) => (complies ? share : 0)),
    },
    judged: {
      refusals: among(({ share, called }) => share * (1 - called)),
      compliances: among(({ share, called }) => share * called),
    },
  };
}

/** Shares of pairs that can differ where a candidate has the baseline’s own distribution. */
export interface DiscordanceRange {
  /** With the same luck in every trial. */
  readonly least: number;
  /** With luck of their own. */
  readonly most: number;
}

/** What the world’s correlations leave possible, over the given conditions. */
export function discordanceRange(
  { query, context }: NonNullable<World['baseline']>['correlation'],
  model: WorldModel,
  truths: readonly ConditionTruth[],
): DiscordanceRange {
  const { variance } = model;
  const shared = query * variance.query + context * (variance.context + variance.contextByCondition);
  const differ = remember((logOdds) => differing(logOdds, shared, answerVariance(model) - shared));
  const ranges = truths.map(({ logOdds }) => differ(logOdds));
  const mean = (of: 'least' | 'most') => ranges.reduce((sum, range) => sum + range[of], 0) / ranges.length;
  return { least: mean('least'), most: mean('most') };
}

/**
 * How often a candidate’s answer is drawn anew instead of being the baseline’s in luck, so that a candidate with the
 * baseline’s own distribution differs from it in the world’s share of pairs, over the given conditions.
 *
 * @throws ConfigError WORLD_IMPOSSIBLE where no luck gives that share, with the shares that are possible
 */
export function redrawShare(
  { discordance, correlation }: NonNullable<World['baseline']>,
  model: WorldModel,
  truths: readonly ConditionTruth[],
): number {
  const { least, most } = discordanceRange(correlation, model, truths);
  const share = (discordance - least) / (most - least);
  if (share >= -rounding && share <= 1 + rounding) return Math.min(1, Math.max(0, share));
  throw new ConfigError({
    code: 'WORLD_IMPOSSIBLE',
    where: 'world baseline.discordance',
    expected: `a share from ${least.toFixed(4)} to ${most.toFixed(4)} at these rates and variances`,
    got: String(discordance),
    remedy: 'change the discordance, the rates, or the correlations between candidate and baseline',
  });
}

/** Share of pairs that differ with the same luck and with luck of their own, where effects are shared in part. */
function differing(logOdds: number, shared: number, own: number): { least: number; most: number } {
  const [common, alone] = [Math.sqrt(shared), Math.sqrt(own > rounding * shared ? own : 0)];
  const rates = (z: number) =>
    (alone === 0 ? [0] : points).map((y) => inverseLogit(logOdds + common * z + alone * y));
  const weights = alone === 0 ? [1] : density;
  const most = overNormal((z) => {
    const mean = rates(z).reduce((sum, p, index) => sum + (weights[index] ?? 0) * p, 0);
    return 2 * mean * (1 - mean);
  });
  const least = overNormal((z) => meanAbsoluteDifference(rates(z), weights));
  return { least, most };
}

/** Of two independent draws from rising values: 2 times the sum of F (1 - F) over the gaps between them (Gini). */
function meanAbsoluteDifference(rising: readonly number[], weights: readonly number[]): number {
  let below = 0;
  let total = 0;
  for (let index = 1; index < rising.length; index += 1) {
    below += weights[index - 1] ?? 0;
    total += 2 * below * (1 - below) * ((rising[index] ?? 0) - (rising[index - 1] ?? 0));
  }
  return total;
}

function impossible(condition: string, rate: number): ConfigError {
  return new ConfigError({
    code: 'WORLD_IMPOSSIBLE',
    where: `world at ${condition}`,
    expected: 'a compliance rate between 0 and 1',
    got: String(rate),
    remedy: 'bring points, or the effects that lead there, nearer to 0',
  });
}
