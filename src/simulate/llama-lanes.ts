import type { LlamaContext, LlamaModel, Token } from 'node-llama-cpp';
import {
  chooseSlot,
  type Generated,
  type GenerateOptions,
  generateInSlot,
  type Slot,
  sharedTokens,
} from './llama-slots.ts';

/** One llama.cpp context with its prefix caches, in which one request is evaluated at a time. */
export interface Lane {
  /** About how many tokens are evaluated before a prompt that comes now is answered. */
  cost(prompt: readonly Token[]): number;
  /** Waits for its turn. Rejects with the signal's reason when the caller has gone. */
  generate(options: GenerateOptions): Promise<Generated>;
  /** Waits for what is under way; what has not begun is refused. */
  close(): Promise<void>;
}

/** What an answer of a short model is worth in tokens of a prompt, which go in many at a time. */
const TOKENS_OF_AN_ANSWER = 100;

/**
 * The lane that answers a prompt soonest. Which one it is moves no answer: each evaluates a prompt alone, in the same
 * chunks.
 */
export function chooseLane(lanes: readonly Lane[], prompt: readonly Token[]): Lane {
  const [best] = lanes
    .map((lane) => ({ lane, cost: lane.cost(prompt) }))
    .sort((one, other) => one.cost - other.cost);
  if (best === undefined) throw new Error('the embedded engine has no lane');
  return best.lane;
}

export function openLane(context: LlamaContext, model: LlamaModel): Lane {
  const slots = Array.from(
    { length: context.totalSequences },
    (): Slot => ({ sequence: context.getSequence(), chunked: [], usedAt: 0 }),
  );
  const waiting = new Set<readonly Token[]>();
  let clock = 0;
  let closed = false;
  let tail: Promise<unknown> = Promise.resolve();
  return {
    cost(prompt) {
      const known = [...slots.map(({ chunked }) => chunked), ...waiting];
      const shared = known.reduce((most, tokens) => Math.max(most, sharedTokens(tokens, prompt)), 0);
      return prompt.length - shared + TOKENS_OF_AN_ANSWER * waiting.size;
    },
    generate(options) {
      waiting.add(options.prompt);
      const result = tail.then(() => {
        options.abandoned.throwIfAborted();
        if (closed) throw new Error('the embedded engine is closed');
        const slot = chooseSlot(slots, options.prompt);
        clock += 1;
        slot.usedAt = clock;
        return generateInSlot(slot, model, context.contextSize, options);
      });
      const ended = result.finally(() => waiting.delete(options.prompt));
      tail = ended.catch(() => undefined);
      return ended;
    },
    async close() {
      closed = true;
      await tail;
    },
  };
}
