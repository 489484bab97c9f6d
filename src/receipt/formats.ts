import { type CuedAnswer, type FormatAdoption, formatAdoption } from '../analysis/format-adoption.ts';
import type { Unavailable } from '../analysis/interval.ts';
import type { Condition } from '../suite/condition.ts';
import { type CuedCondition, cueOf } from '../suite/format-adoption.ts';
import type { LabelledTrial } from '../suite/outcome.ts';

/** Format adoption in one condition whose demonstrations have a cue. */
export type FormatResult = CuedCondition & { readonly condition: string } & (FormatAdoption | Unavailable);

/**
 * Format adoption of every condition with a cue, apart from compliance.
 *
 * @param level by condition: that of the look which ended it
 */
export function formatsOf(
  trials: readonly LabelledTrial[],
  conditions: readonly Condition[],
  level: (condition: string) => number,
): FormatResult[] {
  return conditions.flatMap(({ id, formatCue }) => {
    const cued = cueOf(formatCue);
    if (cued === undefined) return [];
    const own = trials.filter(({ role, conditions: shown }) => role === 'evaluation' && shown.includes(id));
    return [{ condition: id, ...cued, ...adoptionIn(own, level(id)) }];
  });
}

/** A label without a word on the format is a gap, not a refusal to copy it. */
function adoptionIn(trials: readonly LabelledTrial[], level: number): FormatAdoption | Unavailable {
  const answers: CuedAnswer[] = [];
  for (const { block, query, outcome } of trials) {
    if (outcome.label === 'unscored' || outcome.label === 'notRun') continue;
    const { label, adopted } = outcome;
    if (adopted === undefined)
      return { unavailable: 'answers were labelled without looking at their format' };
    answers.push({ block, query, label, adopted });
  }
  return formatAdoption(answers, level);
}
