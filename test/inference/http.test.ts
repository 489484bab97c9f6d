import { createServer, type Socket } from 'node:net';
import OpenAI from 'openai';
import { afterEach, describe, expect, it } from 'vitest';
import { connect } from '../../src/inference/client.ts';
import { type HttpRequest, openServer } from '../../src/inference/http.ts';
import { Room } from '../../src/inference/reply-bytes.ts';
import { type CannedServer, chatRequest, going, sendJson, startCanned } from './canned-server.ts';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function serve(...canned: Parameters<typeof startCanned>): Promise<CannedServer> {
  const server = await startCanned(...canned);
  closing.push(server.close);
  return server;
}

/** A server that speaks raw bytes. */
async function serveRaw(answer: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('data', () => answer(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `http://127.0.0.1:${address.port}`;
}

const limits = { connectMs: 1000, firstByteMs: 5000 };
const mostBytes = 64 << 20;
const request: HttpRequest = { method: 'POST', path: '/v1/x', body: '{"a":1}', timeoutMs: 5000, mostBytes };
const reply = { model: 'm', choices: [{ finish_reason: 'stop', message: { content: 'yes' } }] };

describe('a request', () => {
  it('sends method, headers and text, and reads status, headers and the body', async () => {
    const server = await serve((_, response) =>
      sendJson(response, { error: { message: 'belegt – später' } }, 429, { 'retry-after': '3' }),
    );
    const answer = await openServer(server.origin, limits, { 'x-mine': 'b' })(request, going());
    expect(server.requests[0]).toMatchObject({ method: 'POST', url: '/v1/x', body: { a: 1 } });
    expect(server.requests[0]?.headers).toMatchObject({ 'x-mine': 'b', 'content-type': 'application/json' });
    if (answer.kind !== 'reply') throw new Error(answer.kind);
    expect(answer.status).toBe(429);
    expect([answer.headers.get('retry-after'), answer.headers.get('x-none')]).toEqual(['3', null]);
    expect(JSON.parse(answer.text)).toEqual({ error: { message: 'belegt – später' } });
  });

  it('keeps a letter whole that two parts of the body share', async () => {
    const bytes = Buffer.from('"ü"');
    const origin = await serveRaw((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n');
      socket.write(bytes.subarray(0, 2));
      setTimeout(() => socket.write(bytes.subarray(2)), 20);
    });
    expect(await openServer(origin, limits, {})(request, going())).toMatchObject({ text: '"ü"' });
  });

  it('reads the reply behind an interim one', async () => {
    const origin = await serveRaw((socket) =>
      socket.write('HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}'),
    );
    expect(await openServer(origin, limits, {})(request, going())).toMatchObject({ status: 200, text: '{}' });
  });

  it('reads text behind a byte order mark, and a header that came twice', async () => {
    const origin = await serveRaw((socket) =>
      socket.write('HTTP/1.1 200 OK\r\nx-a: one\r\nX-A: two\r\ncontent-length: 5\r\n\r\n\uFEFF{}'),
    );
    const answer = await openServer(origin, limits, {})(request, going());
    if (answer.kind !== 'reply') throw new Error(answer.kind);
    expect([answer.text, answer.headers.get('x-a')]).toEqual(['{}', 'one, two']);
  });

  it('reads an answer whole that comes byte by byte', async () => {
    const text = 'ü'.repeat(50_000);
    const origin = await serveRaw((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n');
      const parts = [...Buffer.from(text)].map((byte) => Buffer.from([0x31, 13, 10, byte, 13, 10]));
      socket.write(Buffer.concat([...parts, Buffer.from('0\r\n\r\n')]));
    });
    const answer = await openServer(origin, limits, {})(request, going());
    expect(answer.kind === 'reply' && answer.text === text).toBe(true);
  });

  it('ends where all replies together are more than memory is kept for, and later ones find room again', async () => {
    const server = await serve((_, response) => response.end('x'.repeat(1000)));
    const send = openServer(server.origin, limits, {}, new Room(2500));
    const many = await Promise.all(Array.from({ length: 4 }, () => send(request, going())));
    // Each reply is freed as it ends: how many are there at once is chance.
    expect(many.every(({ kind }) => kind === 'reply' || kind === 'noRoom')).toBe(true);
    const none = openServer(server.origin, limits, {}, new Room(999));
    for (let nth = 0; nth < 5; nth += 1) {
      expect(await send(request, going())).toMatchObject({ kind: 'reply' });
      expect(await none(request, going())).toEqual({ kind: 'noRoom' });
    }
  });

  it('is sent once, also over a connection that the server closes', async () => {
    let asked = 0;
    const origin = await serveRaw((socket) => {
      asked += 1;
      socket.destroy();
    });
    const send = openServer(origin, limits, {});
    expect(await send(request, going())).toMatchObject({ kind: 'failed' });
    expect(await send({ ...request, method: 'GET', body: undefined }, going())).toMatchObject({
      kind: 'failed',
    });
    expect(asked).toBe(2);
  });

  it('ends before a body that goes on for ever fills the memory', async () => {
    const chunk = Buffer.alloc(4 << 20, 0x20);
    let sent = 0;
    const origin = await serveRaw((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      const go = () => {
        sent += chunk.length;
        if (sent < 1 << 30) socket.write(chunk, go);
      };
      go();
    });
    expect(await openServer(origin, limits, {})({ ...request, timeoutMs: 60_000 }, going())).toEqual({
      kind: 'tooLong',
    });
    expect(sent).toBeLessThan(256 << 20);
  });

  it('is not sent when the signal to stop came before', async () => {
    const server = await serve((_, response) => sendJson(response, {}));
    expect(await openServer(server.origin, limits, {})(request, AbortSignal.abort())).toEqual({
      kind: 'stopped',
    });
    expect(server.requests).toEqual([]);
  });

  it('leaves nothing that listens to the signal behind', async () => {
    const server = await serve((_, response) => sendJson(response, {}));
    const stop = new AbortController();
    let listening = 0;
    const counted = new Proxy(stop.signal, {
      get: (signal, name) => {
        if (name === 'addEventListener') listening += 1;
        if (name === 'removeEventListener') listening -= 1;
        const value = Reflect.get(signal, name, signal);
        return typeof value === 'function' ? value.bind(signal) : value;
      },
    });
    const send = openServer(server.origin, limits, {});
    for (let nth = 0; nth < 3; nth += 1) await send(request, counted);
    expect(listening).toBe(0);
  });
});

describe('time limits', () => {
  const ask = (more: { timeoutMs: number; firstByteMs?: number; connectMs?: number }, origin: string) =>
    connect({
      baseUrl: `${origin}/v1`,
      model: 'm',
      apiKey: undefined,
      namedBy: '--base-url',
      ...more,
    }).chat(chatRequest, going());

  it('on the first byte end a request before the whole answer’s limit does', async () => {
    const { origin } = await serve(() => {});
    const start = performance.now();
    const timeout = { kind: 'fault', code: 'timeout', retryable: true };
    expect(await ask({ timeoutMs: 60_000, firstByteMs: 100 }, origin)).toMatchObject(timeout);
    // The client looks at its timers about once a second.
    expect(performance.now() - start).toBeLessThan(10_000);
  });

  it('leave a slow answer alone that keeps to them', async () => {
    const { origin } = await serve((_, response) => void setTimeout(() => sendJson(response, reply), 400));
    expect(await ask({ timeoutMs: 5000, firstByteMs: 5000 }, origin)).toMatchObject({
      kind: 'answer',
      text: 'yes',
    });
  });

  it('on the connection end one that nobody takes up', async () => {
    // A network that is reserved for documentation: no host of it answers, or there is no way to it.
    const fault = await ask({ timeoutMs: 60_000, connectMs: 200 }, 'http://192.0.2.1:9');
    expect(fault).toMatchObject({ kind: 'fault', retryable: true });
  });
});

describe('beside the protocol’s own client', () => {
  const request = { ...chatRequest, seed: 7 };

  it('the same address, key and body are sent', async () => {
    const server = await serve((_, response) => sendJson(response, reply));
    await server.client({ apiKey: 'sk-1' }).chat(request, going());
    const theirs = new OpenAI({ baseURL: `${server.origin}/v1`, apiKey: 'sk-1', maxRetries: 0 });
    await theirs.chat.completions.create({
      model: 'm',
      messages: [{ role: 'user', content: 'hello' }],
      temperature: 0.35,
      top_p: 0.85,
      max_tokens: 17,
      seed: 7,
      n: 1,
      stream: false,
    });
    const [ours, other] = server.requests;
    expect(ours).toMatchObject({ method: other?.method, url: other?.url, body: other?.body });
    for (const name of ['authorization', 'accept', 'content-type', 'content-length']) {
      expect(typeof ours?.headers[name]).toBe(typeof other?.headers[name]);
    }
    expect(ours?.headers.authorization).toBe(other?.headers.authorization);
  });
});
