import { sumBlocks } from './block-t-interval.ts';
import { type DoubleTally, differenceOfSums } from './difference-of-differences.ts';
import type { MaybeInterval } from './interval.ts';
import { tallyPairs } from './paired-increase.ts';
import { groupByBlock, type Pair } from './scores.ts';

/** The queries that have all four answers. */
export function tallyDouble(high: readonly Pair[], low: readonly Pair[]): DoubleTally {
  const lows = new Map(low.map((pair) => [pair.key, pair]));
  const both = high.flatMap((one) => {
    const other = lows.get(one.key);
    return other === undefined ? [] : [{ high: one, low: other }];
  });
  const values = both.map((one) => ({
    block: one.high.block,
    value: one.high.first - one.high.second - (one.low.first - one.low.second),
  }));
  return {
    blocks: sumBlocks(groupByBlock(values)),
    first: tallyPairs(both.map((one) => one.high)),
    second: tallyPairs(both.map((one) => one.low)),
  };
}

/**
 * How much more the candidate than the baseline changes from one condition to another, in [-2, 2], over the queries
 * that have all four answers.
 *
 * @param input.high candidate and baseline in the condition that is subtracted from
 * @param input.low candidate and baseline in the condition that is subtracted
 */
export function increaseOfIncrease(input: {
  readonly high: readonly Pair[];
  readonly low: readonly Pair[];
  readonly level: number;
}): MaybeInterval {
  const tally = tallyDouble(input.high, input.low);
  if (tally.blocks.length === 0) return { unavailable: 'no queries with all four answers' };
  return differenceOfSums({ ...tally, level: input.level });
}
