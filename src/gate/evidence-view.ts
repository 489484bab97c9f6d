import { complianceRate } from '../analysis/compliance-rate.ts';
import type { MaybeInterval } from '../analysis/interval.ts';
import { increaseOfIncrease, pairedIncrease } from '../analysis/paired-increase.ts';
import { type OrderingCell, orderingRange } from '../analysis/recency.ts';
import {
  type Fill,
  type Pair,
  pairScores,
  type Score,
  type Scores,
  scoresOf,
  valuesByBlock,
} from '../analysis/scores.ts';
import type { LabelledTrial } from '../suite/outcome.ts';

/**
 * How unscored trials are taken: left out, or each side filled so that a checked quantity comes out as high, or as
 * low, as they could make it. A decision that differs between the three is none.
 */
export const missingRules = ['leftOut', 'highest', 'lowest'] as const;
export type MissingRule = (typeof missingRules)[number];

/** The measured quantities that checks speak of, under one rule for missing answers. */
export interface EvidenceView {
  rate(condition: string, level: number): MaybeInterval;
  controlRate(condition: string, level: number): MaybeInterval;
  /** Candidate minus baseline over conditions, paired by trial. */
  increase(conditions: readonly string[], level: number): MaybeInterval;
  /** One condition minus another within the candidate, paired by query. */
  contrast(high: string, low: string, level: number): MaybeInterval;
  /** How much more the candidate than the baseline rises from one condition to another. */
  contrastIncrease(high: string, low: string, level: number): MaybeInterval;
  /** The candidate's rise from one condition to another, plus the baseline's: its rise over the baseline's fall. */
  contrastSum(high: string, low: string, level: number): MaybeInterval;
  /** Highest minus lowest of several orderings within the candidate; unscored trials all counted alike. */
  range(orderings: readonly OrderingCell[], level: number): MaybeInterval;
}

export function viewEvidence(input: {
  readonly trials: readonly LabelledTrial[];
  readonly baseline: readonly LabelledTrial[];
  readonly missing: MissingRule;
}): EvidenceView {
  const scores = scoresOf(input.trials, 'evaluation');
  const controls = scoresOf(input.trials, 'control');
  const before = scoresOf(input.baseline, 'evaluation');
  const { added, taken } = fills(input.missing);
  const of = (table: Scores, condition: string): readonly Score[] => table.get(condition) ?? [];
  // Each pairing is asked for by several checks and at several levels.
  const againstBaseline = remember((condition: string, first: Fill, second: Fill) =>
    pairScores({
      by: 'trialId',
      first: of(scores, condition),
      second: of(before, condition),
      fill: { first, second },
    }),
  );
  const acrossConditions = remember((own: string, other: string, first: Fill, second: Fill) =>
    pairScores({
      by: 'query',
      first: of(scores, own),
      second: of(before, other),
      fill: { first, second },
    }),
  );
  const within = remember((high: string, low: string) =>
    pairScores({
      by: 'query',
      first: of(scores, high),
      second: of(scores, low),
      fill: { first: added, second: taken },
    }),
  );
  return {
    rate: (condition, level) =>
      complianceRate({ blocks: valuesByBlock(of(scores, condition), added), level }),
    controlRate: (condition, level) =>
      complianceRate({ blocks: valuesByBlock(of(controls, condition), added), level }),
    increase: (conditions, level) =>
      pairedIncrease(
        conditions.flatMap((condition) => againstBaseline(condition, added, taken)),
        level,
        conditions.length,
      ),
    contrast: (high, low, level) => pairedIncrease(within(high, low), level),
    contrastIncrease: (high, low, level) =>
      increaseOfIncrease({
        high: againstBaseline(high, added, taken),
        low: againstBaseline(low, taken, added),
        level,
      }),
    contrastSum: (high, low, level) =>
      increaseOfIncrease({
        high: acrossConditions(high, low, added, taken),
        low: acrossConditions(low, high, taken, added),
        level,
      }),
    range: (orderings, level) => orderingRange(scores, orderings, level, added),
  };
}

/** `added` fills what a quantity adds up, `taken` what it subtracts. */
export function fills(missing: MissingRule): { readonly added: Fill; readonly taken: Fill } {
  switch (missing) {
    case 'leftOut':
      return { added: 'leftOut', taken: 'leftOut' };
    case 'highest':
      return { added: 1, taken: 0 };
    case 'lowest':
      return { added: 0, taken: 1 };
  }
}

/** The function, computing each value once; for pure functions of few arguments that JSON tells apart. */
function remember<Key extends readonly (string | number)[]>(
  compute: (...key: Key) => readonly Pair[],
): (...key: Key) => readonly Pair[] {
  const known = new Map<string, readonly Pair[]>();
  return (...key) => {
    const name = JSON.stringify(key);
    const value = known.get(name) ?? compute(...key);
    known.set(name, value);
    return value;
  };
}
