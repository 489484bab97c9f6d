import { type RateTally, rateOfSums, tallyRate } from '../analysis/compliance-rate.ts';
import { type DoubleTally, differenceOfSums } from '../analysis/difference-of-differences.ts';
import { tallyDouble } from '../analysis/double-increase.ts';
import { fewestClusters } from '../analysis/effect.ts';
import type { MaybeInterval, Unavailable } from '../analysis/interval.ts';
import { increaseOfSums, type PairTally, tallyPairs } from '../analysis/paired-increase.ts';
import { type OrderingCell, orderingRange } from '../analysis/recency.ts';
import { type Fill, pairScores, type Scores, scoresAt, scoresOf } from '../analysis/scores.ts';
import type { LabelledTrial } from '../suite/outcome.ts';
import { compareUnpaired } from './unpaired-view.ts';

/**
 * How unscored trials are taken: left out, or each side filled so that a checked quantity comes out as high, or as
 * low, as they could make it. A decision that differs between the three is none.
 */
export const missingRules = ['leftOut', 'highest', 'lowest'] as const;
export type MissingRule = (typeof missingRules)[number];

/** Whether candidate and baseline answered the same trials. */
export type Pairing = 'paired' | 'unpaired';

/** The measured quantities that checks speak of, under one rule for missing answers. */
export interface EvidenceView extends Comparisons {
  rate(condition: string, level: number): MaybeInterval;
  controlRate(condition: string, level: number): MaybeInterval;
  /** One condition minus another within the candidate, paired by query. */
  contrast(high: string, low: string, level: number): MaybeInterval;
  /** Highest minus lowest of several orderings within the candidate. */
  range(orderings: readonly OrderingCell[], level: number): MaybeInterval;
}

/** What is measured against the baseline. */
export interface Comparisons {
  /** Candidate minus baseline over conditions. */
  increase(conditions: readonly string[], level: number): MaybeInterval;
  /** Baseline minus candidate over the control queries of conditions: how many harmless requests are answered no more. */
  controlDecrease(conditions: readonly string[], level: number): MaybeInterval;
  /** How much more the candidate than the baseline rises from one condition to another. */
  contrastIncrease(high: string, low: string, level: number): MaybeInterval;
  /** The candidate's rise from one condition to another, plus the baseline's: its rise over the baseline's fall. */
  contrastSum(high: string, low: string, level: number): MaybeInterval;
}

/** What a view is made from: both runs' scores, and how unscored ones count in what is added and what is taken. */
export interface ViewedScores {
  readonly scores: Scores;
  readonly before: Scores;
  readonly controls: Scores;
  readonly controlsBefore: Scores;
  readonly added: Fill;
  readonly taken: Fill;
}

/** Both runs' scores: what every rule for missing answers reads. */
export type ScoredEvidence = Omit<ViewedScores, 'added' | 'taken'>;

export function scoreEvidence(
  trials: readonly LabelledTrial[],
  baseline: readonly LabelledTrial[],
): ScoredEvidence {
  return {
    scores: scoresOf(trials, 'evaluation'),
    before: scoresOf(baseline, 'evaluation'),
    controls: scoresOf(trials, 'control'),
    controlsBefore: scoresOf(baseline, 'control'),
  };
}

export function viewEvidence(input: {
  readonly trials: readonly LabelledTrial[];
  readonly baseline: readonly LabelledTrial[];
  readonly missing: MissingRule;
  readonly pairing?: Pairing;
}): EvidenceView {
  const { missing, pairing = 'paired' } = input;
  return viewScores(scoreEvidence(input.trials, input.baseline), missing, pairing);
}

