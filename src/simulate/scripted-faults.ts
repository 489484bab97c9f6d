import { SCRIPTED_REFUSAL } from './scripted-prompt.ts';

/** A reply on its way out, of the chat endpoint (`message`) or of the completions endpoint (`text`). */
export interface ScriptedReply {
  readonly id: string;
  readonly object: string;
  readonly created: number;
  readonly model: string;
  readonly system_fingerprint: string;
  readonly choices: readonly ScriptedChoice[];
  readonly usage: {
    readonly prompt_tokens: number;
    readonly completion_tokens: number;
    readonly total_tokens: number;
    readonly prompt_tokens_details: { readonly cached_tokens: number };
  };
}

export interface ScriptedChoice {
  readonly index: number;
  readonly finish_reason: string;
  readonly message?: { readonly role: 'assistant'; readonly content: string };
  readonly text?: string;
}

export type Outcome =
  | {
      readonly kind: 'send';
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly text: string;
      readonly delayMs: number;
    }
  /** The connection is cut without an answer. */
  | { readonly kind: 'reset' }
  /** The connection stays open and nothing ever comes. */
  | { readonly kind: 'stall' }
  /** The answer comes, letter by letter, for longer than anybody waits. */
  | { readonly kind: 'drip'; readonly text: string };

export interface Fault {
  readonly kind: FaultKind;
  /** For `tooManyRequests` and `unavailable`; without it there is no Retry-After header. */
  readonly retryAfterSeconds?: number;
  /** For `slow`. */
  readonly delayMs?: number;
}

/** What a fault is chosen by: `nth` counts the requests of this path from 1, in the order of their arrival. */
export interface FaultCall {
  readonly path: string;
  readonly nth: number;
  readonly body: unknown;
}

export type FaultKind = keyof typeof FAULTS;
type FaultResponse = (fault: Fault, reply: ScriptedReply) => Outcome;

/** Every way in which the scripted server can go wrong. `reply` is what it would have answered. */
const FAULTS = {
  tooManyRequests: (fault) => sendError(429, 'TooManyRequestsError', 'Too many requests.', retryAfter(fault)),
  unavailable: (fault) =>
    sendError(503, 'ServiceUnavailableError', 'The request queue is full.', retryAfter(fault)),
  internalError: () => sendError(500, 'InternalServerError', 'Internal server error'),
  unauthorized: () => sendError(401, 'Unauthorized', 'Invalid API Key'),
  contextOverflow: (_, reply) =>
    sendError(400, 'BadRequestError', overflowMessage(reply.usage.prompt_tokens, 8)),
  reset: () => ({ kind: 'reset' }),
  stall: () => ({ kind: 'stall' }),
  drip: (_, reply) => ({ kind: 'drip', text: JSON.stringify(reply) }),
  slow: (fault, reply) => ({ ...sendValue(reply), delayMs: fault.delayMs ?? 1000 }),
  cutJson: (_, reply) => sendText(JSON.stringify(reply).slice(0, 60), 'application/json'),
  html: () => sendText('<!doctype html><title>502 Bad Gateway</title>', 'text/html'),
  emptyChoices: (_, reply) => sendValue({ ...reply, choices: [] }),
  emptyContent: (_, reply) => sendValue(withText(reply, '')),
  refuse: (_, reply) => sendValue(withText(reply, SCRIPTED_REFUSAL)),
  garbage: (_, reply) => sendValue(withText(reply, '\u0000\ufffd]]>%% {{ 8fZ <|im_end|> ::set-output')),
  length: (_, reply) => sendValue(withText(withFinish(reply, 'length'), firstWord(reply))),
  contentFilter: (_, reply) => sendValue(withText(withFinish(reply, 'content_filter'), '')),
  wrongModel: (_, reply) => sendValue({ ...reply, model: 'another-model' }),
  wrongFingerprint: (_, reply) => sendValue({ ...reply, system_fingerprint: 'another-build' }),
  /** As by a server that cut the prompt silently: the answer is there, the count is too small. */
  truncatedPrompt: (_, reply) =>
    sendValue({
      ...reply,
      usage: { ...reply.usage, prompt_tokens: Math.ceil(reply.usage.prompt_tokens / 4) },
    }),
} as const satisfies Record<string, FaultResponse>;

export const FAULT_KINDS = Object.keys(FAULTS);

export function applyFault(fault: Fault, reply: ScriptedReply): Outcome {
  const respond: FaultResponse = FAULTS[fault.kind];
  return respond(fault, reply);
}

export function sendValue(value: unknown, status = 200): Extract<Outcome, { kind: 'send' }> {
  return sendText(JSON.stringify(value), 'application/json', status);
}

/** An error in vLLM's present shape. */
export function sendError(
  status: number,
  type: string,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): Outcome {
  const outcome = sendValue({ error: { message, type, param: null, code: status } }, status);
  return { ...outcome, headers: { ...outcome.headers, ...headers } };
}

export function overflowMessage(promptTokens: number, contextTokens: number): string {
  return (
    `You passed ${promptTokens} input tokens. However, the model's context length is only ${contextTokens} tokens, ` +
    'please reduce the length of the input.'
  );
}

export function sendText(
  text: string,
  contentType: string,
  status = 200,
): Extract<Outcome, { kind: 'send' }> {
  return { kind: 'send', status, headers: { 'content-type': contentType }, text, delayMs: 0 };
}

function retryAfter(fault: Fault): Record<string, string> {
  return fault.retryAfterSeconds === undefined ? {} : { 'retry-after': String(fault.retryAfterSeconds) };
}

function withText(reply: ScriptedReply, text: string): ScriptedReply {
  const choices = reply.choices.map((choice) =>
    choice.message === undefined
      ? { ...choice, text }
      : { ...choice, message: { role: 'assistant' as const, content: text } },
  );
  return { ...reply, choices };
}

function withFinish(reply: ScriptedReply, finish: string): ScriptedReply {
  return { ...reply, choices: reply.choices.map((choice) => ({ ...choice, finish_reason: finish })) };
}

function firstWord(reply: ScriptedReply): string {
  const choice = reply.choices[0];
  return (choice?.message?.content ?? choice?.text ?? '').split(' ')[0] ?? '';
}
