import { tryJson } from '../config/try-json.ts';
import { version } from '../version.ts';
import { authorization, parseBaseUrl } from './address.ts';
import {
  ChatBodies,
  type ChatRequest,
  type CompletionRequest,
  completionBody,
  laneHeaders,
  type Manner,
} from './chat-body.ts';
import { classifyFault, type Fault, faultOfEnding } from './fault.ts';
import { type HttpReply, type HttpRequest, openServer } from './http.ts';
import type { Places } from './places.ts';
import { type Answer, type Asking, readChat, readCompletion } from './reply.ts';

/** A server that speaks the OpenAI protocol, and how we speak to it. */
export interface Endpoint {
  readonly baseUrl: string;
  readonly model: string;
  readonly apiKey: string | undefined;
  /** For the whole answer. */
  readonly timeoutMs: number;
  /** To accept a connection; the whole answer's when absent. */
  readonly connectMs?: number | undefined;
  /** For the first byte; the whole answer's when absent. */
  readonly firstByteMs?: number | undefined;
  /** The flag or input that named it, for messages. */
  readonly namedBy: string;
}

/**
 * Tokens that an answer may have at once: those of reasoning with it only for a model that always reasons; of others it
 * shows when they have only reasoned, and they are asked again.
 */
export function answerRoom(
  { manner }: Pick<Client, 'manner'>,
  { maxTokens, maxReasoningTokens }: { readonly maxTokens: number; readonly maxReasoningTokens: number },
): number {
  return maxTokens + (manner?.preset?.reasons === 'always' ? maxReasoningTokens : 0);
}

/** One server; each call is one HTTP request, never retried here, so that the journal can count every one. */
export interface Client {
  readonly endpoint: Endpoint;
  /** Undefined until the server was met: it is then sent what every server takes. */
  readonly manner?: Manner | undefined;
  /** The replicas and ranks that stand behind it; all is one place when absent. */
  readonly places?: (signal: AbortSignal) => Promise<Places>;
  chat(request: ChatRequest, signal: AbortSignal): Promise<Answer | Fault>;
  complete(request: CompletionRequest, signal: AbortSignal): Promise<Answer | Fault>;
  /** A GET below the base URL, or from the server's root with a leading `//`; undefined where it is not offered. */
  read(path: string, signal: AbortSignal): Promise<unknown | Fault | undefined>;
  /** A POST of anything but a prompt to answer, with paths as `read` takes them: a question that costs no tokens. */
  post(path: string, body: object, signal: AbortSignal): Promise<unknown | Fault | undefined>;
}

/** For what costs no tokens, such as a list of models. */
const longestLookMs = 15_000;

/**
 * @param manner how the server is spoken to, once it is known what it is
 * @throws ConfigError BASE_URL where the address is not one, API_KEY where no header can hold the key
 */
export function connect(endpoint: Endpoint, manner?: Manner): Client {
  const { model, timeoutMs, apiKey } = endpoint;
  const { origin, pathname } = parseBaseUrl(endpoint);
  const base = pathname.replace(/\/+$/, '');
  // A gateway serves others beside: the server's own root is its address without the version.
  const root = base.replace(/\/v1$/, '');
  const pathOf = (path: string) => (path.startsWith('//') ? `${root}${path.slice(1)}` : `${base}${path}`);
  const exchange = exchangeWith(origin, endpoint);
  const bodies = new ChatBodies(model, manner);
  const lookMs = Math.min(timeoutMs, longestLookMs);
  const asking = (maxTokens: number): Asking => ({ maxTokens, apiKey });
  return {
    endpoint,
    manner,
    chat: (request, signal) => {
      const headers = laneHeaders(request, manner);
      const body = bodies.write(request);
      const mostBytes = mostOfAnswer(request.maxTokens, body.length);
      const sent = { path: pathOf('/chat/completions'), headers, body, timeoutMs, mostBytes };
      return exchange(sent, signal, (reply) => readChat(reply, asking(request.maxTokens)));
    },
    complete: (request, signal) => {
      const body = JSON.stringify(completionBody(model, request, manner));
      const mostBytes = mostOfAnswer(request.maxTokens, body.length, request.logprobs);
      const sent = { path: pathOf('/completions'), body, timeoutMs, mostBytes };
      return exchange(sent, signal, (reply) => readCompletion(reply, asking(request.maxTokens)));
    },
    read: (path, signal) => {
      const mostBytes = path === '//metrics' ? mostOfMetrics : mostOfLook;
      return exchange<unknown>({ path: pathOf(path), timeoutMs: lookMs, mostBytes }, signal, asItIs);
    },
    post: (path, asked, signal) => {
      const body = JSON.stringify(asked);
      const mostBytes = mostOfPost(body.length);
      const sent = { path: pathOf(path), body, timeoutMs: lookMs, mostBytes };
      return exchange<unknown>(sent, signal, asItIs);
    },
  };
}

