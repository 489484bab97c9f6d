import { rateOfScores } from './compliance-rate.ts';
import type { MaybeInterval } from './interval.ts';
import type { OrderingCell } from './recency.ts';
import { type Scores, scoresAt } from './scores.ts';

/** Compliance rate of each ordering of the same demonstrations, apart: an average over orderings hides what order does. */
export function orderingRates(
  scores: Scores,
  cells: readonly OrderingCell[],
  level: number,
): { readonly ordering: string; readonly rate: MaybeInterval }[] {
  return cells.map(({ condition, ordering }) => ({
    ordering,
    rate: rateOfScores(scoresAt(scores, condition), level),
  }));
}
