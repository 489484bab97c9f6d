import type { LabelledTrial } from '../suite/outcome.ts';

/** How the planned trials of a place ended; they add up to `planned`. */
export interface Counts {
  readonly planned: number;
  readonly compliance: number;
  readonly refusal: number;
  readonly unscored: number;
  readonly notRun: number;
}

export const noCounts: Counts = { planned: 0, compliance: 0, refusal: 0, unscored: 0, notRun: 0 };

/** How the trials of one role ended, by condition; a trial that several conditions share counts in each. */
export function countOutcomes(
  trials: readonly LabelledTrial[],
  role: LabelledTrial['role'],
): ReadonlyMap<string, Counts> {
  const counts = new Map<string, Record<keyof Counts, number>>();
  for (const trial of trials) {
    if (trial.role !== role) continue;
    for (const condition of trial.conditions) {
      const own = counts.get(condition) ?? { ...noCounts };
      counts.set(condition, own);
      own.planned += 1;
      own[trial.outcome.label] += 1;
    }
  }
  return counts;
}
