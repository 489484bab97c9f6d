import type { LlamaContextSequence, LlamaModel, Token } from 'node-llama-cpp';
import { pickToken, type TokenSampling, uniformOf } from './token-sampler.ts';

/**
 * Prompts are evaluated in chunks that begin at multiples of this. A cached prefix is reused in whole chunks only,
 * so every chunk is computed in the same batch shape on the same cache whatever was asked before, and cached and
 * uncached answers agree bit for bit. 32 was the fastest of 32, 64, 128.
 */
const CHUNK_TOKENS = 32;

export interface GenerateOptions {
  readonly prompt: readonly Token[];
  readonly sampling: TokenSampling;
  /** At least 1. The answer also ends where the context is full. */
  readonly maxTokens: number;
  readonly stop: readonly string[];
  /** How many of the likeliest tokens to report at each step. */
  readonly topLogprobs: number;
  readonly abandoned: AbortSignal;
}

export interface GeneratedToken {
  readonly token: Token;
  readonly logprob: number;
  /** The likeliest tokens at temperature 1, likeliest first; as many as were asked for. */
  readonly top: readonly { readonly token: Token; readonly logprob: number }[];
}

export interface Generated {
  readonly text: string;
  readonly tokens: readonly GeneratedToken[];
  readonly finish: 'stop' | 'length';
  /** The model gave its end token, which is not among `tokens`. */
  readonly ended: boolean;
  readonly cachedTokens: number;
}

/** One sequence of the context: the tokens whose chunks are in its cache, and when it was last used. */
export interface Slot {
  readonly sequence: LlamaContextSequence;
  chunked: readonly Token[];
  usedAt: number;
}

/**
 * The slot that shares the longest prefix. A slot of which less than half would survive is left to its own context,
 * and the one that has rested longest is taken instead.
 */
export function chooseSlot(slots: readonly Slot[], prompt: readonly Token[]): Slot {
  const ranked = slots
    .map((slot) => ({ slot, shared: reusableTokens(slot, prompt) }))
    .sort((a, b) => b.shared - a.shared || a.slot.usedAt - b.slot.usedAt);
  const best = ranked[0];
  if (best === undefined) throw new Error('the embedded engine has no sequence');
  if (best.shared * 2 >= best.slot.chunked.length) return best.slot;
  return slots.reduce((oldest, slot) => (slot.usedAt < oldest.usedAt ? slot : oldest));
}

/** Whole chunks that slot and prompt share; at least one token is left over, whose logits give the first answer. */
function reusableTokens(slot: Slot, prompt: readonly Token[]): number {
  return sharedTokens(slot.chunked, prompt);
}

/** Whole chunks at the beginning of a prompt that other tokens begin with too; the prompt's last token is never one. */
export function sharedTokens(tokens: readonly Token[], prompt: readonly Token[]): number {
  const most = Math.min(tokens.length, prompt.length - 1);
  let shared = 0;
  while (shared < most && tokens[shared] === prompt[shared]) shared += 1;
  return shared - (shared % CHUNK_TOKENS);
}

export async function generateInSlot(
  slot: Slot,
  model: LlamaModel,
  contextTokens: number,
  options: GenerateOptions,
): Promise<Generated> {
  const { sequence } = slot;
  const { prompt } = options;
  const cachedTokens = reusableTokens(slot, prompt);
  // Until the chunks are in again, nothing past the shared prefix counts as cached: the caller may go away.
  slot.chunked = prompt.slice(0, cachedTokens);
  // Without `false` the library slides later tokens to a new position, which is an approximation.
  await sequence.adaptStateToTokens(prompt.slice(0, cachedTokens), false);
  let at = cachedTokens;
  for (; at + CHUNK_TOKENS < prompt.length; at += CHUNK_TOKENS) {
    options.abandoned.throwIfAborted();
    await sequence.evaluateWithoutGeneratingNewTokens(prompt.slice(at, at + CHUNK_TOKENS));
    slot.chunked = prompt.slice(0, at + CHUNK_TOKENS);
  }
  const room = Math.min(options.maxTokens, contextTokens - prompt.length);
  const answer = await decode(sequence, model, prompt.slice(at), { ...options, maxTokens: room });
  return { ...answer, cachedTokens };
}

async function decode(
  sequence: LlamaContextSequence,
  model: LlamaModel,
  rest: Token[],
  options: GenerateOptions,
): Promise<Omit<Generated, 'cachedTokens'>> {
  const tokens: GeneratedToken[] = [];
  // Temperature 0 makes the library's own sampler inert and hands back the model's plain probabilities.
  const steps = sequence.evaluateWithMetadata(
    rest,
    { probabilities: true },
    { temperature: 0, yieldEogToken: true },
  );
  try {
    let step = await steps.next();
    while (step.done !== true) {
      options.abandoned.throwIfAborted();
      const chosen = pickToken(
        step.value.probabilities,
        options.sampling,
        uniformOf(options.sampling.seed, tokens.length),
      );
      if (model.isEogToken(chosen)) {
        return { text: textOf(model, tokens), tokens, finish: 'stop', ended: true };
      }
      tokens.push(describeToken(chosen, step.value.probabilities, options.topLogprobs));
      const text = textOf(model, tokens);
      const stopAt = earliestStop(text, options.stop);
      if (stopAt !== null) {
        return { text: text.slice(0, stopAt), tokens, finish: 'stop', ended: false };
      }
      if (tokens.length >= options.maxTokens) {
        return { text, tokens, finish: 'length', ended: false };
      }
      step = await steps.next(chosen);
    }
    throw new Error('the engine stopped without an end token');
  } finally {
    await steps.return();
  }
}

function textOf(model: LlamaModel, tokens: readonly GeneratedToken[]): string {
  return model.detokenize(tokens.map((one) => one.token));
}

function describeToken(
  token: Token,
  probabilities: ReadonlyMap<Token, number>,
  topLogprobs: number,
): GeneratedToken {
  const ranked = topLogprobs === 0 ? [] : [...probabilities].sort((a, b) => b[1] - a[1] || a[0] - b[0]);
  const top = ranked
    .slice(0, topLogprobs)
    .map(([each, probability]) => ({ token: each, logprob: Math.log(probability) }));
  return { token, logprob: Math.log(probabilities.get(token) ?? 0), top };
}

function earliestStop(text: string, stop: readonly string[]): number | null {
  const found = stop.map((each) => text.indexOf(each)).filter((at) => at >= 0);
  return found.length === 0 ? null : Math.min(...found);
}
