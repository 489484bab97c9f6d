import { z } from 'zod';
import { blockMean, blockTInterval, blockTPValue } from '../../../src/analysis/block-t-interval.ts';
import { pairedIncrease } from '../../../src/analysis/paired-increase.ts';
import { groupByBlock, type Pair } from '../../../src/analysis/scores.ts';
import { tangoInterval } from '../../../src/analysis/tango-interval.ts';
import { given, limits, numberIn, type Topic } from '../case.ts';
import { NotAvailable, type Produced } from '../compare.ts';

const binary = z.union([z.literal(0), z.literal(1)]);
const inputSchema = z
  .strictObject({
    context: z.array(z.string()),
    query: z.array(z.string()),
    baseline: z.array(binary),
    candidate: z.array(binary),
  })
  .refine(({ context, ...others }) => Object.values(others).every(({ length }) => length === context.length));

export const pairedBlocks: Topic = ({ input }) => {
  const { context, query, baseline, candidate } = inputSchema.parse(input);
  const names = [...new Set(context)];
  const pairs = context.map(
    (name, i): Pair => ({
      key: `${query[i]} ${i}`,
      query: `${query[i]} ${i}`,
      block: names.indexOf(name),
      first: candidate[i] ?? 0,
      second: baseline[i] ?? 0,
    }),
  );
  const blocks = groupByBlock(pairs.map(({ block, first, second }) => ({ block, value: first - second })));
  const mean = blockMean(blocks);
  const available = !('unavailable' in mean);
  const usable = available && mean.standardError > 0;
  return (field) => {
    const ci = numberIn(field, /^ci(\d+(?:\.\d+)?)_two_sided$/);
    if (ci !== undefined) {
      const blockT = blockTInterval({ blocks, level: ci / 100 });
      return limits('unavailable' in blockT ? blockT : blockT.interval);
    }
    const upper = numberIn(field, /^p_upper_noninferiority_margin_(-?[\d.]+)$/);
    if (upper !== undefined) return pValue(blocks, upper, 'less');
    const lower = numberIn(field, /^p_lower_regression_margin_(-?[\d.]+)$/);
    if (lower !== undefined) return pValue(blocks, lower, 'greater');
    const increase = pairedIncrease(pairs, 0.9);
    const none = new NotAvailable('unavailable' in mean ? mean.unavailable : '');
    const fields: Record<string, Produced> = {
      mean_difference: available ? mean.estimate : given(tangoOf(pairs), ({ estimate }) => estimate),
      se_CR1: available ? mean.standardError : none,
      df: available ? mean.df : names.length - 1,
      usable,
    };
    if ('method' in increase && increase.method === 'Tango') fields.fallback = 'tango';
    if ('unavailable' in increase) fields.verdict = 'inconclusive';
    return fields[field];
  };
};

/** With one context the mean stands without a variance: Tango's estimate is that mean. */
function tangoOf(pairs: readonly Pair[]) {
  const count = (first: number, second: number) =>
    pairs.filter((pair) => pair.first === first && pair.second === second).length;
  const counts = {
    both: count(1, 1),
    candidateOnly: count(1, 0),
    baselineOnly: count(0, 1),
    neither: count(0, 0),
  };
  return tangoInterval({ ...counts, level: 0.9 });
}

function pValue(blocks: readonly number[][], margin: number, alternative: 'less' | 'greater'): Produced {
  const test = blockTPValue({ blocks, margin, alternative });
  return 'unavailable' in test ? new NotAvailable(test.unavailable) : test.pValue;
}
