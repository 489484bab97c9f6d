import { createHash } from 'node:crypto';
import { createServer } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { MixgateError } from '../../src/config/errors.ts';
import { connect } from '../../src/inference/client.ts';
import { listOf } from '../../src/inference/list-of.ts';
import { readChat } from '../../src/inference/reply.ts';
import { type CannedServer, chatRequest, going, sendJson, startCanned } from './canned-server.ts';

const key = 'sk-a-key-that-must-stay-here';
const choice = { finish_reason: 'stop', message: { content: 'It is blue.' } };
const reply = {
  model: 'm',
  system_fingerprint: 'build-1',
  choices: [choice],
  usage: { prompt_tokens: 40, completion_tokens: 4, prompt_tokens_details: { cached_tokens: 32 } },
};
const servers: CannedServer[] = [];
async function serve(...canned: Parameters<typeof startCanned>): Promise<CannedServer> {
  const server = await startCanned(...canned);
  servers.push(server);
  return server;
}
const serveReply = (body: unknown) => serve((_, response) => sendJson(response, body));
const chat = (server: CannedServer, change = {}) => server.client(change).chat(chatRequest, going());

afterEach(async () => {
  vi.unstubAllEnvs();
  for (const server of servers.splice(0)) await server.close();
});

describe('a chat request', () => {
  it('sends every sampling setting of the contract, so that no server’s default decides', async () => {
    const server = await serveReply(reply);
    await chat(server, { model: 'the-model' });
    expect(server.requests.map(({ method, url }) => [method, url])).toEqual([
      ['POST', '/v1/chat/completions'],
    ]);
    expect(server.requests[0]?.body).toMatchObject({
      model: 'the-model',
      messages: chatRequest.messages,
      temperature: 0.35,
      top_p: 0.85,
      max_tokens: 17,
      seed: 12345,
      n: 1,
      stream: false,
    });
  });

  it('sends zeroes too', async () => {
    const server = await serveReply(reply);
    await server.client().chat({ ...chatRequest, temperature: 0, seed: 0 }, going());
    expect(server.requests[0]?.body).toMatchObject({ temperature: 0, seed: 0 });
  });

  it('is one request, whatever the server answers', async () => {
    const server = await serve((_, response) => sendJson(response, {}, 500, { 'x-should-retry': 'true' }));
    await chat(server);
    expect(server.requests).toHaveLength(1);
  });

  it('reads text, end, counts and identity', async () => {
    expect(await chat(await serveReply(reply))).toEqual({
      kind: 'answer',
      text: 'It is blue.',
      finish: 'stop',
      reasoned: false,
      usage: { promptTokens: 40, cachedTokens: 32, completionTokens: 4 },
      model: 'm',
      fingerprint: 'build-1',
    });
  });

  it.each(['reasoning', 'reasoning_content'])(
    'reads null content beside %s as an answer that only reasoned',
    async (field) => {
      const message = { content: null, [field]: 'Let me think.' };
      const server = await serveReply({ ...reply, choices: [{ finish_reason: 'length', message }] });
      expect(await chat(server)).toMatchObject({
        kind: 'answer',
        text: '',
        reasoned: true,
        finish: 'length',
      });
    },
  );

  it('reads null content without reasoning as an empty answer', async () => {
    const message = { content: null, reasoning_content: '', tool_calls: [] };
    const server = await serveReply({ ...reply, choices: [{ finish_reason: 'tool_calls', message }] });
    expect(await chat(server)).toMatchObject({ kind: 'answer', text: '', reasoned: false });
  });

  it.each([
    ['absent', undefined, { promptTokens: null, cachedTokens: null, completionTokens: null }],
    ['null', null, { promptTokens: null, cachedTokens: null, completionTokens: null }],
    [
      'negative, broken or a text',
      { prompt_tokens: -5, completion_tokens: 'many', prompt_tokens_details: { cached_tokens: 1.5 } },
      { promptTokens: null, cachedTokens: null, completionTokens: null },
    ],
    [
      'more than any context holds',
      {
        prompt_tokens: 10_000_001,
        completion_tokens: 1e300,
        prompt_tokens_details: { cached_tokens: 10_000_001 },
      },
      { promptTokens: null, cachedTokens: null, completionTokens: null },
    ],
    [
      'without details',
      { prompt_tokens: 9, completion_tokens: 0, prompt_tokens_details: null },
      { promptTokens: 9, cachedTokens: null, completionTokens: 0 },
    ],
  ])('takes a count that is %s as not told', async (_what, usage, read) => {
    expect(await chat(await serveReply({ ...reply, usage }))).toMatchObject({ kind: 'answer', usage: read });
  });

  it('keeps the hash of a name or fingerprint that is none, or holds the key', async () => {
    const hashed = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`;
    const [model, fingerprint] = ['What is the code? It is nine.', `fp_${key}`];
    const told = await serveReply({ ...reply, model, system_fingerprint: fingerprint });
    expect(await chat(told, { apiKey: key })).toMatchObject({
      model: hashed(model),
      fingerprint: hashed(fingerprint),
    });
    const text = { ...reply, model, system_fingerprint: fingerprint, choices: [{ text: 'yes' }] };
    const completed = (await serveReply(text)).client({ apiKey: key });
    expect(await completed.complete({ prompt: 'x', maxTokens: 32 }, going())).toMatchObject({
      model: hashed(model),
      fingerprint: hashed(fingerprint),
    });
  });

  it('takes an answer that goes on far beyond max_tokens as malformed, not worth another try', async () => {
    const longest = 64 * chatRequest.maxTokens + 4096;
    const answerOf = async (length: number) => {
      const message = { content: 'a'.repeat(length) };
      return await chat(await serveReply({ ...reply, choices: [{ finish_reason: 'length', message }] }));
    };
    expect(await answerOf(longest)).toMatchObject({ kind: 'answer' });
    expect(await answerOf(longest + 1)).toMatchObject({
      kind: 'fault',
      reason: 'malformedAnswer',
      retryable: false,
      scope: 'trial',
    });
  });

  it.each(['abort', 'error'])('takes an answer that ends with %s as none', async (finish_reason) => {
    const server = await serveReply({ ...reply, choices: [{ ...choice, finish_reason }] });
    expect(await chat(server)).toMatchObject({ kind: 'fault', code: 'givenUp', retryable: true });
  });

  it.each([
    ['without choices', { ...reply, choices: [] }],
    ['without a message', { ...reply, choices: [{ finish_reason: 'stop' }] }],
    ['that is null', 'null'],
    ['that is a list', '[]'],
    ['that is empty', ''],
  ])('takes a body %s as a malformed answer, worth another try', async (_what, body) => {
    expect(await chat(await serveReply(body))).toMatchObject({
      kind: 'fault',
      code: 'malformed',
      reason: 'malformedAnswer',
      retryable: true,
    });
  });

  it('takes a page of HTML as a malformed answer', async () => {
    const server = await serve((_, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>Hello</title>');
    });
    expect(await chat(server)).toMatchObject({
      kind: 'fault',
      code: 'webPage',
      reason: 'malformedAnswer',
      retryable: true,
      detail: 'a web page where JSON was expected',
    });
  });

  it.each([
    ['behind a byte order mark', `\uFEFF${JSON.stringify(reply)}`, 1],
    ['whose type is told twice', JSON.stringify(reply), 2],
  ])('reads JSON %s', async (_what, text, types) => {
    const lines = Array.from({ length: types }, () => ['content-type', 'application/json']);
    const server = await serve((_, response) => response.writeHead(200, lines.flat()).end(text));
    expect(await chat(server)).toMatchObject({ kind: 'answer', text: 'It is blue.' });
  });

  const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
  it.each([
    ['of an error', 400, deep, 'requestRefused'],
    ['of an error in a 200', 200, `{"error":{"code":400},"x":${deep}}`, 'requestRefused'],
    ['of an answer', 200, deep, 'malformedAnswer'],
  ])('takes a body %s that nests without end as a fault', async (_what, status, body, reason) => {
    const server = await serve((_, response) => sendJson(response, body, status));
    expect(await chat(server)).toMatchObject({ kind: 'fault', reason });
  });

  it('counts the entries of a list before it complains of each', () => {
    const wide = { choices: new Array(500_000).fill(1) };
    const parsed = listOf(z.string(), { max: 16 }).safeParse(wide.choices);
    expect(parsed.error?.issues).toHaveLength(1);
    expect(readChat(wide, { maxTokens: 8, apiKey: undefined })).toMatchObject({ code: 'malformed' });
  });

  it('ends an answer of one-byte chunks that goes on beyond what max_tokens can be', async () => {
    const crumbs = Buffer.from('1\r\n \r\n'.repeat(10_000));
    let sent = 0;
    const server = await serve((_, { socket }) => {
      socket?.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n');
      const go = () => {
        sent += crumbs.length;
        if (sent < 200_000_000) socket?.write(crumbs, go);
      };
      go();
    });
    expect(await chat(server, { timeoutMs: 60_000 })).toMatchObject({ code: 'endless', retryable: false });
    // Six bytes for one.
    expect(sent).toBeLessThan(40_000_000);
  });

  it('takes cut-off JSON as a failed request and quotes none of it', async () => {
    const server = await serveReply('{"choices":[{"message":{"content":"The code is ni');
    const fault = await chat(server);
    expect(fault).toMatchObject({ kind: 'fault', retryable: true, detail: 'an answer that is no JSON' });
  });

  it.each<[string, number, unknown]>([
    ['nested', 400, { error: { message: "the model's context length is only 8 tokens", code: 400 } }],
    [
      'flat',
      400,
      { object: 'error', message: "The input (9 tokens) is longer than the model's context length" },
    ],
    [
      'a text in a field',
      422,
      { error: '`inputs` tokens + `max_new_tokens` must be <= 8', error_type: 'validation' },
    ],
    ['plain text', 400, 'maximum input length is 8'],
  ])('reads an error whose body is %s', async (_shape, status, body) => {
    const server = await serve((_, response) => {
      const [type, text] =
        typeof body === 'string' ? ['text/plain', body] : ['application/json', JSON.stringify(body)];
      response.writeHead(status, { 'content-type': type }).end(text);
    });
    expect(await chat(server)).toMatchObject({ reason: 'contextTooLong', code: `http${status}` });
  });

  it('takes a cut connection as a failed request', async () => {
    const server = await serve((_, response) => void response.socket?.resetAndDestroy());
    expect(await chat(server)).toMatchObject({ kind: 'fault', code: 'network', retryable: true });
  });

  it('takes a body that ends before its length as a failed request', async () => {
    const server = await serve((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '999' });
      response.write(JSON.stringify(reply));
      setTimeout(() => response.socket?.destroy(), 20);
    });
    expect(await chat(server)).toMatchObject({ kind: 'fault', retryable: true });
  });

  it.each<[string, Parameters<typeof startCanned>[0]]>([
    ['never answers', () => {}],
    [
      'stalls after its headers',
      (_, response) =>
        void response.writeHead(200, { 'content-type': 'application/json' }).write('{"choices":['),
    ],
    [
      'sends a drop now and then',
      (_, response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        const drip = setInterval(() => response.write(' '), 50);
        response.on('close', () => clearInterval(drip));
      },
    ],
  ])('gives up at its time limit on a server that %s', async (_what, answer) => {
    const server = await serve(answer);
    const start = performance.now();
    expect(await chat(server, { timeoutMs: 250 })).toMatchObject({
      kind: 'fault',
      code: 'timeout',
      retryable: true,
      reason: 'requestFailed',
    });
    expect(performance.now() - start).toBeLessThan(2000);
  });

  it('ends at once when it is told to stop', async () => {
    const server = await serve(() => {});
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 50);
    const start = performance.now();
    const fault = await server.client().chat(chatRequest, stop.signal);
    expect(fault).toMatchObject({ kind: 'fault', code: 'aborted', retryable: false });
    expect(performance.now() - start).toBeLessThan(2000);
  });
});

describe('a completion request', () => {
  it('sends the prompt as it stands, greedy, and asks for no further special tokens', async () => {
    const server = await serveReply({ ...reply, choices: [{ finish_reason: 'stop', text: ' yes' }] });
    const answer = await server.client().complete({ prompt: '<s><|user|>\n', maxTokens: 32 }, going());
    expect(server.requests[0]).toMatchObject({
      url: '/v1/completions',
      body: {
        prompt: '<s><|user|>\n',
        temperature: 0,
        max_tokens: 32,
        n: 1,
        stream: false,
        add_special_tokens: false,
      },
    });
    expect(answer).toMatchObject({ kind: 'answer', text: ' yes' });
  });

  it('takes a completion that goes on far beyond max_tokens as malformed, not worth another try', async () => {
    const answerOf = async (length: number) => {
      const server = await serveReply({ ...reply, choices: [{ text: 'a'.repeat(length) }] });
      return await server.client().complete({ prompt: 'x', maxTokens: 32 }, going());
    };
    expect(await answerOf(64 * 32 + 4096)).toMatchObject({ kind: 'answer' });
    expect(await answerOf(64 * 32 + 4097)).toMatchObject({ reason: 'malformedAnswer', retryable: false });
  });
});

describe('redirects and keys', () => {
  let elsewhere: CannedServer;
  beforeAll(async () => {
    elsewhere = await startCanned((_, response) => sendJson(response, reply));
  });
  afterAll(() => elsewhere.close());

  it.each([301, 302, 303, 307, 308])(
    'refuses a redirect by %d: nothing reaches the other address',
    async (status) => {
      const server = await serve((_, response) => {
        response.writeHead(status, { location: `${elsewhere.origin}/v1/chat/completions` }).end();
      });
      expect(await chat(server, { apiKey: key })).toMatchObject({
        kind: 'fault',
        code: 'redirect',
        retryable: false,
        scope: 'run',
        detail: 'a redirect to another address',
      });
      expect(elsewhere.requests).toEqual([]);
    },
  );

  it('sends the key as a bearer token, and only the key that it was given', async () => {
    vi.stubEnv('OPENAI_API_KEY', 'sk-of-someone-else');
    vi.stubEnv('OPENAI_ADMIN_KEY', 'sk-admin-of-someone-else');
    vi.stubEnv('OPENAI_BASE_URL', elsewhere.origin);
    vi.stubEnv('OPENAI_ORG_ID', 'org-of-someone-else');
    const server = await serveReply(reply);
    await chat(server, { apiKey: key });
    await chat(server);
    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual([
      `Bearer ${key}`,
      'Bearer none',
    ]);
    expect(JSON.stringify(server.requests)).not.toContain('someone-else');
    expect(elsewhere.requests).toEqual([]);
  });

  it('sends no headers of the environment, which could replace the key', async () => {
    vi.stubEnv('OPENAI_CUSTOM_HEADERS', 'Authorization: Bearer sk-of-someone-else');
    const server = await serveReply(reply);
    await chat(server, { apiKey: key });
    expect(server.requests[0]?.headers.authorization).toBe(`Bearer ${key}`);
    expect(JSON.stringify(server.requests)).not.toContain('someone-else');
  });

  it('takes an empty key, as a missing secret is, for none', async () => {
    const server = await serveReply(reply);
    await chat(server, { apiKey: '' });
    expect(server.requests[0]?.headers.authorization).toBe('Bearer none');
  });

  it('takes a line break off the end of a key', async () => {
    const server = await serveReply(reply);
    await chat(server, { apiKey: `${key}\n` });
    expect(server.requests[0]?.headers.authorization).toBe(`Bearer ${key}`);
  });

  it.each(['sk-one\nsk-two', 'sk-“quoted”', 'sk one'])(
    'refuses a key that no header can hold, without showing it',
    (apiKey) => {
      const error = thrownBy(() => connect({ ...endpoint('http://127.0.0.1:9/v1'), apiKey }));
      expect(error.code).toBe('API_KEY');
      expect(JSON.stringify(error.complaints)).not.toContain('sk');
    },
  );

  it('reads what stands beside /v1 below the same gateway path, not at the host’s root', async () => {
    const server = await serveReply({});
    await server.client({ path: '/team-a/v1', apiKey: key }).read('//props', going());
    await server.client({ path: '/team-a/v1/', apiKey: key }).read('/models', going());
    await server.client({ path: '', apiKey: key }).read('//version', going());
    expect(server.requests.map(({ url }) => url)).toEqual(['/team-a/props', '/team-a/v1/models', '/version']);
  });
});

const endpoint = (baseUrl: string) => ({
  baseUrl,
  model: 'm',
  apiKey: undefined,
  timeoutMs: 500,
  namedBy: '--base-url',
});

function thrownBy(work: () => unknown): MixgateError {
  try {
    work();
  } catch (error) {
    if (error instanceof MixgateError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('an address', () => {
  it.each([
    ['hunter2', 'something that is no URL'],
    ['gpu-1:8000/v1', 'an address that does not begin with http:// or https://'],
    ['ftp://gpu-1/v1', 'an address that does not begin with http:// or https://'],
    ['http://me:hunter2@gpu-1/v1', 'an address with a user or a password'],
    ['http://:hunter2@gpu-1/v1', 'an address with a user or a password'],
    ['http://hunter2@gpu-1/v1', 'an address with a user or a password'],
    ['http://gpu-1/v1?key=hunter2', 'an address with a query or a fragment'],
    ['http://gpu-1/v1#hunter2', 'an address with a query or a fragment'],
    ['', 'something that is no URL'],
  ])('%j is refused with the flag that named it and without what it may hide', (baseUrl, got) => {
    const error = thrownBy(() => connect(endpoint(baseUrl)));
    expect(error).toMatchObject({ code: 'BASE_URL', complaints: [{ where: '--base-url', got }] });
    expect(JSON.stringify(error.complaints)).not.toContain('hunter2');
  });

  it('where nobody listens gives a fault with the system’s word for it', async () => {
    const probe = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => probe.once('listening', resolve));
    const address = probe.address();
    const port = address === null || typeof address === 'string' ? 0 : address.port;
    await new Promise((resolve) => probe.close(resolve));
    const fault = await connect(endpoint(`http://127.0.0.1:${port}/v1`)).chat(chatRequest, going());
    expect(fault).toMatchObject({
      kind: 'fault',
      retryable: true,
      detail: 'the connection failed (ECONNREFUSED)',
    });
  });
});
