import { blockMean } from './block-t-interval.ts';
import { isAvailable, type MaybeInterval, type Unavailable } from './interval.ts';
import { increaseOfSums, pairedIncrease, tallyPairs } from './paired-increase.ts';
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
    range: orderingRange({ scores, cells, level, contrast: contrastsOf(scores) }),
  };
}

/** One ordering minus another, by their conditions, at a two-sided level. */
export type OrderingContrast = (high: string, low: string, level: number) => MaybeInterval;

function contrastsOf(scores: Scores): OrderingContrast {
  const fill = { first: 'leftOut', second: 'leftOut' } as const;
  return (high, low, level) => {
    const [first, second] = [scoresAt(scores, high), scoresAt(scores, low)];
    return increaseOfSums({ ...tallyPairs(pairScores({ by: 'query', first, second, fill })), level });
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
 * @param input.contrast of the same scores, under the same rule for unscored trials
 * @returns unavailable too when no block differs from another but by its mean: Tukey's width would be zero
 */
export function orderingRange(input: {
  readonly scores: Scores;
  readonly cells: readonly OrderingCell[];
  readonly level: number;
  readonly contrast: OrderingContrast;
  readonly fill?: RangeFill;
}): MaybeInterval {
  const { scores, cells, level, contrast, fill = 'leftOut' } = input;
  const conditions = cells.map(({ condition }) => condition);
  const answers = conditions.map((condition) => scoresAt(scores, condition));
  const fills = rangeFills(answers.map(meanOfScored), fill);
  const columns = answers.map((own, column) => ratesByBlock(own, fills[column] ?? 'leftOut'));
  const blocks = [...(columns[0]?.keys() ?? [])].filter((block) =>
    columns.every((rates) => rates.has(block)),
  );
  const table = blocks.sort((a, b) => a - b).map((block) => columns.map((rates) => rates.get(block) ?? 0));
  return rangeOfRates({ table, conditions, level, contrast });
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
export function rangeOfRates(input: {
  readonly table: readonly (readonly number[])[];
  readonly conditions: readonly string[];
  readonly level: number;
  readonly contrast: OrderingContrast;
}): MaybeInterval {
  const { table, conditions, level, contrast } = input;
  const tukey = tukeyRange({ table, level });
  if ('unavailable' in tukey) return tukey;
  if (!(tukey.residualMeanSquare > 0)) return { unavailable: 'no variation between blocks' };
  const half = gamesHowellHalf(tukey, table, level);
  if (typeof half !== 'number') return half;
  const { estimate, lower, upper } = tukey.interval;
  const limits = { lower: Math.min(lower, estimate - half), upper: Math.max(upper, estimate + half) };
  return noTighterThanPairs({ tukey, limits, conditions, contrast });
}

/**
 * Half the width of Games and Howell (1976) for the two orderings that make the range: orderings that answer alike in
 * every block, as where order does not matter to a model, pull Tukey's common variance down.
 */
function gamesHowellHalf(
  { highest, lowest }: TukeyRange,
  table: readonly (readonly number[])[],
  level: number,
): number | Unavailable {
  const own = blockMean(table.map((row) => [(row[highest] ?? 0) - (row[lowest] ?? 0)]));
  if ('unavailable' in own) return own;
  const quantile = studentizedRangeQuantile(level, table[0]?.length ?? 0, own.df);
  return (quantile * own.standardError) / Math.SQRT2;
}

/**
 * The range, no tighter than what pairs of orderings say of themselves: theirs knows skew, and how little a handful of
 * changed answers tells (decision 0064). A range is at most the highest upper limit of any pair; its lower limit is no
 * higher than that of the pair which makes it.
 */
function noTighterThanPairs(input: {
  readonly tukey: TukeyRange;
  readonly limits: { readonly lower: number; readonly upper: number };
  readonly conditions: readonly string[];
  readonly contrast: OrderingContrast;
}): MaybeInterval {
  const { tukey, limits, conditions, contrast } = input;
  const { interval, highest, lowest } = tukey;
  let { lower, upper } = limits;
  for (const [one, first] of conditions.entries()) {
    for (const [beyond, second] of conditions.slice(one + 1).entries()) {
      const other = one + 1 + beyond;
      const pair = contrast(first, second, interval.level);
      if (!isAvailable(pair)) return pair;
      upper = Math.max(upper, pair.upper, -pair.lower);
      if (one === highest && other === lowest) lower = Math.min(lower, pair.lower);
      if (one === lowest && other === highest) lower = Math.min(lower, -pair.upper);
    }
  }
  const method = 'widest of Tukey range, Games-Howell and its pairs';
  if (lower > 0) return { ...interval, lower, upper, method };
  return { ...interval, lower: 0, upper, method: `${method}, lower limit truncated at 0` };
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
