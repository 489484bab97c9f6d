import type { PlannedTrial } from '../suite/plan.ts';
import type { Budget } from './budget.ts';
import type { Capacity } from './capacity.ts';
import type { Places } from './places.ts';
import type { Prompt } from './prompts.ts';
import type { Usage } from './reply.ts';
import type { CacheScope } from './schedule.ts';
import type { MayStart } from './work-order.ts';
import type { WorstCosts } from './worst-cost.ts';

/** Answers for which the most that they may have stands, beside those that were counted. */
const supposedAnswers = 16;

/** How long prompts and answers are in this server's tokens, learned from its answers. */
export class TokenLengths {
  #promptBytes = 0;
  #promptTokens = 0;
  #answers = 0;
  #answerTokens = 0;

  learn({ bytes }: Prompt, { promptTokens, completionTokens }: Usage): void {
    this.#promptBytes += promptTokens === null ? 0 : bytes;
    this.#promptTokens += promptTokens ?? 0;
    this.#answers += completionTokens === null ? 0 : 1;
    this.#answerTokens += completionTokens ?? 0;
  }

  get bytesPerToken(): number {
    // Prose has more: until the server counts, a context is taken for rather too large.
    return this.#promptTokens === 0 ? 3 : this.#promptBytes / this.#promptTokens;
  }

  /** The usual length of an answer, for the most that it may have until some were counted. */
  usualAnswer(most: number): number {
    return (supposedAnswers * most + this.#answerTokens) / (supposedAnswers + this.#answers);
  }
}

/** What a query and its template take in the cache beside a context and an answer. */
const queryTokens = 128;

/** How the server keeps prefixes, and how much of contexts it can hold beside the answers that it writes. */
export function cacheScope(input: {
  readonly capacity: Capacity;
  readonly lengths: TokenLengths;
  readonly maxTokens: number;
  readonly places: Places;
}): CacheScope {
  const { capacity, lengths, maxTokens, places } = input;
  const { cache, cacheTokens } = capacity;
  if (cache === 'perSlot') return { kind: 'perSlot', places };
  if (cacheTokens === null) return { kind: 'shared', places };
  const room = (requests: number) => {
    const beside = requests * (lengths.usualAnswer(maxTokens) + queryTokens);
    return (cacheTokens - beside) * lengths.bytesPerToken;
  };
  return { kind: 'shared', room, places };
}

/**
 * A block is a whole design, so blocks are finished one after the other. The next one begins while the last answers
 * of a block are under way, to keep the server busy, as long as it cannot take from the block what that still needs.
 */
export function fitsBeside(
  budget: Budget,
  costs: WorstCosts,
  maxTokens: number,
): MayStart<PlannedTrial> | undefined {
  // Without a cap there is nothing that a block could take from another.
  if (!budget.capped) return undefined;
  return (next, unfinished) =>
    budget.hasRoom([...unfinished, next].map((trial) => costs.ahead(trial, maxTokens)));
}
