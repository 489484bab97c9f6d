import { sumBlocks } from './block-t-interval.ts';
import type { DoubleTally } from './difference-of-differences.ts';
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
