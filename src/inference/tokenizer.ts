import { z } from 'zod';
import type { Message } from '../suite/context.ts';
import { estimatingCounter, type PromptCounter } from '../suite/token-count.ts';
import type { Client } from './client.ts';
import { isFault } from './fault.ts';
import { presetFields } from './presets.ts';

/** A server's own tokenizer: whole prompts as its template renders them. */
export interface Tokenizer {
  /** Which of the engines' ways answered, for people. */
  readonly way: string;
  /** False where the texts are counted and the template is estimated. */
  readonly exact: boolean;
  /** @returns undefined where the server gave no count */
  count(messages: readonly Message[], signal: AbortSignal): Promise<Counted | undefined>;
}

interface Counted {
  readonly tokens: number;
  /** The tokens themselves where the server shows them. */
  readonly ids: readonly number[] | undefined;
}

type Way = (client: Client) => Tokenizer;

const countedSchema = z.object({ count: z.int().nullish(), tokens: z.array(z.int()).nullish() });
const inputTokensSchema = z.object({ input_tokens: z.int() });
const templatedSchema = z.object({ prompt: z.string().min(1) });
const chatTokenizedSchema = z.object({ tokenize_response: z.array(z.object({ id: z.int() })) });

/** The engines' ways to count, those first that need one request and see the template. */
const ways: readonly Way[] = [
  countMessages('//tokenize', 'POST /tokenize {messages}', (body) => readTokens(body)),
  countMessages('/chat/completions/input_tokens', 'POST /v1/chat/completions/input_tokens', (body) => {
    const parsed = inputTokensSchema.safeParse(body);
    return parsed.success ? { tokens: parsed.data.input_tokens, ids: undefined } : undefined;
  }),
  countMessages('/tokenize', 'POST /v1/tokenize {messages}', (body) => readTokens(body)),
  countMessages('//chat_tokenize', 'POST /chat_tokenize', (body) => {
    const parsed = chatTokenizedSchema.safeParse(body);
    if (!parsed.success) return undefined;
    const ids = parsed.data.tokenize_response.map(({ id }) => id);
    return { tokens: ids.length, ids };
  }),
  countTemplated,
  countTexts,
];

/**
 * Finds the way in which a server counts tokens: vLLM and the embedded engine by /tokenize with messages, llama.cpp
 * by /v1/chat/completions/input_tokens or /apply-template, TGI by /chat_tokenize, SGLang by /v1/tokenize, which in older
 * versions sees texts alone. Servers answer each other's shapes with empty lists, so a way counts only when it finds tokens, and
 * more of them in a longer text.
 *
 * @returns undefined where the server offers none
 */
export async function findTokenizer(client: Client, signal: AbortSignal): Promise<Tokenizer | undefined> {
  const ask = (content: string): Message[] => [{ role: 'user', content }];
  for (const way of ways) {
    const tokenizer = way(client);
    const short = await tokenizer.count(ask('Good morning.'), signal);
    if (short === undefined) continue;
    const long = await tokenizer.count(ask('Good morning to you and to all of the others here.'), signal);
    if (long !== undefined && long.tokens > short.tokens + 4) return tokenizer;
  }
  return undefined;
}

/**
 * Counts prompts by a server's tokenizer, several at once; where there is none, or it stops answering, by estimate.
 *
 * @param input.maxInFlight requests at once
 */
export async function promptCounterOf(input: {
  readonly tokenizer: Tokenizer | undefined;
  readonly maxInFlight: number;
  readonly signal: AbortSignal;
}): Promise<PromptCounter> {
  const { tokenizer, signal } = input;
  if (tokenizer === undefined) return estimatingCounter;
  const count: PromptCounter['count'] = async (prompts) => {
    const tokens = new Array<number>(prompts.length).fill(0);
    const waiting = prompts.entries();
    const worker = async () => {
      for (const [index, messages] of waiting) {
        const counted = await tokenizer.count(messages, signal);
        if (counted === undefined) throw new CountingStopped();
        tokens[index] = counted.tokens;
      }
    };
    await Promise.all(Array.from({ length: input.maxInFlight }, worker));
    return tokens;
  };
  return {
    counts: tokenizer.exact ? 'exact' : 'estimate',
    head: await sharedOpening(tokenizer, signal),
    count,
  };
}

/** Thrown within counting where a server that has counted stops doing so. */
export class CountingStopped extends Error {}

/** Tokens with which prompts begin whatever is asked: a template's opening, with its own system prompt if any. */
async function sharedOpening(tokenizer: Tokenizer, signal: AbortSignal): Promise<number> {
  const idsOf = async (content: string) =>
    (await tokenizer.count([{ role: 'user', content }], signal))?.ids ?? [];
  const one = await idsOf('Apples are red.');
  const other = await idsOf('3 * 7 is what?');
  const differing = one.findIndex((id, index) => id !== other[index]);
  // A server that numbers its tokens instead of naming them shows no difference, and so no opening.
  return differing < 0 || differing >= other.length ? 0 : differing;
}

function countMessages(path: string, way: string, read: (body: unknown) => Counted | undefined): Way {
  return (client) => ({
    way,
    exact: true,
    count: async (messages, signal) => {
      const { manner, endpoint } = client;
      // Of what a request sets, the template's arguments change its tokens too.
      const template = manner === undefined ? {} : presetFields(manner.preset, manner.profile);
      const body = { model: endpoint.model, messages, add_generation_prompt: true, ...template };
      return readCounted(await client.post(path, body, signal), read);
    },
  });
}

/** llama.cpp before it counted messages: its template as text, then the text's tokens. */
function countTemplated(client: Client): Tokenizer {
  return {
    way: 'POST /apply-template, then /tokenize',
    exact: true,
    count: async (messages, signal) => {
      const templated = templatedSchema.safeParse(
        await client.post('//apply-template', { messages }, signal),
      );
      if (!templated.success) return undefined;
      const body = { content: templated.data.prompt, add_special: true, parse_special: true };
      return readCounted(await client.post('//tokenize', body, signal), readTokens);
    },
  };
}

/** Texts alone, as older SGLang counts them; a usual template's marks are added. */
function countTexts(client: Client): Tokenizer {
  const path = '/tokenize';
  return {
    way: 'POST /v1/tokenize {prompt}',
    exact: false,
    count: async (messages, signal) => {
      const { model } = client.endpoint;
      const prompt = messages.map(({ content }) => content).join('\n\n');
      const body = { model, prompt, add_special_tokens: false };
      const counted = readCounted(await client.post(path, body, signal), readTokens);
      return counted && { tokens: counted.tokens + 4 * messages.length + 3, ids: undefined };
    },
  };
}

function readCounted(body: unknown, read: (body: unknown) => Counted | undefined): Counted | undefined {
  const counted = isFault(body) ? undefined : read(body);
  // An empty answer is no count: llama.cpp answers vLLM's question so.
  return counted !== undefined && counted.tokens > 0 ? counted : undefined;
}

function readTokens(body: unknown): Counted | undefined {
  const parsed = countedSchema.safeParse(body);
  if (!parsed.success) return undefined;
  const ids = parsed.data.tokens ?? undefined;
  const tokens = parsed.data.count ?? ids?.length;
  return tokens === undefined ? undefined : { tokens, ids };
}
