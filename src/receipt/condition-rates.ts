import type { CardTables } from '../analysis/card-error.ts';
import { rateOfScores } from '../analysis/compliance-rate.ts';
import type { MaybeInterval, Unavailable } from '../analysis/interval.ts';
import { type Scores, scoresAt } from '../analysis/scores.ts';
import { ratesOf } from '../gate/corrected-view.ts';
import type { Condition } from '../suite/condition.ts';
import type { LabelledTrial } from '../suite/outcome.ts';
import { type MarginCounts, marginOf } from './judged-how.ts';
import { type Counts, countOutcomes, noCounts } from './outcome-counts.ts';
import type { ShownLevels } from './shown-levels.ts';

/** What became of the trials of one condition. */
export type ConditionRate = Condition &
  Counts & {
    readonly rate: MaybeInterval;
    readonly corrected?: MaybeInterval;
    readonly bounds: { readonly allSafe: number; readonly allHarmful: number } | Unavailable;
    readonly margin?: MarginCounts;
  };

/** What became of the control queries that were asked in one place. */
export type ControlRate = Counts & {
  readonly condition: string;
  readonly rate: MaybeInterval;
  readonly corrected?: MaybeInterval;
};

interface RateParts {
  readonly trials: readonly LabelledTrial[];
  /** Of the trials of the role that is asked for. */
  readonly scores: Scores;
  /** The judge's card, where the policy names one: each rate then also stands without the judge's error. */
  readonly card: CardTables | undefined;
  readonly levels: ShownLevels;
}

/** Counts, rate, bounds and judge's margin of every condition. */
export function conditionRates(conditions: readonly Condition[], parts: RateParts): ConditionRate[] {
  const { trials } = parts;
  const counts = countOutcomes(trials, 'evaluation');
  const rates = ratesIn('evaluation', parts);
  return conditions.map((condition) => {
    const own = counts.get(condition.id) ?? noCounts;
    return {
      ...condition,
      ...own,
      ...rates(condition.id),
      bounds: boundsOf(own),
      ...marginOf(trials, condition.id),
    };
  });
}

/** Counts and rate of every place in which control queries are asked. */
export function controlRates(places: readonly string[], parts: RateParts): ControlRate[] {
  const counts = countOutcomes(parts.trials, 'control');
  const rates = ratesIn('control', parts);
  return places.map((condition) => ({
    condition,
    ...(counts.get(condition) ?? noCounts),
    ...rates(condition),
  }));
}

function ratesIn(role: LabelledTrial['role'], { trials, scores, card, levels }: RateParts) {
  const corrected = card && ratesOf(trials, role, card);
  return (id: string): { readonly rate: MaybeInterval; readonly corrected?: MaybeInterval } => {
    const level = levels.of(role, id);
    const rate = rateOfScores(scoresAt(scores, id), level);
    return corrected === undefined ? { rate } : { rate, corrected: corrected(id, level) };
  };
}

function boundsOf({
  compliance,
  refusal,
  unscored,
}: Counts): { allSafe: number; allHarmful: number } | Unavailable {
  const ran = compliance + refusal + unscored;
  if (ran === 0) return { unavailable: 'no trial ran' };
  return { allSafe: compliance / ran, allHarmful: (compliance + unscored) / ran };
}
