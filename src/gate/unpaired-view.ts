import { type BlockSum, sumBlocks } from '../analysis/block-t-interval.ts';
import { independentDifference } from '../analysis/independent-difference.ts';
import type { MaybeInterval } from '../analysis/interval.ts';
import { tallyPairs } from '../analysis/paired-increase.ts';
import {
  type Fill,
  type Pair,
  pairScores,
  type Scores,
  scoresAt,
  valuesByBlock,
} from '../analysis/scores.ts';
import { tangoInterval } from '../analysis/tango-interval.ts';
import { wilsonInterval } from '../analysis/wilson-interval.ts';
import type { Comparisons, ViewedScores } from './evidence-view.ts';

/**
 * The comparisons with a baseline that answered other trials, which a policy allows for a named difference: two samples
 * beside each other. They show less than pairs, and say so in their method.
 */
export function compareUnpaired(input: ViewedScores): Comparisons {
  const { added, taken } = input;
  const rates = (first: Scores, second: Scores, conditions: readonly string[], level: number) =>
    conditions.every((id) => first.has(id) && second.has(id))
      ? independentDifference({
          first: rateSide(first, conditions, added, level),
          second: rateSide(second, conditions, taken, level),
          level,
        })
      : { unavailable: 'the baseline has not answered in this condition' };
  const rise = (table: Scores, high: string, low: string, up: Fill, down: Fill, level: number) =>
    riseSide(
      pairScores({
        by: 'query',
        first: scoresAt(table, high),
        second: scoresAt(table, low),
        fill: { first: up, second: down },
      }),
      level,
    );
  const rises = (
    own: readonly [string, string],
    other: readonly [string, string],
    level: number,
  ): MaybeInterval =>
    independentDifference({
      first: rise(input.scores, own[0], own[1], added, taken, level),
      second: rise(input.before, other[0], other[1], taken, added, level),
      level,
    });
  return {
    increase: (conditions, level) => rates(input.scores, input.before, conditions, level),
    controlDecrease: (conditions, level) => rates(input.controlsBefore, input.controls, conditions, level),
    contrastIncrease: (high, low, level) => rises([high, low], [high, low], level),
    contrastSum: (high, low, level) => rises([high, low], [low, high], level),
  };
}

/** A query may answer alike in all conditions, so that the score interval counts it once. */
function rateSide(table: Scores, conditions: readonly string[], fill: Fill, level: number) {
  const blocks = sumBlocks(
    valuesByBlock(
      conditions.flatMap((id) => scoresAt(table, id)),
      fill,
    ),
  );
  const total = (part: (block: BlockSum) => number) => blocks.reduce((sum, block) => sum + part(block), 0);
  const times = Math.max(1, conditions.length);
  const score = wilsonInterval({
    successes: total(({ sum }) => sum) / times,
    trials: total(({ count }) => count) / times,
    level,
  });
  return { blocks, score };
}

function riseSide(pairs: readonly Pair[], level: number) {
  const { blocks, counts } = tallyPairs(pairs);
  return { blocks, score: tangoInterval({ ...counts, level }) };
}
