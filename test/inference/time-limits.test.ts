import { afterEach, describe, expect, it } from 'vitest';
import { connect } from '../../src/inference/client.ts';
import { makeFetch } from '../../src/inference/time-limits.ts';
import { type CannedServer, chatRequest, going, sendJson, startCanned } from './canned-server.ts';

let server: CannedServer | undefined;
afterEach(() => server?.close());

const reply = { model: 'm', choices: [{ finish_reason: 'stop', message: { content: 'yes' } }] };
const ask = (limits: { timeoutMs: number; firstByteMs?: number; connectMs?: number }, baseUrl?: string) =>
  connect({
    baseUrl: baseUrl ?? `${server?.origin}/v1`,
    model: 'm',
    apiKey: undefined,
    namedBy: '--base-url',
    ...limits,
  }).chat(chatRequest, going());

describe('time limits', () => {
  it('on the first byte end a request before the whole answer’s limit does', async () => {
    server = await startCanned(() => {});
    const start = performance.now();
    const timeout = { kind: 'fault', code: 'timeout', retryable: true };
    expect(await ask({ timeoutMs: 60_000, firstByteMs: 100 })).toMatchObject(timeout);
    // The client looks at its timers about once a second.
    expect(performance.now() - start).toBeLessThan(10_000);
  });

  it('leave a slow answer alone that keeps to them', async () => {
    server = await startCanned((_, response) => void setTimeout(() => sendJson(response, reply), 400));
    expect(await ask({ timeoutMs: 5000, firstByteMs: 5000 })).toMatchObject({ kind: 'answer', text: 'yes' });
  });

  it('on the connection end one that nobody takes up', async () => {
    // A network that is reserved for documentation: no host of it answers, or there is no way to it.
    const fault = await ask({ timeoutMs: 60_000, connectMs: 200 }, 'http://192.0.2.1:9/v1');
    expect(fault).toMatchObject({ kind: 'fault', retryable: true });
  });
});

describe('the fetch of the client', () => {
  it('sends method, headers and text, and reads status, the headers that count and the body', async () => {
    server = await startCanned((_, response) =>
      sendJson(response, { error: { message: 'busy' } }, 429, { 'retry-after': '3', 'x-secret': 'a' }),
    );
    const send = makeFetch({ connectMs: 1000, firstByteMs: 1000 });
    const headers = { 'content-type': 'application/json', 'x-mine': 'b' };
    const answer = await send(`${server.origin}/v1/x`, { method: 'post', headers, body: '{"a":1}' });
    expect(server.requests[0]).toMatchObject({ method: 'POST', url: '/v1/x', body: { a: 1 } });
    expect(server.requests[0]?.headers['x-mine']).toBe('b');
    expect(answer.status).toBe(429);
    expect(answer.headers.get('retry-after')).toBe('3');
    expect(answer.headers.get('x-secret')).toBe(null);
    expect(await answer.json()).toEqual({ error: { message: 'busy' } });
  });

  it('follows no redirect', async () => {
    server = await startCanned((_, response) =>
      sendJson(response, {}, 307, { location: 'http://127.0.0.1:9/elsewhere' }),
    );
    const sent = makeFetch({ connectMs: 1000, firstByteMs: 1000 })(server.origin);
    await expect(sent).rejects.toThrow('unexpected redirect');
    expect(server.requests).toHaveLength(1);
  });
});
