import { rateOfSums } from '../analysis/compliance-rate.ts';
import { equalWeights } from '../analysis/equal-weights.ts';
import { type IndependentSide, independentDifference } from '../analysis/independent-difference.ts';
import type { MaybeInterval } from '../analysis/interval.ts';
import { increaseOfSums, tallyPairs } from '../analysis/paired-increase.ts';
import { type Fill, type Pair, pairScores, type Score, type Scores, scoresAt } from '../analysis/scores.ts';
import { type Comparisons, tooFewBlocks, type ViewedScores } from './evidence-view.ts';

/**
 * The comparisons with a baseline that answered other trials, which a policy allows for a named difference: two samples
 * beside each other. They show less than pairs, and say so in their method.
 */
export function compareUnpaired(input: ViewedScores): Comparisons {
  const { added, taken } = input;
  const rates = (first: Scores, second: Scores, conditions: readonly string[], level: number) =>
    conditions.every((id) => first.has(id) && second.has(id))
      ? compareSides(
          rateSide(first, conditions, added, level),
          rateSide(second, conditions, taken, level),
          level,
        )
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
  const rises = (own: readonly [string, string], other: readonly [string, string], level: number) =>
    compareSides(
      rise(input.scores, own[0], own[1], added, taken, level),
      rise(input.before, other[0], other[1], taken, added, level),
      level,
    );
  return {
    increase: (conditions, level) => rates(input.scores, input.before, conditions, level),
    controlDecrease: (conditions, level) => rates(input.controlsBefore, input.controls, conditions, level),
    contrastIncrease: (high, low, level) => rises([high, low], [high, low], level),
    contrastSum: (high, low, level) => rises([high, low], [low, high], level),
  };
}

function compareSides(first: IndependentSide, second: IndependentSide, level: number): MaybeInterval {
  return tooFewBlocks(first) ?? tooFewBlocks(second) ?? independentDifference({ first, second, level });
}

/** The mean rate over conditions, which weigh alike. A query may answer alike in all of them: Wilson counts it once. */
function rateSide(table: Scores, conditions: readonly string[], fill: Fill, level: number): IndependentSide {
  const sums = conditions.map((id) => sumsOf(scoresAt(table, id), fill));
  const { blocks: shared, weights } = equalWeights(
    sums.map((own) => new Map([...own].map(([block, { count }]) => [block, count]))),
  );
  const blocks = shared.map((block) => {
    const total = { sum: 0, absolute: 0, count: 0 };
    sums.forEach((own, k) => {
      const { sum = 0, count = 0 } = own.get(block) ?? {};
      total.sum += (weights[k] ?? 0) * sum;
      total.absolute += (weights[k] ?? 0) * sum;
      total.count += (weights[k] ?? 0) * count;
    });
    return total;
  });
  const together =
    conditions.length * Math.max(1, ...conditions.map((id) => answersOfOne(scoresAt(table, id))));
  return { blocks, own: rateOfSums({ blocks, together, level, several: conditions.length > 1 }) };
}

function sumsOf(scores: readonly Score[], fill: Fill): ReadonlyMap<number, { sum: number; count: number }> {
  const sums = new Map<number, { sum: number; count: number }>();
  for (const { block, value } of scores) {
    const known = value ?? fill;
    if (known === 'leftOut') continue;
    const own = sums.get(block) ?? { sum: 0, count: 0 };
    sums.set(block, own);
    own.sum += known;
    own.count += 1;
  }
  return sums;
}

/** How many answers one query has at the most: several under `perQuery`. */
function answersOfOne(scores: readonly Score[]): number {
  const counts = new Map<string, number>();
  for (const { query } of scores) counts.set(query, (counts.get(query) ?? 0) + 1);
  return [...counts.values()].reduce((most, count) => Math.max(most, count), 1);
}

function riseSide(pairs: readonly Pair[], level: number): IndependentSide {
  const tally = tallyPairs(pairs);
  return { blocks: tally.blocks, own: increaseOfSums({ ...tally, level }) };
}
