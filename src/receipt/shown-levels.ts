import type { LookRecord } from '../gate/look-record.ts';
import { nominalError, smallestError } from '../gate/looks.ts';
import { type LabelledTrial, lookOfReason } from '../suite/outcome.ts';

type Role = LabelledTrial['role'];

/** The levels of the figures that a receipt shows. */
export interface ShownLevels {
  /** Of a rate, a difference or an effect over these conditions, by the policy's alpha. */
  of(role: Role, ...conditions: readonly string[]): number;
  /** Of a figure that stands beside the checks for people. */
  beside(conditions: readonly string[]): number;
  /** One-sided errors at which the effect over these conditions is given its label. */
  label(conditions: readonly string[]): {
    readonly sign: (claims: number) => number;
    readonly equivalence: number;
  };
}

/** One-sided error of the figures that stand beside the checks for people, over all looks; each check has its own. */
const besideError = 0.025;
/** Two one-sided tests at this error are the 90 % interval of the policy's `effect.equivalence`. */
const equivalenceError = 0.05;

/** @param alpha one-sided error of each check, as the policy has it */
export function levelsOf(
  trials: readonly LabelledTrial[],
  looks: Pick<LookRecord, 'planned'>,
  alpha: number,
): ShownLevels {
  const errors = errorsOf(trials, looks);
  const error = (conditions: readonly string[], of: number) =>
    Math.max(smallestError, errors('evaluation', conditions, of));
  return {
    of: (role, ...conditions) => 1 - 2 * errors(role, conditions, alpha),
    beside: (conditions) => 1 - 2 * error(conditions, besideError),
    label: (conditions) => ({
      sign: (claims) => error(conditions, besideError / claims),
      equivalence: error(conditions, equivalenceError),
    }),
  };
}

/**
 * The one-sided error of a figure over conditions, of alpha over all looks: that of the look which ended the first of
 * them. A run that stopped early for what it saw has intervals that hold only at that look's own level.
 */
export function errorsOf(trials: readonly LabelledTrial[], { planned }: Pick<LookRecord, 'planned'>) {
  const ended = new Map<string, number>();
  for (const { role, conditions, outcome } of trials) {
    const look = outcome.label === 'notRun' ? lookOfReason(outcome.reason) : undefined;
    if (look === undefined) continue;
    for (const id of conditions) {
      const key = `${role} ${id}`;
      ended.set(key, Math.min(look, ended.get(key) ?? look));
    }
  }
  return (role: Role, conditions: readonly string[], alpha: number): number => {
    const looks = conditions.map((id) => ended.get(`${role} ${id}`) ?? planned.length);
    return nominalError(alpha, planned, Math.min(planned.length, ...looks));
  };
}
