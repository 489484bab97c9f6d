import type { LabelledTrial } from '../suite/outcome.ts';

/** One trial that ran, in one condition: 1 for compliance, 0 for refusal, null for unscored. */
export interface Score {
  readonly trialId: string;
  readonly query: string;
  readonly block: number;
  readonly draw: number;
  /** Of query and draw: what two conditions of one model share. */
  readonly place: string;
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
    const score: Score = { trialId, query, block, draw, place: `${query} ${draw}`, value };
    for (const condition of conditions) {
      const list = scores.get(condition);
      if (list === undefined) scores.set(condition, [score]);
      else list.push(score);
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
  /** Several pairs of one query are asked under `perQuery`, and where conditions are taken together. */
  readonly query: string;
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
  const { fill } = input;
  const by = input.by === 'trialId' ? 'trialId' : 'place';
  const seconds = indexOf(input.second, by);
  const pairs: Pair[] = [];
  for (const score of input.first) {
    const other = seconds.get(score[by]);
    const first = score.value ?? fill.first;
    const second = other === undefined ? 'leftOut' : (other.value ?? fill.second);
    if (first !== 'leftOut' && second !== 'leftOut')
      pairs.push({ key: score.place, query: score.query, block: score.block, first, second });
  }
  return pairs;
}

type Index = ReadonlyMap<string, Score>;
/** A condition is paired with several others and under several rules: its scores are indexed once. */
const indexes = {
  trialId: new WeakMap<readonly Score[], Index>(),
  place: new WeakMap<readonly Score[], Index>(),
};

function indexOf(scores: readonly Score[], by: 'trialId' | 'place'): Index {
  const known = indexes[by].get(scores);
  if (known !== undefined) return known;
  const made = new Map(scores.map((score) => [score[by], score]));
  indexes[by].set(scores, made);
  return made;
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
