import type { PlannedTrial } from '../suite/plan.ts';
import type { Budget } from './budget.ts';
import type { Capacity } from './capacity.ts';
import type { Limiter } from './limiter.ts';
import { type Places, shareOf } from './places.ts';
import type { Prompt } from './prompts.ts';
import type { Usage } from './reply.ts';
import type { CacheScope } from './schedule.ts';
import type { MayStart } from './work-order.ts';
import type { WorstCosts } from './worst-cost.ts';

/** How many bytes of text a token of this server stands for, learned from its answers. */
export class TextDensity {
  #bytes = 0;
  #tokens = 0;

  learn({ bytes }: Prompt, { promptTokens }: Usage): void {
    this.#bytes += promptTokens === null ? 0 : bytes;
    this.#tokens += promptTokens ?? 0;
  }

  get bytesPerToken(): number {
    // Prose has more: until the server counts, a context is taken for rather too large.
    return this.#tokens === 0 ? 3 : this.#bytes / this.#tokens;
  }
}

/** What a query and its template take in the cache beside a context and an answer. */
const queryTokens = 128;

/** How the server keeps prefixes, and how much of contexts it can hold beside the answers that it writes. */
export function cacheScope(input: {
  readonly capacity: Capacity;
  readonly density: TextDensity;
  readonly limiter: Limiter;
  readonly maxTokens: number;
  readonly places: Places;
}): CacheScope {
  const { capacity, density, limiter, maxTokens, places } = input;
  const { cache, cacheTokens } = capacity;
  if (cache === 'perSlot') return { kind: 'perSlot', places };
  if (cacheTokens === null) return { kind: 'shared', places };
  const room = () => {
    const answers = shareOf(limiter.limit, places) * (maxTokens + queryTokens);
    return (cacheTokens - answers) * density.bytesPerToken;
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
