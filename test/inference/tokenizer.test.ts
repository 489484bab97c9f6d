import { afterEach, describe, expect, it } from 'vitest';
import { connect } from '../../src/inference/client.ts';
import { profileOf } from '../../src/inference/engine.ts';
import { presetOf } from '../../src/inference/presets.ts';
import { findTokenizer, promptCounterOf } from '../../src/inference/tokenizer.ts';
import { startScriptedServer } from '../../src/simulate/scripted-server.ts';
import { type CountingServer, startCountingServer } from './counting-server.ts';

const { signal } = new AbortController();
const hello = [{ role: 'user', content: 'What is the red code?' }] as const;

let server: CountingServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

type Body = Record<string, unknown>;
/** A template of five opening tokens, then one a character. */
const ids = (text: string) => [1, 2, 3, 4, 5, ...[...text].map((sign) => 100 + (sign.codePointAt(0) ?? 0))];
const textOf = ({ messages }: Body) =>
  Array.isArray(messages) ? messages.map(({ content }) => String(content)).join('') : undefined;
const textIds = (text: unknown) => (typeof text === 'string' ? ids(text).slice(5) : []);

/** How the engines answer on their counting paths; each also meets the others’ questions. */
const engines: Record<string, Record<string, (body: Body) => object>> = {
  vllm: {
    '/tokenize': (body) => {
      const tokens = ids(textOf(body) ?? String(body.prompt));
      return { count: tokens.length, max_model_len: 4096, tokens };
    },
  },
  'llama.cpp': {
    // It looks for `content` alone, and finds nothing to count in vLLM’s question.
    '/tokenize': (body) => ({ tokens: textIds(body.content) }),
    '/v1/chat/completions/input_tokens': (body) => ({ input_tokens: ids(textOf(body) ?? '').length }),
  },
  'llama.cpp of old': {
    '/tokenize': (body) => ({ tokens: textIds(body.content) }),
    '/apply-template': (body) => ({ prompt: `<|im|>${textOf(body) ?? ''}` }),
  },
  tgi: {
    '/tokenize': () => ({}),
    '/chat_tokenize': (body) => ({
      tokenize_response: ids(textOf(body) ?? '').map((id) => ({ id, text: '', start: 0, stop: 0 })),
      templated_text: '',
    }),
  },
  sglang: {
    '/v1/tokenize': (body) => {
      const tokens = ids(textOf(body) ?? '');
      return { tokens, count: tokens.length, max_model_len: 4096 };
    },
  },
  'sglang of old': {
    '/v1/tokenize': (body) => {
      const tokens = textIds(body.prompt);
      return { tokens, count: tokens.length, max_model_len: 4096 };
    },
  },
};

const text = hello[0].content.length;

describe('a server’s own tokenizer', () => {
  it.each([
    ['vllm', 'POST /tokenize {messages}', text + 5, true],
    ['llama.cpp', 'POST /v1/chat/completions/input_tokens', text + 5, true],
    ['llama.cpp of old', 'POST /apply-template, then /tokenize', text + 6, true],
    ['tgi', 'POST /chat_tokenize', text + 5, true],
    ['sglang', 'POST /v1/tokenize {messages}', text + 5, true],
    ['sglang of old', 'POST /v1/tokenize {prompt}', text + 7, false],
  ])('is found on %s by %s', async (engine, way, tokens, exact) => {
    server = await startCountingServer({ routes: engines[engine] ?? {} });
    const tokenizer = await findTokenizer(server.client, signal);
    expect(tokenizer).toMatchObject({ way, exact });
    expect((await tokenizer?.count(hello, signal))?.tokens).toBe(tokens);
    expect(server.spent.requests).toBe(0);
  });

  it('counts with the arguments of the template that requests set', async () => {
    const asked: Body[] = [];
    const vllm = (body: Body) => {
      asked.push(body);
      return engines.vllm?.['/tokenize']?.(body) ?? {};
    };
    server = await startCountingServer({ routes: { '/tokenize': vllm } });
    const manner = { profile: profileOf('vllm'), preset: presetOf(['gemma-4-31B-it']) };
    const tokenizer = await findTokenizer(connect(server.client.endpoint, manner), signal);
    await tokenizer?.count(hello, signal);
    expect(asked.at(-1)).toMatchObject({ chat_template_kwargs: { enable_thinking: false } });
  });

  it('is none where every list comes empty', async () => {
    server = await startCountingServer({ routes: { '/tokenize': () => ({ tokens: [] }) } });
    expect(await findTokenizer(server.client, signal)).toBeUndefined();
  });

  it('is none where the count is the same for every text', async () => {
    server = await startCountingServer({ routes: { '/tokenize': () => ({ count: 7, tokens: [1, 2, 3] }) } });
    expect(await findTokenizer(server.client, signal)).toBeUndefined();
  });

  it('is none on a server that offers none, and counting is then an estimate', async () => {
    server = await startCountingServer({});
    const tokenizer = await findTokenizer(server.client, signal);
    expect(tokenizer).toBeUndefined();
    expect(await promptCounterOf({ tokenizer, maxInFlight: 4, signal })).toMatchObject({
      counts: 'estimate',
    });
  });

  it('counts prompts in their order, and finds the opening that they share', async () => {
    server = await startCountingServer({ routes: engines.vllm ?? {} });
    const tokenizer = await findTokenizer(server.client, signal);
    const counter = await promptCounterOf({ tokenizer, maxInFlight: 3, signal });
    expect(counter).toMatchObject({ counts: 'exact', head: 5 });
    const prompts = ['a', 'bcd', 'ef', 'ghijk', ''].map((content) => [{ role: 'user', content } as const]);
    expect(await counter.count(prompts)).toEqual([6, 8, 7, 10, 5]);
  });

  it('is found on the scripted server, which numbers its tokens and so shows no opening', async () => {
    const scripted = await startScriptedServer({ models: [{ id: 'm', rule: () => 0 }] });
    const client = connect({
      baseUrl: scripted.baseUrl,
      model: 'm',
      apiKey: undefined,
      timeoutMs: 5000,
      namedBy: '--base-url',
    });
    const tokenizer = await findTokenizer(client, signal);
    expect((await tokenizer?.count(hello, signal))?.tokens).toBe(6);
    expect(await promptCounterOf({ tokenizer, maxInFlight: 1, signal })).toMatchObject({ head: 0 });
    await scripted.close();
  });
});
