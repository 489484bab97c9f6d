import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';

/** What a local handler is given: the path without its query string, and the body, read up to the bound. */
export interface LocalRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** Aborted when the client has gone: work that nobody waits for is not started. */
  readonly gone: AbortSignal;
  readonly response: ServerResponse;
}

export interface LocalServer {
  readonly origin: string;
  close(): Promise<void>;
}

export interface LocalServerOptions {
  readonly maxBodyBytes: number;
  readonly handle: (request: LocalRequest) => Promise<void>;
  /** Answers a body over the bound, and an error that `handle` let through. */
  readonly refuse: (response: ServerResponse, status: 413 | 500, message: string) => void;
}

/** Starts an HTTP server on 127.0.0.1 at a free port. Never on another interface: it has no key. */
export async function startLocalServer(options: LocalServerOptions): Promise<LocalServer> {
  const server = createServer((request, response) => {
    void answer(request, response, options);
  });
  // Node closes an idle connection after 5 s, a race that a client with keep-alive sees as a reset.
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the local server has no port');
  return {
    origin: `http://127.0.0.1:${address.port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  if (response.headersSent || response.destroyed) return;
  const text = JSON.stringify(value);
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  options: LocalServerOptions,
): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  try {
    const body = await readBody(request, options.maxBodyBytes);
    if (body === null) {
      response.setHeader('connection', 'close');
      options.refuse(response, 413, `the request body is larger than ${options.maxBodyBytes} bytes`);
      return;
    }
    const path = (request.url ?? '/').split('?')[0] ?? '/';
    const { method = 'GET', headers } = request;
    await options.handle({ method, path, headers, body, gone: gone.signal, response });
  } catch (error) {
    if (!gone.signal.aborted)
      options.refuse(response, 500, error instanceof Error ? error.message : 'failed');
  }
}

/** The body as text; null when it is longer than the bound. The rest is drained, so that the 413 can be read. */
async function readBody(request: IncomingMessage, maxBytes: number): Promise<string | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    const part: Buffer = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
    bytes += part.length;
    if (bytes <= maxBytes) chunks.push(part);
    // A client that never stops sending is cut off.
    if (bytes > maxBytes * 8) request.destroy();
  }
  return bytes > maxBytes ? null : Buffer.concat(chunks).toString('utf8');
}
