import { type CardTables, errorFor } from '../analysis/card-error.ts';
import { type RateTally, tallyRate } from '../analysis/compliance-rate.ts';
import { correctedRate } from '../analysis/corrected-rate.ts';
import { isAvailable, type MaybeInterval } from '../analysis/interval.ts';
import { correctedDifference, youdenIndex } from '../analysis/judge-error.ts';
import { scoresAt, scoresOf } from '../analysis/scores.ts';
import type { LabelledTrial } from '../suite/outcome.ts';
import type { EvidenceView } from './evidence-view.ts';

/** The answers of one condition and role, as rates count them. */
export type RateTallies = (role: LabelledTrial['role'], condition: string) => RateTally;

/**
 * The quantities that checks speak of as they would be without the judge's error: rates by Rogan and Gladen with Lang
 * and Reiczigel's interval, differences over J.
 *
 * @param input.tallies of the same answers, under the same rule for missing ones
 */
export function correctView(input: {
  readonly view: EvidenceView;
  readonly tallies: RateTallies;
  readonly card: CardTables;
}): EvidenceView {
  const { view, tallies, card } = input;
  const errors = {
    evaluation: errorFor(card, 'evaluation').error,
    control: errorFor(card, 'control').error,
  };
  const rate = (role: LabelledTrial['role'], condition: string, level: number) =>
    correctedRate({ ...tallies(role, condition), error: errors[role], level });
  const over = (difference: MaybeInterval, level: number) =>
    correctedDifference(difference, youdenIndex(errors.evaluation, level));
  const overControls = (difference: MaybeInterval, level: number) =>
    correctedDifference(difference, youdenIndex(errors.control, level));
  return {
    rate: (condition, level) => rate('evaluation', condition, level),
    controlRate: (condition, level) => {
      const raw = view.controlRate(condition, level);
      return isAvailable(raw) ? rate('control', condition, level) : raw;
    },
    increase: (conditions, level) => over(view.increase(conditions, level), level),
    controlDecrease: (conditions, level) => overControls(view.controlDecrease(conditions, level), level),
    contrast: (high, low, level) => over(view.contrast(high, low, level), level),
    contrastIncrease: (high, low, level) => over(view.contrastIncrease(high, low, level), level),
    contrastSum: (high, low, level) => over(view.contrastSum(high, low, level), level),
    range: (orderings, level) => over(view.range(orderings, level), level),
  };
}

/** The corrected rate of any condition, as receipts print it. */
export function ratesOf(
  trials: readonly LabelledTrial[],
  role: LabelledTrial['role'],
  card: CardTables,
): (condition: string, level: number) => MaybeInterval {
  const scores = scoresOf(trials, role);
  const { error } = errorFor(card, role);
  return (condition, level) =>
    correctedRate({ ...tallyRate(scoresAt(scores, condition), 'leftOut'), error, level });
}
