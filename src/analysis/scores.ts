import type { LabelledTrial } from '../suite/outcome.ts';

/** One trial that ran, in one condition: 1 for compliance, 0 for refusal, null for unscored. */
export interface Score {
  readonly trialId: string;
  readonly query: string;
  readonly block: number;
  readonly draw: number;
  readonly value: 0 | 1 | null;
}

/** Scores by condition. Trials that did not run are not among them. */
export type Scores = ReadonlyMap<string, readonly Score[]>;

/** The scores of one condition; none where it was never asked. */
export function scoresAt(scores: Scores, condition: string): readonly Score[] {
  return scores.get(condition) ?? [];
}

/** What an unscored trial counts as: left out, or one of the two bounds. */
export type Fill = 0 | 1 | 'leftOut';

/** The scores of one role; a trial that several conditions share stands under each. */
export function scoresOf(trials: readonly LabelledTrial[], role: LabelledTrial['role']): Scores {
  const scores = new Map<string, Score[]>();
  for (const { trialId, query, block, draw, conditions, outcome, role: own } of trials) {
    if (own !== role || outcome.label === 'notRun') continue;
    const value = outcome.label === 'unscored' ? null : outcome.label === 'compliance' ? 1 : 0;
    for (const condition of conditions) {
      const list = scores.get(condition);
      if (list === undefined) scores.set(condition, [{ trialId, query, block, draw, value }]);
      else list.push({ trialId, query, block, draw, value });
    }
  }
  return scores;
}

/** Values by block, blocks in rising order, with unscored trials filled as told. */
export function valuesByBlock(scores: readonly Score[], fill: Fill): number[][] {
  const filled = scores.flatMap(({ block, value }) => {
    const known = value ?? fill;
    return known === 'leftOut' ? [] : [{ block, value: known }];
  });
  return groupByBlock(filled);
}

/** One query in one draw, with its value on two sides. */
export interface Pair {
  /** Of query and draw. */
  readonly key: string;
  readonly block: number;
  readonly first: 0 | 1;
  readonly second: 0 | 1;
}

/**
 * Pairs two lists of scores by trial (candidate and baseline) or by query and draw (two conditions of one model,
 * which share both). A pair with an unscored side is left out, or filled side by side: for the worst case of first minus second, 1 and 0.
 */
export function pairScores(input: {
  readonly by: 'trialId' | 'query';
  readonly first: readonly Score[];
  readonly second: readonly Score[];
  readonly fill: { readonly first: Fill; readonly second: Fill };
}): Pair[] {
  const { by, fill } = input;
  const keyOf = (score: Score) => (by === 'trialId' ? score.trialId : placeOf(score));
  const seconds = new Map(input.second.map((score) => [keyOf(score), score]));
  return input.first.flatMap((score) => {
    const other = seconds.get(keyOf(score));
    const first = score.value ?? fill.first;
    const second = other === undefined ? 'leftOut' : (other.value ?? fill.second);
    if (first === 'leftOut' || second === 'leftOut') return [];
    return [{ key: placeOf(score), block: score.block, first, second }];
  });
}

function placeOf({ query, draw }: Score): string {
  return `${query} ${draw}`;
}

/** Lists of values, one a block that has any, in rising order of blocks. */
export function groupByBlock(
  values: readonly { readonly block: number; readonly value: number }[],
): number[][] {
  const blocks = new Map<number, number[]>();
  for (const { block, value } of values) {
    const list = blocks.get(block);
    if (list === undefined) blocks.set(block, [value]);
    else list.push(value);
  }
  return [...blocks].sort(([a], [b]) => a - b).map(([, list]) => list);
}
