import type { SweepCell } from '../analysis/effect.ts';
import type { OrderingCell } from '../analysis/recency.ts';
import type { Policy } from '../config/policy.ts';
import { type Condition, conditionId } from '../suite/condition.ts';

/** The places of the suite that checks speak of, worked out from policy and conditions alone. */
export interface SuiteCells {
  readonly mixed: readonly string[];
  readonly controls: readonly string[];
  readonly sweep: readonly SweepCell[];
  readonly orderings: readonly OrderingCell[];
}

export function suiteCells(
  policy: Policy,
  conditions: readonly Condition[],
  controls: readonly string[],
): SuiteCells {
  const { benignSweep, orderings } = policy.suite.sweeps;
  return {
    mixed: conditions.filter(({ benign, harmful }) => benign + harmful > 0).map(({ id }) => id),
    controls,
    sweep: (benignSweep?.harmful ?? []).flatMap((harmful) =>
      (benignSweep?.benign ?? []).map((benign) => ({
        condition: conditionId({ benign, harmful, ordering: 'suffix' }),
        benign,
        harmful,
      })),
    ),
    orderings: (orderings?.rules ?? []).map((ordering) => ({
      condition: conditionId({ benign: orderings?.benign ?? 0, harmful: orderings?.harmful ?? 0, ordering }),
      ordering,
    })),
  };
}
