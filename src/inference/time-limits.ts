import { Agent, fetch } from 'undici';

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
 * A fetch with time limits of our own: Node’s gives up after 300 s without a first byte, which a cold prompt on a busy
 * server may take. The limit on the whole answer is the client’s.
 */
export function makeFetch({ connectMs, firstByteMs }: TimeLimits): Fetch {
  const dispatcher = new Agent({
    connect: { timeout: connectMs },
    headersTimeout: firstByteMs,
    // Between two parts of a body, which the whole answer’s limit bounds as well.
    bodyTimeout: firstByteMs,
  });
  return (input, { method = 'GET', headers, body, signal, redirect = 'error' } = {}) => {
    const url = typeof input === 'string' || input instanceof URL ? input : input.url;
    if (body !== undefined && body !== null && typeof body !== 'string') {
      throw new TypeError('makeFetch: expected a body of text, got something else');
    }
    return fetch(url, {
      method,
      headers: [...new Headers(headers)],
      body: body ?? null,
      signal: signal ?? null,
      redirect,
      dispatcher,
    });
  };
}
