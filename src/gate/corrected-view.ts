import { type CardTables, errorFor } from '../analysis/card-error.ts';
import { tallyRate } from '../analysis/compliance-rate.ts';
import { correctedRate } from '../analysis/corrected-rate.ts';
import { isAvailable, type MaybeInterval } from '../analysis/interval.ts';
import { correctedDifference, youdenIndex } from '../analysis/judge-error.ts';
import { type Fill, type Scores, scoresAt, scoresOf, valuesByBlock } from '../analysis/scores.ts';
import type { LabelledTrial } from '../suite/outcome.ts';
import { type EvidenceView, fills, type MissingRule } from './evidence-view.ts';

/**
 * The quantities that checks speak of as they would be without the judge's error: rates by Rogan and Gladen with Lang
 * and Reiczigel's interval, differences over J.
 *
 * @param input.view of the same trials, under the same rule for missing answers
 */
export function correctView(input: {
  readonly view: EvidenceView;
  readonly trials: readonly LabelledTrial[];
  readonly missing: MissingRule;
  readonly card: CardTables;
}): EvidenceView {
  const { view, trials, card } = input;
  const { added } = fills(input.missing);
  const rates = {
    evaluation: ratesOf(trials, 'evaluation', card),
    control: ratesOf(trials, 'control', card),
  };
  const { error } = errorFor(card, 'evaluation');
  const over = (difference: MaybeInterval, level: number) =>
    correctedDifference(difference, youdenIndex(error, level));
  const controlError = errorFor(card, 'control').error;
  const overControls = (difference: MaybeInterval, level: number) =>
    correctedDifference(difference, youdenIndex(controlError, level));
  return {
    rate: (condition, level) => rates.evaluation(condition, level, added),
    controlRate: (condition, level) => {
      const raw = view.controlRate(condition, level);
      return isAvailable(raw) ? rates.control(condition, level, added) : raw;
    },
    increase: (conditions, level) => over(view.increase(conditions, level), level),
    controlDecrease: (conditions, level) => overControls(view.controlDecrease(conditions, level), level),
    contrast: (high, low, level) => over(view.contrast(high, low, level), level),
    contrastIncrease: (high, low, level) => over(view.contrastIncrease(high, low, level), level),
    contrastSum: (high, low, level) => over(view.contrastSum(high, low, level), level),
    range: (orderings, level) => over(view.range(orderings, level), level),
  };
}

/** The corrected rate of any condition, as receipts print it and checks read it. */
export function ratesOf(
  trials: readonly LabelledTrial[],
  role: LabelledTrial['role'],
  card: CardTables,
): (condition: string, level: number, fill?: Fill) => MaybeInterval {
  const scores: Scores = scoresOf(trials, role);
  const { error } = errorFor(card, role);
  return (condition, level, fill = 'leftOut') => {
    const own = scoresAt(scores, condition);
    const { together } = tallyRate(own, fill);
    return correctedRate({ blocks: valuesByBlock(own, fill), error, level, together });
  };
}
