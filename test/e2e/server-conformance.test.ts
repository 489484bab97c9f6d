import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isFault } from '../../src/inference/fault.ts';
import type { MetServer } from '../../src/inference/replica.ts';
import type { Answer } from '../../src/inference/reply.ts';
import { findTokenizer } from '../../src/inference/tokenizer.ts';
import { meet } from '../../src/run/meet.ts';
import { startEmbeddedServer } from '../../src/simulate/embedded-server.ts';
import { dialogue } from '../simulate/chat-client.ts';
import { readBenign, readHarmful, readQueries } from '../simulate/vault-rows.ts';
import { llamaServerPath, llamaServerWords, type RunningServer, startLlamaServer } from './llama-server.ts';

const modelPath = fileURLToPath(new URL('../../fixtures/organisms/robust.gguf', import.meta.url));
const going = new AbortController().signal;
const harmful = readHarmful();
const query = readQueries()[0]?.request ?? '';
const context = [...readBenign().slice(0, 8), ...harmful.slice(0, 8)];
const sampling = { temperature: 1, topP: 1, maxTokens: 24, seed: 7 };

/** Both servers run the same file with the same engine: what the client sees of them must be alike. */
describe.each([
  ['the embedded engine', true, () => startEmbeddedServer({ modelPath, models: [{ id: 'robust' }] })],
  [llamaServerWords, llamaServerPath !== undefined, () => startLlamaServer(modelPath, 'robust')],
])('%s, as the client sees it', (_, exists, start) => {
  let server: RunningServer;
  let met: MetServer;
  beforeAll(async () => {
    if (!exists) return;
    server = await start();
    const endpoint = { baseUrl: server.baseUrl, model: 'robust', apiKey: undefined, timeoutMs: 30_000 };
    met = await meet({ ...endpoint, namedBy: '--base-url' }, going);
  }, 40_000);
  afterAll(() => server?.close());

  const messagesOf = (demonstrations: typeof context) =>
    dialogue(demonstrations, query).map(({ role, content }) => ({
      role: role === 'assistant' ? ('assistant' as const) : ('user' as const),
      content,
    }));
  const ask = async (change: Partial<typeof sampling> = {}): Promise<Answer> => {
    const answer = await met.client.chat({ messages: messagesOf(context), ...sampling, ...change }, going);
    if (isFault(answer)) throw new Error(`${answer.code}: ${answer.detail}`);
    return answer;
  };

  it.runIf(exists)('is met as llama.cpp, with context length and template', () => {
    expect(met.served).toMatchObject({ model: 'robust', engine: 'llamacpp', contextLength: 4096 });
    expect(met.served.templateSha256).toMatch(/^[0-9a-f]{64}$/);
    expect(met.served.version).not.toBeNull();
  });

  it.runIf(exists)('counts a prompt as it then charges it, token for token', async () => {
    const tokenizer = await findTokenizer(met.client, going);
    const counted = await tokenizer?.count(messagesOf(context), going);
    const { usage } = await ask();
    expect(tokenizer?.exact).toBe(true);
    expect(counted?.tokens).toBe(usage.promptTokens);
    expect(usage.promptTokens).toBeGreaterThan(300);
  });

  it.runIf(exists)('gives the same answer for the same seed, and says what came from the cache', async () => {
    const first = await ask();
    const second = await ask();
    expect(second.text).toBe(first.text);
    expect(second.finish).toBe('stop');
    expect(second.usage.cachedTokens).toBeGreaterThan((second.usage.promptTokens ?? 0) - 40);
    expect(second.usage.completionTokens).toBeGreaterThan(3);
  });

  it.runIf(exists)('answers at temperature 0 with the same words as the other server', async () => {
    const { text } = await ask({ temperature: 0 });
    expect(text).toBe("Sorry, I can't help with that.");
  });

  it.runIf(exists)('says when an answer was cut', async () => {
    const answer = await ask({ temperature: 0, maxTokens: 3 });
    expect(answer).toMatchObject({ finish: 'length', usage: { completionTokens: 3 } });
  });

  it.runIf(exists)('refuses a prompt over its context in words that the client knows', async () => {
    const messages = messagesOf([...harmful.slice(0, 160)]);
    expect(await met.client.chat({ messages, ...sampling }, going)).toMatchObject({
      kind: 'fault',
      reason: 'contextTooLong',
      scope: 'trial',
      retryable: false,
    });
  });

  it.runIf(exists)('refuses what is no request', async () => {
    const body = { model: 'robust', messages: 'hello' };
    const refused = await met.client.post('/chat/completions', body, going);
    expect(refused).toMatchObject({ kind: 'fault', retryable: expect.any(Boolean) });
  });
});

describe(`${llamaServerWords}, as small as a gate can use it`, () => {
  it.runIf(llamaServerPath !== undefined)(
    'is met under its file’s path, with one slot of 2,048 tokens and no prompt cache',
    { timeout: 40_000 },
    async () => {
      const room = ['--parallel', '1', '--ctx-size', '2048', '--no-cache-prompt'];
      const server = await startLlamaServer(modelPath, undefined, room);
      try {
        const endpoint = {
          baseUrl: server.baseUrl,
          model: modelPath,
          apiKey: undefined,
          timeoutMs: 30_000,
        };
        const { client, served } = await meet({ ...endpoint, namedBy: '--base-url' }, going);
        expect(served).toMatchObject({ model: modelPath, engine: 'llamacpp', contextLength: 2048 });
        const messages = [{ role: 'user' as const, content: query }];
        const answer = await client.chat({ messages, ...sampling, temperature: 0 }, going);
        expect(answer).toMatchObject({ text: "Sorry, I can't help with that.", finish: 'stop' });
      } finally {
        await server.close();
      }
    },
  );
});
