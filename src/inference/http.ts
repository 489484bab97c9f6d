import { setMaxListeners } from 'node:events';
import { type Dispatcher, Pool } from 'undici';
import { ReplyBytes, Room } from './reply-bytes.ts';

/** How long a server may take; all in milliseconds. */
export interface TimeLimits {
  /** To accept a connection. */
  readonly connectMs: number;
  /** From the request to the first byte of its answer: queue, prompt and, without streaming, the whole answer. */
  readonly firstByteMs: number;
}

export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** Beside those of every request. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** JSON; none where undefined. */
  readonly body?: string | Buffer | undefined;
  /** For the whole answer. */
  readonly timeoutMs: number;
  /** Bytes of a reply; a longer one ends the request. */
  readonly mostBytes: number;
}

/** A reply as it came, whatever its status. */
export interface HttpReply {
  readonly kind: 'reply';
  readonly status: number;
  readonly headers: ReplyHeaders;
  readonly text: string;
}

/** Names in lower case; a header that is there more than once is told as one, with commas, as the protocol has it. */
export interface ReplyHeaders {
  get(name: string): string | null;
}

/** How a request ended. */
export type HttpEnding =
  | HttpReply
  | { readonly kind: 'stopped' }
  | { readonly kind: 'tookTooLong' }
  | { readonly kind: 'tooLong' }
  | { readonly kind: 'noRoom' }
  | { readonly kind: 'failed'; readonly error: Error };

/** Sends one request, never a second one, and reads its reply whole; follows no redirect. Rejects nothing. */
export type Send = (request: HttpRequest, signal: AbortSignal) => Promise<HttpEnding>;

/** Of all replies under way in this process: many servers that each send what one may would fill the memory. */
const sharedRoom = new Room(256 * 1024 * 1024);

/**
 * Connections to one server, with time limits of our own: Node's fetch gives up after 300 s without a first byte, which a
 * cold prompt on a busy server may take. Below the streams and signals of a fetch, which cost more than all else that a
 * request costs here. Docs: docs/decisions/0026-http-below-fetch.md.
 *
 * @param origin such as http://gpu-1:8000
 * @param headers of every request
 * @param room for replies, which all servers share
 */
export function openServer(
  origin: string,
  { connectMs, firstByteMs }: TimeLimits,
  headers: Readonly<Record<string, string>>,
  room = sharedRoom,
): Send {
  const pool = new Pool(origin, {
    connect: { timeout: connectMs },
    headersTimeout: firstByteMs,
    // Between two parts of a body, which the whole answer's limit bounds as well.
    bodyTimeout: firstByteMs,
  });
  const bare = { ...headers };
  const withBody = { ...headers, 'content-type': 'application/json' };
  return ({ method, path, body, timeoutMs, mostBytes, headers: own }, signal) =>
    new Promise((resolve) => {
      const exchange = new Exchange({ resolve, signal, timeoutMs, bytes: new ReplyBytes(mostBytes, room) });
      if (signal.aborted) return exchange.end({ kind: 'stopped' });
      const all = body === undefined ? bare : withBody;
      const sent = { origin, path, method, headers: own ? { ...all, ...own } : all, body: body ?? null };
      try {
        pool.dispatch(sent, exchange);
      } catch (error) {
        exchange.end({ kind: 'failed', error: asError(error) });
      }
    });
}

/** One request under way. It ends once, by whatever comes first. */
class Exchange implements Dispatcher.DispatchHandler {
  readonly #resolve: (ending: HttpEnding) => void;
  readonly #signal: AbortSignal;
  readonly #timer: NodeJS.Timeout;
  readonly #stop = () => this.end({ kind: 'stopped' });
  #over = false;
  #controller: Dispatcher.DispatchController | undefined;
  #status = 0;
  #headers: Readonly<Record<string, string | string[] | undefined>> = {};
  readonly #bytes: ReplyBytes;

  constructor({
    resolve,
    signal,
    timeoutMs,
    bytes,
  }: {
    readonly resolve: (ending: HttpEnding) => void;
    readonly signal: AbortSignal;
    readonly timeoutMs: number;
    readonly bytes: ReplyBytes;
  }) {
    this.#resolve = resolve;
    this.#signal = signal;
    this.#bytes = bytes;
    this.#timer = setTimeout(() => this.end({ kind: 'tookTooLong' }), timeoutMs);
    // Each request under way listens; Node 20 warns of a leak at the eleventh.
    setMaxListeners(0, signal);
    signal.addEventListener('abort', this.#stop);
  }

  /** The first ending counts; of a connection that still works for this request nothing more is read. */
  end(ending: HttpEnding): void {
    if (this.#over) return;
    this.#over = true;
    clearTimeout(this.#timer);
    this.#signal.removeEventListener('abort', this.#stop);
    this.#bytes.free();
    if (ending.kind !== 'reply' && ending.kind !== 'failed') this.#controller?.abort(new Error(ending.kind));
    this.#resolve(ending);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    // It ended while it waited for a connection.
    if (this.#over) controller.abort(new Error('over'));
  }

  onResponseStart(
    _: Dispatcher.DispatchController,
    status: number,
    headers: Readonly<Record<string, string | string[] | undefined>>,
  ): void {
    // Once more after an interim reply (1xx).
    this.#status = status;
    this.#headers = headers;
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#over) return;
    const what = this.#bytes.add(chunk);
    if (what !== 'added') this.end({ kind: what });
  }

  onResponseEnd(): void {
    const all = this.#headers;
    const headers = {
      get: (name: string) => {
        const value = all[name];
        return Array.isArray(value) ? value.join(', ') : (value ?? null);
      },
    };
    this.end({ kind: 'reply', status: this.#status, headers, text: this.#bytes.text() });
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    this.end(timeLimits.has(codeOf(error)) ? { kind: 'tookTooLong' } : { kind: 'failed', error });
  }
}

/** The client's limits on connection, first byte and pauses, and the system's own on the connection. */
const timeLimits: ReadonlySet<string> = new Set([
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'ETIMEDOUT',
]);

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : '';
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error('a request that could not be sent');
}
