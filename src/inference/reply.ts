import { z } from 'zod';
import { classifyFault, type Fault } from './fault.ts';
import { listOf } from './list-of.ts';
import { splitReasoning } from './reasoning.ts';
import { serverWordOrNull } from './server-word.ts';
import { type TokenChoice, tokenChoices } from './token-choices.ts';

/** Tokens of one exchange as the server counts them; null where it does not say, or says what no count can be. */
export interface Usage {
  readonly promptTokens: number | null;
  readonly cachedTokens: number | null;
  readonly completionTokens: number | null;
}

/** What a server answered, before anybody judges it. */
export interface Answer {
  readonly kind: 'answer';
  /** The answer alone: reasoning is kept out of it, wherever the server put that. */
  readonly text: string;
  /** `stop`, `length`, `content_filter`, another word of the server's, or `unknown`. */
  readonly finish: string;
  /** Whether the model reasoned before it answered, or instead. */
  readonly reasoned: boolean;
  readonly usage: Usage;
  readonly model: string | null;
  readonly fingerprint: string | null;
  /** The tokens of the text with the candidates for each, where they were asked for and the server tells them. */
  readonly tokens?: readonly TokenChoice[] | undefined;
}

/** What the question sets for its answer: the most that it may be, and the key that it must not tell. */
export interface Asking {
  readonly maxTokens: number;
  readonly apiKey: string | undefined;
}

/**
 * A count below zero would hand budget back, and one above any context would end the run at a cap that was never
 * used: what is no count is taken as not told, and so at its worst.
 */
const tokens = z.int().min(0).max(10_000_000).nullish().catch(null);
const usageSchema = z
  .object({
    prompt_tokens: tokens,
    completion_tokens: tokens,
    prompt_tokens_details: z.object({ cached_tokens: tokens }).nullish().catch(null),
    completion_tokens_details: z.object({ reasoning_tokens: tokens }).nullish().catch(null),
    reasoning_tokens: tokens,
  })
  .nullish()
  .catch(null);

/** Some servers send a message in parts, reasoning as parts of their own. */
const content = z.union([
  z.string(),
  listOf(z.object({ type: z.string(), text: z.string().optional() }), { max: 10_000 }).transform((parts) => ({
    text: parts.map(({ type, text }) => (type === 'text' ? (text ?? '') : '')).join(''),
    reasoned: parts.some(({ type }) => type === 'thinking' || type === 'reasoning'),
  })),
]);

/** One is asked for. */
const choices = { min: 1, max: 16 };

const chatSchema = z.object({
  model: z.string().nullish(),
  system_fingerprint: z.string().nullish(),
  usage: usageSchema,
  choices: listOf(
    z.object({
      finish_reason: z.string().nullish(),
      message: z.object({
        content: content.nullish(),
        refusal: z.string().nullish(),
        reasoning: z.string().nullish(),
        reasoning_content: z.string().nullish(),
      }),
    }),
    choices,
  ),
});

const completionSchema = z.object({
  model: z.string().nullish(),
  system_fingerprint: z.string().nullish(),
  usage: usageSchema,
  choices: listOf(
    z.object({ finish_reason: z.string().nullish(), text: z.string(), logprobs: tokenChoices }),
    choices,
  ),
});

/** An error in the body of a 200, nested (vLLM, llama.cpp) or flat (SGLang, old vLLM). */
const nestedError = z.object({ error: z.object({ code: z.int().min(400).max(599) }) });
const flatError = z.object({ object: z.literal('error'), code: z.int().min(400).max(599) });

/** Reads the body of a chat reply. */
export function readChat(body: unknown, asking: Asking): Answer | Fault {
  const parsed = chatSchema.safeParse(body);
  if (!parsed.success) return malformed(body);
  const [choice] = parsed.data.choices;
  if (choice === undefined) return malformed(body);
  const { text, reasoned } = readMessage(choice.message);
  return makeAnswer({ reply: parsed.data, finish: choice.finish_reason, text, reasoned, asking });
}

/**
 * Reasoning comes in a field of its own, as a part of its own, or in the text between marks, by server and version. Where
 * the server has taken it out, marks in the text are the answer's own.
 */
