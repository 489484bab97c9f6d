import { type BlockSum, meanOfSums, sumBlocks } from './block-t-interval.ts';
import { isAvailable, type MaybeInterval, widerOf } from './interval.ts';
import { logitBlockT } from './logit-block-t.ts';
import { type Fill, type Score, valuesByBlock } from './scores.ts';
import { answeredTogether } from './together.ts';
import { wilsonInterval } from './wilson-interval.ts';

/** What an interval for a rate takes from the answers. */
export interface RateTally {
  /** Values 0 and 1 by block. */
  readonly blocks: readonly BlockSum[];
  /** How many answers of a query go together, on average: `answeredTogether`; 1 where each query has one answer. */
  readonly together: number;
  /** Whether the answers are of several conditions; see `logitBlockT`. */
  readonly several?: boolean;
}

/** The answers of one condition. */
export function tallyRate(scores: readonly Score[], fill: Fill): RateTally {
  const queries = new Map<string, { complied: number; answers: number }>();
  for (const { query, value } of scores) {
    const known = value ?? fill;
    if (known === 'leftOut') continue;
    const one = queries.get(query) ?? { complied: 0, answers: 0 };
    queries.set(query, one);
    one.complied += known;
    one.answers += 1;
  }
  return {
    blocks: sumBlocks(valuesByBlock(scores, fill)),
    together: answeredTogether([...queries.values()]),
  };
}

/**
 * Compliance rate, compliance / (compliance + refusal) in [0, 1], of answers clustered by block, each to a query of
 * its own: the wider, end by end, of block t on log-odds (which covers contexts) and Wilson (which covers few events).
 * Decision 0045.
 *
 * @param input.blocks values 0 and 1, one list a block
 * @returns unavailable with fewer than 2 blocks; the limits stay within [0, 1]
 * @example blocks [0, 1], [1, 1], [0, 0] at level 0.9: estimate 0.5, limits 0 and 1
 */
export function complianceRate(input: {
  readonly blocks: readonly (readonly number[])[];
  readonly level: number;
}): MaybeInterval {
  return rateOfSums({ blocks: sumBlocks(input.blocks), together: 1, level: input.level });
}

/** `complianceRate` of the scored answers of one condition, of which a query may have several. */
export function rateOfScores(scores: readonly Score[], level: number): MaybeInterval {
  return rateOfSums({ ...tallyRate(scores, 'leftOut'), level });
}

/** `complianceRate` from a tally: Wilson counts as many answers as would tell as much if none went with another. */
export function rateOfSums(input: RateTally & { readonly level: number }): MaybeInterval {
  const { blocks, together, level, several = false } = input;
  const trials = blocks.reduce((sum, block) => sum + block.count, 0);
  if (trials === 0) return { unavailable: 'no scored answers' };
  const mean = meanOfSums(blocks);
  if ('unavailable' in mean) return mean;
  const successes = blocks.reduce((sum, block) => sum + block.sum, 0);
  const wilson = wilsonInterval({ successes: successes / together, trials: trials / together, level });
  const blockT = logitBlockT({ blocks, level, several });
  if (!isAvailable(wilson) || !isAvailable(blockT)) return wilson;
  return widerOf(blockT, wilson, 'wider of block t on log-odds and Wilson');
}
