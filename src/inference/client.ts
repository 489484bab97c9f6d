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
  /** How many servers stand behind it; one when absent. */
  readonly replicas?: number;
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
      const sent = { path: pathOf('/chat/completions'), headers, body: bodies.write(request), timeoutMs };
      return exchange(sent, signal, (body) => readChat(body, asking(request.maxTokens)));
    },
    complete: (request, signal) => {
      const body = JSON.stringify(completionBody(model, request, manner));
      const sent = { path: pathOf('/completions'), body, timeoutMs };
      return exchange(sent, signal, (reply) => readCompletion(reply, asking(request.maxTokens)));
    },
    read: (path, signal) => exchange<unknown>({ path: pathOf(path), timeoutMs: lookMs }, signal, asItIs),
    post: (path, body, signal) => {
      const sent = { path: pathOf(path), body: JSON.stringify(body), timeoutMs: lookMs };
      return exchange<unknown>(sent, signal, asItIs);
    },
  };
}

const asItIs = (body: unknown) => body;

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
  if (status < 200 || status >= 300) return classifyFault(status, tryJson(text) ?? text, headers);
  const isJson = /[/+]json\b/i.test(headers.get('content-type') ?? '');
  if (!isJson || text === '') return parse(text);
  const body = tryJson(text);
  return body === undefined ? noJson : parse(body);
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
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
