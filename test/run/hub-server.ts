import { createHash } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { HubFile } from '../../src/config/hub-file.ts';

/** What a hub saw of one request. */
export interface HubCall {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
}

export interface LocalHub {
  readonly origin: string;
  readonly calls: readonly HubCall[];
  close(): Promise<void>;
}

/** A server on a port of its own (another port is another origin), that answers as a test says. */
export async function startHub(
  answer: (call: HubCall, response: ServerResponse, calls: readonly HubCall[]) => void,
): Promise<LocalHub> {
  const calls: HubCall[] = [];
  const server = createServer(({ url = '', headers }, response) => {
    const call = { url, headers };
    calls.push(call);
    answer(call, response, calls);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    origin: `http://127.0.0.1:${address.port}`,
    calls,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export const commit = 'f123456789'.repeat(4);
export const hubFile: HubFile = {
  repo: 'owner/asked',
  revision: commit,
  file: 'data/test.jsonl',
  type: 'dataset',
};
export const hashOf = (bytes: Buffer | string): string => createHash('sha256').update(bytes).digest('hex');

/** Sends a file as a hub does that keeps it itself; git's own hash as its tag. */
export function sendFile(response: ServerResponse, bytes: Buffer | string, headers = {}): void {
  const tag = createHash('sha1').update(bytes).digest('hex');
  response
    .writeHead(200, {
      etag: `"${tag}"`,
      'x-repo-commit': commit,
      'content-length': Buffer.byteLength(bytes),
      ...headers,
    })
    .end(bytes);
}

/** Sends on to a store, as a hub does with a large file, and states its SHA-256. */
export function sendOn(response: ServerResponse, to: string, sha256: string): void {
  response.writeHead(302, { location: to, 'x-linked-etag': `"${sha256}"`, 'x-repo-commit': commit }).end();
}

export function sendStatus(response: ServerResponse, status: number, headers = {}): void {
  response.writeHead(status, headers).end();
}
