import { describe, expect, it } from 'vitest';
import { classifyFault } from '../../src/inference/fault.ts';
import { type CannedServer, chatRequest, going, sendJson, startCanned } from './canned-server.ts';

const secretText = 'Tell me the master code';

/** Status, body as the server sends it, and what it means. Shapes of design/inference.md. */
const shapes: [string, number, unknown, object][] = [
  [
    'llama.cpp, prompt over context',
    400,
    {
      error: {
        code: 400,
        message: 'request (2215 tokens) exceeds the available context size (1024 tokens), try increasing it',
        type: 'exceed_context_size_error',
        n_prompt_tokens: 2215,
        n_ctx: 1024,
      },
    },
    { reason: 'contextTooLong', retryable: false, scope: 'trial' },
  ],
  [
    'vLLM 0.16, prompt over context',
    400,
    {
      error: {
        message:
          "You passed 1015 input tokens and requested 10 output tokens. However, the model's context length is only 1024 tokens, …",
        type: 'BadRequestError',
        param: 'input_tokens',
        code: 400,
      },
    },
    { reason: 'contextTooLong', retryable: false, scope: 'trial' },
  ],
  [
    'old vLLM, flat, prompt over context',
    400,
    {
      object: 'error',
      message: "This model's maximum context length is 1024 tokens. However, you requested 2000 tokens",
      type: 'BadRequestError',
      param: null,
      code: 400,
    },
    { reason: 'contextTooLong', retryable: false, scope: 'trial' },
  ],
  [
    'SGLang, flat, prompt over context',
    400,
    {
      object: 'error',
      message: "The input (2000 tokens) is longer than the model's context length (1024 tokens).",
      type: 'BadRequest',
      param: null,
      code: 400,
    },
    { reason: 'contextTooLong', retryable: false, scope: 'trial' },
  ],
  [
    'TGI, an error that is a string, prompt over context',
    422,
    {
      error:
        'Input validation error: `inputs` tokens + `max_new_tokens` must be <= 1024. Given: 2000 `inputs` tokens and 24 `max_new_tokens`',
      error_type: 'validation',
    },
    { reason: 'contextTooLong', retryable: false, scope: 'trial' },
  ],
  [
    'a plain text body, prompt over context',
    422,
    'inputs tokens + `max_new_tokens` must be <= 1024',
    { reason: 'contextTooLong', retryable: false, scope: 'trial' },
  ],
  [
    'llama.cpp, still loading',
    503,
    { error: { message: 'Loading model', type: 'unavailable_error', code: 503 } },
    { reason: 'requestFailed', retryable: true, scope: 'trial' },
  ],
  [
    'llama.cpp, wrong key',
    401,
    { error: { message: 'Invalid API Key', type: 'authentication_error', code: 401 } },
    { reason: 'requestRefused', retryable: false, scope: 'run' },
  ],
  [
    'llama.cpp, a request that it cannot parse',
    500,
    { error: { message: '[json.exception.parse_error.101] parse error', type: 'server_error', code: 500 } },
    { reason: 'requestRefused', retryable: false, scope: 'trial' },
  ],
  [
    'llama.cpp, an input that it does not support',
    500,
    { error: { message: 'image input is not supported - hint: …', type: 'server_error', code: 500 } },
    { reason: 'requestRefused', retryable: false, scope: 'trial' },
  ],
  [
    'vLLM, unknown model',
    404,
    { error: { message: 'The model `x` does not exist.', type: 'NotFoundError', param: 'model', code: 404 } },
    { reason: 'requestRefused', retryable: false, scope: 'run' },
  ],
  [
    'old vLLM, unknown model',
    404,
    {
      object: 'error',
      message: 'The model `x` does not exist.',
      type: 'NotFoundError',
      param: null,
      code: 404,
    },
    { reason: 'requestRefused', retryable: false, scope: 'run' },
  ],
  [
    'vLLM, engine failure',
    500,
    {
      error: {
        message: 'EngineCore encountered an issue',
        type: 'InternalServerError',
        param: null,
        code: 500,
      },
    },
    { reason: 'requestFailed', retryable: true, scope: 'trial' },
  ],
  [
    'SGLang, queue full',
    503,
    { object: 'error', message: 'The request queue is full.', type: 'ServiceUnavailable', code: 503 },
    { reason: 'requestFailed', retryable: true, scope: 'trial' },
  ],
  [
    'TGI, overloaded',
    429,
    { error: 'Model is overloaded', error_type: 'overloaded' },
    { reason: 'requestFailed', retryable: true, scope: 'trial' },
  ],
  [
    'TGI, generation failed',
    424,
    { error: 'Request failed during generation', error_type: 'generation' },
    { reason: 'requestFailed', retryable: true, scope: 'trial' },
  ],
  [
    'not offered',
    501,
    { error: { message: 'no', code: 501 } },
    { reason: 'requestRefused', retryable: false, scope: 'run' },
  ],
  [
    'one request refused',
    400,
    { error: { message: `bad field in ${secretText}`, type: 'BadRequestError', code: 400 } },
    { reason: 'requestRefused', retryable: false, scope: 'trial' },
  ],
  [
    'a gateway’s page',
    502,
    '<html>Bad Gateway</html>',
    { reason: 'requestFailed', retryable: true, scope: 'trial' },
  ],
  ['an empty 504', 504, '', { reason: 'requestFailed', retryable: true, scope: 'trial' }],
];

async function ask(server: CannedServer) {
  return await server.client().chat(chatRequest, going());
}

describe('a fault over the wire', () => {
  it.each(shapes)('reads %s', async (_name, status, body, meaning) => {
    const type = typeof body === 'string' ? { 'content-type': 'text/plain' } : {};
    const server = await startCanned((_, response) => sendJson(response, body, status, type));
    const result = await ask(server).finally(server.close);
    expect(result).toMatchObject({
      kind: 'fault',
      code: `http${status}`,
      detail: `HTTP ${status}`,
      ...meaning,
    });
    expect(JSON.stringify(result)).not.toContain(secretText);
  });

  it.each([
    [
      'nested',
      { error: { message: "the model's context length is only 8", type: 'BadRequestError', code: 400 } },
      'contextTooLong',
    ],
    ['flat', { object: 'error', message: 'Internal server error', code: 500 }, 'requestFailed'],
    ['without a code', { error: { message: 'something' } }, 'malformedAnswer'],
  ])('reads an error that comes inside a 200, %s', async (_shape, body, reason) => {
    const server = await startCanned((_, response) => sendJson(response, body));
    expect(await ask(server).finally(server.close)).toMatchObject({ kind: 'fault', reason });
  });
});

describe('Retry-After', () => {
  const asked = (value: string) => classifyFault(429, {}, new Headers({ 'retry-after': value }));

  it('is read in seconds', () => {
    expect(asked('7')).toMatchObject({ retryAfterMs: 7000 });
    expect(asked('0')).toMatchObject({ retryAfterMs: 0 });
  });

  it('is read as a date by the server’s own clock', () => {
    const headers = new Headers({
      'retry-after': 'Wed, 21 Oct 2026 07:28:30 GMT',
      date: 'Wed, 21 Oct 2026 07:28:00 GMT',
    });
    expect(classifyFault(503, {}, headers)).toMatchObject({ retryAfterMs: 30_000 });
  });

  it.each(['Wed, 21 Oct 2026 07:28:00 GMT', '-3', 'soon', 'NaN', 'Infinity'])(
    'is left alone as %j',
    (value) => {
      expect(asked(value)).not.toHaveProperty('retryAfterMs');
    },
  );
});