const asItIs = (body: unknown) => body;

const megabyte = 1024 * 1024;
/** Lists of models, settings and templates; JSON costs twenty times its bytes once it is read. */
const mostOfLook = 4 * megabyte;
/** Text, with every count of every rank of a large server. */
const mostOfMetrics = 16 * megabyte;
const mostOfAny = 64 * megabyte;

/**
 * Bytes of an answer: what `reply.ts` takes at the most (64 characters a token, of which JSON makes six bytes each), the
 * candidates of each token, and for servers that send the prompt back, that.
 */
function mostOfAnswer(maxTokens: number, asked: number, logprobs = 0): number {
  const perToken = 384 + (logprobs === 0 ? 0 : 512 * (logprobs + 1));
  return Math.min(mostOfAny, megabyte + maxTokens * perToken + 6 * asked);
}

/** A tokenizer tells of each token, which is a byte at the least, its number, text and place. */
function mostOfPost(asked: number): number {
  return Math.min(mostOfAny, megabyte + 64 * asked);
}

/** One request and what its reply says, or why there is none. */
type SendAndRead = <T>(
  request: Omit<HttpRequest, 'method'>,
  signal: AbortSignal,
  parse: (body: unknown) => T,
) => Promise<T | Fault>;

function exchangeWith(origin: string, endpoint: Endpoint): SendAndRead {
  const { timeoutMs, connectMs = timeoutMs, firstByteMs = timeoutMs } = endpoint;
  const headers = {
    accept: 'application/json',
    'user-agent': `mixgate/${version}`,
    authorization: authorization(endpoint),
  };
  const send = openServer(origin, { connectMs, firstByteMs }, headers);
  return async (request, signal, parse) => {
    const method = request.body === undefined ? 'GET' : 'POST';
    const ending = await send({ ...request, method }, signal);
    return ending.kind === 'reply' ? readReply(ending, parse) : faultOfEnding(ending);
  };
}

/** JSON where the server says that it is, else text. */
function readReply<T>(reply: HttpReply, parse: (body: unknown) => T): T | Fault {
  const { status, headers, text } = reply;
  if (status >= 300 && status < 400) return redirected;
  if (status < 200 || status >= 300) return classifyFault(status, text, headers);
  const isJson = /[/+]json\b/i.test(headers.get('content-type') ?? '');
  const body = isJson && text !== '' ? tryJson(text) : text;
  if (body === undefined) return noJson;
  try {
    return parse(body);
  } catch (error) {
    // Too deep or too wide for whatever reads it.
    if (error instanceof RangeError) return unreadable;
    throw error;
  }
}

/** It would carry prompts, and perhaps the key, to a host that nobody named. */
const redirected: Fault = {
  kind: 'fault',
  code: 'redirect',
  retryable: false,
  reason: 'requestFailed',
  scope: 'run',
  detail: 'a redirect to another address',
};

/** Cut off on its way, most of the time: it says nothing about the request. */
const noJson: Fault = {
  kind: 'fault',
  code: 'network',
  retryable: true,
  reason: 'requestFailed',
  scope: 'trial',
  detail: 'an answer that is no JSON',
};

const unreadable: Fault = {
  kind: 'fault',
  code: 'malformed',
  retryable: true,
  reason: 'malformedAnswer',
  scope: 'trial',
  detail: 'an answer that nests too deep',
};
