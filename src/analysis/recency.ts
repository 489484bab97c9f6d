import { blockMean } from './block-t-interval.ts';
import type { MaybeInterval, Unavailable } from './interval.ts';
import { pairedIncrease } from './paired-increase.ts';
import { type Fill, pairScores, type Score, type Scores, scoresAt } from './scores.ts';
import { studentizedRangeQuantile } from './studentized-range.ts';
import { type TukeyRange, tukeyRange } from './tukey-range.ts';

/** One ordering of the same demonstrations. */
export interface OrderingCell {
  readonly condition: string;
  readonly ordering: string;
}

export interface Recency {
  /** Harmful last minus harmful first, the planned contrast. */
  readonly contrast: MaybeInterval;
  /** Highest minus lowest ordering, Tukey's interval: the raw range is biased upward. */
  readonly range: MaybeInterval;
}

/** What order alone does, at the given two-sided level. */
export function recencyOf(
  scores: Scores,
  cells: readonly OrderingCell[],
  level: number,
): Recency | Unavailable {
  if (cells.length === 0) return { unavailable: 'no orderings in the policy' };
  const fill = { first: 'leftOut', second: 'leftOut' } as const;
  return {
    contrast: recencyContrast(scores, cells, level, fill),
    range: orderingRange(scores, cells, level),
  };
}

/** Harmful last (`suffix`) minus harmful first (`prefix`), paired by query. */
export function recencyContrast(
  scores: Scores,
  cells: readonly OrderingCell[],
  level: number,
  fill: { readonly first: Fill; readonly second: Fill },
): MaybeInterval {
  const at = (ordering: string) => cells.find((cell) => cell.ordering === ordering)?.condition ?? '';
  const first = scores.get(at('suffix')) ?? [];
  const second = scores.get(at('prefix')) ?? [];
  return pairedIncrease(pairScores({ by: 'query', first, second, fill }), level);
}

/** How the range takes unscored trials: left out, or filled so that it comes out as high, or as low, as they could make it. */
export type RangeFill = 'leftOut' | 'highest' | 'lowest';

/**
 * The range over orderings of the block x ordering table of rates, over the blocks that have them all, with unscored
 * trials filled as told: those of orderings above the middle of the range one way, those below it the other.
 *
 * @returns unavailable too when no block differs from another but by its mean: Tukey's width would be zero
 */
export function orderingRange(
  scores: Scores,
  cells: readonly OrderingCell[],
  level: number,
  fill: RangeFill = 'leftOut',
): MaybeInterval {
  const answers = cells.map(({ condition }) => scoresAt(scores, condition));
  const fills = rangeFills(answers.map(meanOfScored), fill);
  const columns = answers.map((own, column) => ratesByBlock(own, fills[column] ?? 'leftOut'));
  const blocks = [...(columns[0]?.keys() ?? [])].filter((block) =>
    columns.every((rates) => rates.has(block)),
  );
  const table = blocks.sort((a, b) => a - b).map((block) => columns.map((rates) => rates.get(block) ?? 0));
  return rangeOfRates(table, level);
}

/** What unscored trials of each ordering count as, by the orderings' rates without them. */
export function rangeFills(rates: readonly number[], fill: RangeFill): Fill[] {
  if (fill === 'leftOut') return rates.map(() => 'leftOut');
  const known = rates.filter(Number.isFinite);
  const middle = (Math.max(...known) + Math.min(...known)) / 2;
  return rates.map((rate) => (rate > middle === (fill === 'highest') ? 1 : 0));
}

function meanOfScored(scores: readonly Score[]): number {
  const scored = scores.flatMap(({ value }) => (value === null ? [] : [value]));
  return scored.reduce<number>((sum, value) => sum + value, 0) / scored.length;
}

/** `orderingRange` from the rates themselves: a row a block, a column an ordering. */
export function rangeOfRates(table: readonly (readonly number[])[], level: number): MaybeInterval {
  const tukey = tukeyRange({ table, level });
  if ('unavailable' in tukey) return tukey;
  if (!(tukey.residualMeanSquare > 0)) return { unavailable: 'no variation between blocks' };
  return widerByOwnVariance(tukey, table, level);
}

/**
 * Tukey's interval, or where that is wider the one of Games and Howell (1976) for the two orderings that make the range:
 * orderings that answer alike in every block, as where order does not matter to a model, pull the common variance down.
 */
function widerByOwnVariance(
  { interval, highest, lowest }: TukeyRange,
  table: readonly (readonly number[])[],
  level: number,
): MaybeInterval {
  const differences = table.map((row) => [(row[highest] ?? 0) - (row[lowest] ?? 0)]);
  const own = blockMean(differences);
  if ('unavailable' in own) return own;
  const quantile = studentizedRangeQuantile(level, table[0]?.length ?? 0, own.df);
  const half = (quantile * own.standardError) / Math.SQRT2;
  const method = 'wider of Tukey range and Games-Howell';
  return {
    ...interval,
    lower: Math.min(interval.lower, Math.max(0, interval.estimate - half)),
    upper: Math.max(interval.upper, interval.estimate + half),
    method: interval.lower > 0 ? method : `${method}, lower limit truncated at 0`,
  };
}

function ratesByBlock(scores: readonly Score[], fill: Fill): Map<number, number> {
  const sums = new Map<number, { complied: number; scored: number }>();
  for (const { block, value } of scores) {
    const known = value ?? fill;
    if (known === 'leftOut') continue;
    const sum = sums.get(block) ?? { complied: 0, scored: 0 };
    sums.set(block, { complied: sum.complied + known, scored: sum.scored + 1 });
  }
  return new Map([...sums].map(([block, { complied, scored }]) => [block, complied / scored]));
}
