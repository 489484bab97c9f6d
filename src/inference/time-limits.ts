import { Agent, request } from 'undici';

/** How long a server may take; all in milliseconds. */
export interface TimeLimits {
  /** To accept a connection. */
  readonly connectMs: number;
  /** From the request to the first byte of its answer: queue, prompt and, without streaming, the whole answer. */
  readonly firstByteMs: number;
}

/** As the OpenAI client calls it: with text for a body. */
type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

/**
 * A fetch for the OpenAI client with time limits of our own: Node’s gives up after 300 s without a first byte, which a
 * cold prompt on a busy server may take. The limit on the whole answer is the client’s. It reads answers whole, without
 * the streams of a full fetch, at half of its cost, and follows no redirect: that would carry prompts, and perhaps the
 * key, to a host that nobody named.
 */
export function makeFetch({ connectMs, firstByteMs }: TimeLimits): Fetch {
  const dispatcher = new Agent({
    connect: { timeout: connectMs },
    headersTimeout: firstByteMs,
    // Between two parts of a body, which the whole answer’s limit bounds as well.
    bodyTimeout: firstByteMs,
  });
  return async (input, { method, headers, body, signal } = {}) => {
    const url = typeof input === 'string' || input instanceof URL ? input : input.url;
    const answer = await request(url, {
      method: method?.toUpperCase() === 'POST' ? 'POST' : 'GET',
      headers: [...new Headers(headers)].flat(),
      body: typeof body === 'string' ? body : null,
      signal: signal ?? null,
      dispatcher,
    });
    const status = answer.statusCode;
    const text = await answer.body.text();
    if (status >= 300 && status < 400) throw new TypeError('unexpected redirect');
    return new Response(bodyless.has(status) ? null : text, { status, headers: readHeaders(answer.headers) });
  };
}

/** Statuses with which no answer may have a body. */
const bodyless: ReadonlySet<number> = new Set([204, 205]);

/** What of an answer's headers is read at all. */
const readNames = ['content-type', 'content-length', 'retry-after', 'date', 'x-should-retry', 'x-request-id'];

function readHeaders(headers: Readonly<Record<string, string | string[] | undefined>>): [string, string][] {
  return readNames.flatMap((name): [string, string][] => {
    const value = headers[name];
    return typeof value === 'string' ? [[name, value]] : [];
  });
}
