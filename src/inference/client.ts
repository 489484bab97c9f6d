import OpenAI, { APIConnectionTimeoutError, APIError, APIUserAbortError } from 'openai';
import { ConfigError } from '../config/errors.ts';
import type { Message } from '../suite/context.ts';
import { type EngineProfile, profileOf, type Sampling } from './engine.ts';
import { classifyFault, type Fault } from './fault.ts';
import { type ModelPreset, presetFields } from './presets.ts';
import { type Answer, type Asking, readChat, readCompletion } from './reply.ts';
import { makeFetch } from './time-limits.ts';

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

export interface ChatRequest extends Sampling {
  readonly messages: readonly Message[];
  /** The `response_format` of the protocol; not sent where absent. */
  readonly responseFormat?: object | undefined;
  /** Requests with one key share a prefix, and go to one replica where there are several. */
  readonly contextKey?: string;
}

export interface CompletionRequest {
  readonly prompt: string;
  readonly maxTokens: number;
  /** How many candidates for each token are asked for; not sent where absent. */
  readonly logprobs?: number | undefined;
}

/** How a server that was met is spoken to. */
export interface Manner {
  readonly profile: EngineProfile;
  readonly preset: ModelPreset | undefined;
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

/**
 * @param manner how the server is spoken to, once it is known what it is
 * @throws ConfigError BASE_URL where the address is not one, API_KEY where no header can hold the key,
 *   CUSTOM_HEADERS where the environment sets headers of its own
 */
export function connect(endpoint: Endpoint, manner?: Manner): Client {
  const root = parseBaseUrl(endpoint);
  requireHeaderText(endpoint);
  refuseCustomHeaders();
  // A gateway serves others beside: the server's own root is its address without the version.
  const serverRoot = root.href.replace(/\/+$/, '').replace(/\/v1$/, '');
  const { timeoutMs, connectMs = timeoutMs, firstByteMs = timeoutMs } = endpoint;
  const openai = new OpenAI({
    baseURL: root.href,
    // A workflow's missing secret is an empty text.
    apiKey: endpoint.apiKey?.trim() || 'none',
    adminAPIKey: null,
    webhookSecret: null,
    organization: null,
    project: null,
    maxRetries: 0,
    timeout: endpoint.timeoutMs,
    logLevel: 'off',
    fetch: makeFetch({ connectMs, firstByteMs }),
  });
  const timeout = Math.min(endpoint.timeoutMs, 15_000);
  const urlOf = (path: string) => (path.startsWith('//') ? `${serverRoot}${path.slice(1)}` : path);
  const attempt = async <T>(
    call: () => Promise<unknown>,
    parse: (body: unknown) => T,
  ): Promise<T | Fault> => {
    try {
      return parse(await call());
    } catch (error) {
      return faultOf(error);
    }
  };
  const asking = (maxTokens: number): Asking => ({ maxTokens, apiKey: endpoint.apiKey });
  return {
    endpoint,
    manner,
    chat: (request, signal) =>
      attempt(
        () => openai.post('/chat/completions', { body: chatBody(endpoint.model, request, manner), signal }),
        (body) => readChat(body, asking(request.maxTokens)),
      ),
    complete: (request, signal) =>
      attempt(
        () => openai.post('/completions', { body: completionBody(endpoint.model, request, manner), signal }),
        (body) => readCompletion(body, asking(request.maxTokens)),
      ),
    read: (path, signal) =>
      attempt<unknown>(
        () => openai.get(urlOf(path), { signal, timeout }),
        (b) => b,
      ),
    post: (path, body, signal) =>
      attempt<unknown>(
        () => openai.post(urlOf(path), { body, signal, timeout }),
        (b) => b,
      ),
  };
}

function parseBaseUrl({ baseUrl, namedBy }: Endpoint): URL {
  const parsed = URL.canParse(baseUrl) ? new URL(baseUrl) : undefined;
  const problem = addressProblem(parsed);
  if (parsed !== undefined && problem === undefined) return new URL(parsed.href.replace(/\/+$/, ''));
  throw new ConfigError({
    code: 'BASE_URL',
    where: namedBy,
    expected: 'an http or https address such as http://gpu-1:8000/v1, without user, password or query',
    // The value itself may hold a password.
    got: problem ?? 'something that is no URL',
    remedy: 'give the address of an OpenAI-compatible server; keys go into the api-key variables',
  });
}

function addressProblem(url: URL | undefined): string | undefined {
  if (url === undefined) return 'something that is no URL';
  if (!/^https?:$/.test(url.protocol)) return 'an address that does not begin with http:// or https://';
  if (url.username !== '' || url.password !== '') return 'an address with a user or a password';
  return url.search !== '' || url.hash !== '' ? 'an address with a query or a fragment' : undefined;
}

function requireHeaderText({ apiKey, namedBy }: Endpoint): void {
  if (/^[\x21-\x7e]*$/.test(apiKey?.trim() ?? '')) return;
  throw new ConfigError({
    code: 'API_KEY',
    where: `the key for ${namedBy}`,
    expected: 'printable ASCII characters without blanks, as an HTTP header can hold them',
    got: 'other characters',
    remedy: 'set the key again, without line breaks',
  });
}

/** The SDK merges this variable into every request, where it could replace the key by another. */
function refuseCustomHeaders(): void {
  if ((process.env.OPENAI_CUSTOM_HEADERS ?? '').trim() === '') return;
  throw new ConfigError({
    code: 'CUSTOM_HEADERS',
    where: 'the environment variable OPENAI_CUSTOM_HEADERS',
    expected: 'nothing: its headers would go to every server, and could replace the key',
    // The value itself may hold a key.
    got: 'a value',
    remedy: 'unset OPENAI_CUSTOM_HEADERS',
  });
}

/** Every sampling parameter that matters is sent: servers have defaults of their own. */
export function chatBody(model: string, request: ChatRequest, manner: Manner | undefined) {
  const { messages, responseFormat } = request;
  const profile = manner?.profile ?? profileOf('unknown');
  return {
    model,
    messages,
    ...profile.fields(request),
    ...presetFields(manner?.preset, profile),
    ...(responseFormat === undefined ? {} : { response_format: responseFormat }),
  };
}

/** `add_special_tokens: false` since the prompt holds its own beginning-of-text mark. */
function completionBody(
  model: string,
  { prompt, maxTokens, logprobs }: CompletionRequest,
  manner: Manner | undefined,
) {
  const profile = manner?.profile ?? profileOf('unknown');
  const fields = profile.fields({ temperature: 0, topP: 1, maxTokens, seed: 0 });
  const candidates = logprobs === undefined ? {} : { logprobs };
  return { model, prompt, ...fields, add_special_tokens: false, ...candidates };
}

function faultOf(error: unknown): Fault {
  if (error instanceof APIUserAbortError) {
    return {
      kind: 'fault',
      code: 'aborted',
      retryable: false,
      reason: 'requestFailed',
      scope: 'run',
      detail: 'stopped',
    };
  }
  if (error instanceof APIConnectionTimeoutError) {
    return {
      kind: 'fault',
      code: 'timeout',
      retryable: true,
      reason: 'requestFailed',
      scope: 'trial',
      detail: 'no answer within the time limit',
    };
  }
  if (error instanceof APIError && error.status !== undefined) {
    // A body that is no JSON is kept in the message alone.
    return classifyFault(error.status, error.error ?? error.message, error.headers);
  }
  const causes = causesOf(error);
  if (causes.some(({ message }) => message === 'unexpected redirect')) {
    const detail = 'a redirect to another address';
    return {
      kind: 'fault',
      code: 'redirect',
      retryable: false,
      reason: 'requestFailed',
      scope: 'run',
      detail,
    };
  }
  // Connection refused, reset, cut-off JSON: none of these says anything about the request.
  return {
    kind: 'fault',
    code: 'network',
    retryable: true,
    reason: 'requestFailed',
    scope: 'trial',
    detail: describeCause(causes),
  };
}

/** An error and what caused it, outermost first. */
function causesOf(error: unknown): readonly Error[] {
  const causes: Error[] = [];
  for (let one = error; one instanceof Error && causes.length < 8; one = one.cause) causes.push(one);
  return causes;
}

/** Ours, or a system's code such as ECONNREFUSED; never a message, which may quote an answer. */
function describeCause(causes: readonly Error[]): string {
  if (causes.some((cause) => cause instanceof SyntaxError)) return 'an answer that is no JSON';
  // Ports of other protocols, which Node's fetch does not connect to.
  if (causes.some(({ message }) => message === 'bad port')) return 'the connection failed (a blocked port)';
  const code = causes.flatMap((cause) => ('code' in cause ? [cause.code] : [])).find(isSystemCode);
  return code === undefined ? 'the connection failed' : `the connection failed (${code})`;
}

function isSystemCode(code: unknown): code is string {
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]{2,40}$/.test(code);
}
