import type { Policy } from '../config/policy.ts';
import { type Condition, conditionId, type Mixture } from './condition.ts';

/** What two conditions may differ in beside the demonstrations' numbers and order, which have analyses of their own. */
export const factors = ['benignSource', 'formatCue', 'carrier', 'systemPrompt'] as const;
export type Factor = (typeof factors)[number];

/** A condition, and the one of the same plan that differs from it in one factor alone, there at its default. */
export interface FactorPair {
  readonly factor: Factor;
  readonly condition: string;
  readonly reference: string;
}

/**
 * Every pair of conditions of which one shows what a single factor does: another benign pool, a cue, a carrier, a
 * system prompt.
 *
 * @example `b16-h16-tool` beside `b16-h16`: carrier
 */
export function listFactorPairs(policy: Policy, conditions: readonly Condition[]): FactorPair[] {
  const main = policy.suite.benignDemonstrations[0]?.name ?? '';
  const known = new Set(conditions.map(({ id }) => id));
  return factors.flatMap((factor) =>
    conditions.flatMap((condition) => {
      const { benignSource, ...rest } = condition;
      const mixture = { ...rest, benignSource: benignSource === main ? '' : benignSource };
      const reference = conditionId(withDefault(mixture, factor));
      return reference === condition.id || !known.has(reference)
        ? []
        : [{ factor, condition: condition.id, reference }];
    }),
  );
}

function withDefault(mixture: Mixture, factor: Factor): Mixture {
  switch (factor) {
    case 'benignSource':
      return { ...mixture, benignSource: '' };
    case 'formatCue':
      return { ...mixture, formatCue: 'none' };
    case 'carrier':
      return { ...mixture, carrier: 'chat' };
    case 'systemPrompt':
      return { ...mixture, systemPrompt: '' };
  }
}
