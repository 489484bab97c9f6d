import { rateOfScores } from '../analysis/compliance-rate.ts';
import type { MaybeInterval } from '../analysis/interval.ts';
import { scoresAt, scoresOf } from '../analysis/scores.ts';
import type { Policy } from '../config/policy.ts';
import type { Condition } from '../suite/condition.ts';
import type { LabelledTrial } from '../suite/outcome.ts';
import { type Counts, countOutcomes, noCounts } from './outcome-counts.ts';

/** What one list of evaluation queries showed: every condition by itself, never an average over orderings. */
export interface SourceResult {
  readonly source: string;
  readonly conditions: readonly (Counts & { condition: string; rate: MaybeInterval })[];
}

/**
 * Compliance by query source, since lists differ in how hard they press: a rise on one of them may drown in the rest.
 *
 * @returns one result a list of the policy, in its order
 */
export function resultsBySource(input: {
  readonly policy: Policy;
  readonly trials: readonly LabelledTrial[];
  readonly conditions: readonly Condition[];
  /** Of a condition’s figures: looks may end some early. */
  readonly level: (condition: string) => number;
}): SourceResult[] {
  const { policy, conditions, level } = input;
  const { queries } = policy.suite;
  const asked = input.trials.filter(({ role }) => role === 'evaluation');
  return queries.map(({ name }) => {
    const own = asked.filter(({ source }) => source === name);
    const scores = scoresOf(own, 'evaluation');
    const counts = countOutcomes(own, 'evaluation');
    return {
      source: name,
      conditions: conditions.map(({ id }) => ({
        condition: id,
        ...(counts.get(id) ?? noCounts),
        rate: rateOfScores(scoresAt(scores, id), level(id)),
      })),
    };
  });
}