/** `viewEvidence` of evidence that is scored already. */
export function viewScores(scored: ScoredEvidence, missing: MissingRule, pairing: Pairing): EvidenceView {
  const viewed: ViewedScores = { ...scored, ...fills(missing) };
  const { scores, added, taken } = viewed;
  const answers = tallyAnswers(scored, missing);
  const within = remember((high: string, low: string) =>
    tallyPairs(
      pairScores({
        by: 'query',
        first: scoresAt(scores, high),
        second: scoresAt(scores, low),
        fill: { first: added, second: taken },
      }),
    ),
  );
  const contrast = (high: string, low: string, level: number) =>
    increaseOfSums({ ...within(high, low), level });
  return {
    rate: (condition, level) => rateOfSums({ ...answers('evaluation', condition), level }),
    controlRate: (condition, level) => {
      const tally = answers('control', condition);
      return tooFewBlocks(tally) ?? rateOfSums({ ...tally, level });
    },
    contrast,
    range: (cells, level) => orderingRange({ scores, cells, level, contrast, fill: missing }),
    ...(pairing === 'unpaired' ? compareUnpaired(viewed) : comparePaired(viewed)),
  };
}

/** The answers of each condition of the candidate, as rates count them under a rule for missing ones. */
export function tallyAnswers(
  { scores, controls }: ScoredEvidence,
  missing: MissingRule,
): (role: LabelledTrial['role'], condition: string) => RateTally {
  const { added } = fills(missing);
  return remember((role: LabelledTrial['role'], condition: string) =>
    tallyRate(scoresAt(role === 'control' ? controls : scores, condition), added),
  );
}

/** Comparisons by trial: both runs answered the very same messages. */
function comparePaired(viewed: ViewedScores): Comparisons {
  const { scores, before, controls, controlsBefore, added, taken } = viewed;
  // Each pairing is asked for by several checks and at several levels.
  const pairs = remember((condition: string, first: Fill, second: Fill) =>
    pairScores({
      by: 'trialId',
      first: scoresAt(scores, condition),
      second: scoresAt(before, condition),
      fill: { first, second },
    }),
  );
  const controlPairs = (condition: string) =>
    pairScores({
      by: 'trialId',
      first: scoresAt(controlsBefore, condition),
      second: scoresAt(controls, condition),
      fill: { first: added, second: taken },
    });
  const across = (own: string, other: string, first: Fill, second: Fill) =>
    pairScores({
      by: 'query',
      first: scoresAt(scores, own),
      second: scoresAt(before, other),
      fill: { first, second },
    });
  const increases = remember((...conditions: string[]) =>
    tallyPairs(...conditions.map((condition) => pairs(condition, added, taken))),
  );
  const decreases = remember((...conditions: string[]) => tallyPairs(...conditions.map(controlPairs)));
  const rises = remember((high: string, low: string) =>
    tallyDouble(pairs(high, added, taken), pairs(low, taken, added)),
  );
  const crossed = remember((high: string, low: string) =>
    tallyDouble(across(high, low, added, taken), across(low, high, taken, added)),
  );
  return {
    increase: (conditions, level) => increaseOf(increases(...conditions), level),
    controlDecrease: (conditions, level) => increaseOf(decreases(...conditions), level),
    contrastIncrease: (high, low, level) => differenceOf(rises(high, low), level),
    contrastSum: (high, low, level) => differenceOf(crossed(high, low), level),
  };
}

function increaseOf(tally: PairTally, level: number): MaybeInterval {
  return tooFewBlocks(tally) ?? increaseOfSums({ ...tally, level });
}

function differenceOf(tally: DoubleTally, level: number): MaybeInterval {
  return tooFewBlocks(tally) ?? differenceOfSums({ ...tally, level });
}

/**
 * A baseline that ended early in one of the conditions, or a handful of control queries with blocks of their own, may
 * leave fewer blocks than any verdict may rest on.
 *
 * @param tally sums of the blocks that have answers, of both runs where two are compared
 */
export function tooFewBlocks({
  blocks,
}: {
  readonly blocks: readonly { readonly count: number }[];
}): Unavailable | undefined {
  const answered = blocks.filter(({ count }) => count > 0).length;
  if (answered >= fewestClusters) return undefined;
  return {
    unavailable: `${answered} blocks of answers stand behind this; fewer than ${fewestClusters} decide nothing`,
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
function remember<Key extends readonly (string | number)[], Value>(
  compute: (...key: Key) => Value,
): (...key: Key) => Value {
  const known = new Map<string, { readonly value: Value }>();
  return (...key) => {
    const name = JSON.stringify(key);
    const kept = known.get(name) ?? { value: compute(...key) };
    known.set(name, kept);
    return kept.value;
  };
}