function readMessage({
  content: said,
  refusal,
  ...message
}: z.infer<typeof chatSchema>['choices'][number]['message']): Pick<Answer, 'text' | 'reasoned'> {
  const apart = (message.reasoning ?? '') !== '' || (message.reasoning_content ?? '') !== '';
  if (typeof said === 'object' && said !== null) return { text: said.text, reasoned: said.reasoned || apart };
  // A refusal in a field of its own is what the model said.
  const text = said ?? refusal ?? '';
  if (apart) return { text, reasoned: true };
  const { answer, reasoned } = splitReasoning(text);
  return { text: answer, reasoned };
}

/** Reads the body of a plain completion. */
export function readCompletion(body: unknown, asking: Asking): Answer | Fault {
  const parsed = completionSchema.safeParse(body);
  if (!parsed.success) return malformed(body);
  const [choice] = parsed.data.choices;
  const [finish, text] = [choice?.finish_reason, choice?.text ?? ''];
  const answer = makeAnswer({ reply: parsed.data, finish, text, reasoned: false, asking });
  const tokens = choice?.logprobs ?? undefined;
  return answer.kind === 'fault' || tokens === undefined ? answer : { ...answer, tokens };
}

function makeAnswer(input: {
  readonly reply: Omit<z.infer<typeof completionSchema>, 'choices'>;
  readonly finish: string | null | undefined;
  readonly text: string;
  readonly reasoned: boolean;
  readonly asking: Asking;
}): Answer | Fault {
  const { reply, finish, text, reasoned, asking } = input;
  // The server gave up on a request that it had taken (SGLang evicts so): half an answer is none.
  if (finish === 'abort' || finish === 'error') return givenUp(finish);
  if (text.length > charsPerToken * asking.maxTokens + spareChars) return endless;
  const reasoningTokens =
    reply.usage?.completion_tokens_details?.reasoning_tokens ?? reply.usage?.reasoning_tokens ?? 0;
  return {
    kind: 'answer',
    text,
    finish: finishWords.get(finish ?? '') ?? finish ?? 'unknown',
    reasoned: reasoned || reasoningTokens > 0,
    usage: readUsage(reply.usage),
    model: serverWordOrNull(reply.model, asking.apiKey),
    fingerprint: serverWordOrNull(reply.system_fingerprint, asking.apiKey),
  };
}

/** Words of TGI, by version, and of gateways, for those of the protocol. */
const finishWords: ReadonlyMap<string, string> = new Map([
  ['eos_token', 'stop'],
  ['stop_sequence', 'stop'],
  ['end_turn', 'stop'],
  ['max_tokens', 'length'],
  ['model_length', 'length'],
]);

/** Few tokens of any vocabulary are longer. */
const charsPerToken = 64;
const spareChars = 4096;

/** A server that does not keep to max_tokens could fill disk and memory; asked again it would do so again. */
const endless: Fault = {
  kind: 'fault',
  code: 'endless',
  retryable: false,
  reason: 'malformedAnswer',
  scope: 'trial',
  detail: 'an answer far longer than max_tokens allows',
};

function readUsage(usage: z.infer<typeof usageSchema>): Usage {
  return {
    promptTokens: usage?.prompt_tokens ?? null,
    cachedTokens: usage?.prompt_tokens_details?.cached_tokens ?? null,
    completionTokens: usage?.completion_tokens ?? null,
  };
}

function givenUp(finish: 'abort' | 'error'): Fault {
  const detail = `an answer that the server gave up (finish_reason ${finish})`;
  return { kind: 'fault', code: 'givenUp', retryable: true, reason: 'requestFailed', scope: 'trial', detail };
}

function malformed(body: unknown): Fault {
  const nested = nestedError.safeParse(body);
  if (nested.success) return classifyFault(nested.data.error.code, body, undefined);
  const flat = flatError.safeParse(body);
  if (flat.success) return classifyFault(flat.data.code, body, undefined);
  const isPage = typeof body === 'string' && /^\s*</.test(body);
  return {
    kind: 'fault',
    code: isPage ? 'webPage' : 'malformed',
    retryable: true,
    reason: 'malformedAnswer',
    scope: 'trial',
    detail: isPage ? 'a web page where JSON was expected' : 'an answer without choices',
  };
}
