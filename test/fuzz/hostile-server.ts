import { createServer, type Server, type Socket } from 'node:net';
import type { Random } from './random.ts';

/** `endless` never stops sending, `crumbs` neither, in chunks of one byte, and `silent` never begins. */
type Said = Buffer | 'endless' | 'crumbs' | 'silent';

/** A server that answers each request with whatever it was given, HTTP or not. */
export interface HostileServer {
  readonly origin: string;
  /** What the next connections get. */
  say(answer: Said): void;
  close(): Promise<void>;
}

const chunk = Buffer.alloc(1 << 16, 'x');
const crumbs = Buffer.from('1\r\nx\r\n'.repeat(1 << 13));
const head = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n';

export async function startHostileServer(): Promise<HostileServer> {
  let answer: Said = 'silent';
  const open = new Set<Socket>();
  const server: Server = createServer((socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    socket.on('error', () => socket.destroy());
    socket.once('data', () => {
      if (answer === 'silent') return;
      if (typeof answer !== 'string') return void socket.end(answer);
      const chunked = answer === 'crumbs';
      socket.write(chunked ? `${head}transfer-encoding: chunked\r\n\r\n` : `${head}\r\n{"data":"`);
      pour(socket, chunked ? crumbs : chunk);
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  return {
    origin: `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`,
    say: (next) => {
      answer = next;
    },
    close: async () => {
      for (const socket of open) socket.destroy();
      await new Promise((done) => server.close(done));
    },
  };
}

function pour(socket: Socket, piece: Buffer): void {
  while (!socket.destroyed && socket.write(piece));
  if (!socket.destroyed) socket.once('drain', () => pour(socket, piece));
}

const statuses = [
  200, 200, 200, 200, 200, 201, 204, 206, 301, 302, 304, 307, 400, 401, 403, 404, 409, 422, 429, 500, 502,
  503,
];
const headers: readonly string[] = [
  ...[
    'retry-after: 0',
    'retry-after: -1',
    'retry-after: 99999999',
    'retry-after: x',
    'x-ratelimit-remaining: 0',
  ],
  ...[
    'x-ratelimit-reset: 1e9',
    'location: http://127.0.0.1:9/',
    'location: file:///etc/passwd',
    'content-encoding: gzip',
  ],
  ...[
    'link: <http://127.0.0.1:9/?page=2>; rel="next"',
    'content-type: text/html',
    'transfer-encoding: chunked',
    'x: \u0001',
  ],
  ...['content-length: 5', 'content-length: 99999999999', 'set-cookie: a=b', 'connection: close'],
];

/** A body with a head that is mostly right. */
export function wrap(body: Buffer, random: Random): Buffer {
  const status = random.next() < 0.6 ? 200 : random.pick(statuses);
  const more = random.next() < 0.7 ? [] : [random.pick(headers), random.pick(headers)];
  const lines = [`HTTP/1.1 ${status} OK`, 'content-type: application/json', 'connection: close', ...more];
  if (!more.some((line) => /content-length|chunked/.test(line))) lines.push(`content-length: ${body.length}`);
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), body]);
}
