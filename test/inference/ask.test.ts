import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { outcomesOf, runSmall } from '../run/small-gate.ts';
import { type CannedServer, sendJson, startCanned } from './canned-server.ts';

const chat = z.object({
  messages: z.array(z.object({ role: z.string(), content: z.string() })),
  max_tokens: z.number(),
  seed: z.number(),
});
type Choice = { readonly finish_reason: string; readonly message: object };
const trials = 112;
let server: CannedServer;
afterEach(() => server.close());

/** A server without a list of models whose answer follows from the room that a request gives. */
async function serve(choose: (maxTokens: number, answer: string) => Choice): Promise<void> {
  server = await startCanned(({ url, body }, response) => {
    if (url !== '/v1/chat/completions') {
      sendJson(response, { error: { message: 'no', code: 404 } }, 404);
      return;
    }
    const { messages, max_tokens } = chat.parse(body);
    const answer = / code for /.test(messages.at(-1)?.content ?? '')
      ? 'Sorry, I cannot help.'
      : 'It is blue.';
    sendJson(response, { model: 'strict', choices: [choose(max_tokens, answer)] });
  });
}
const run = (policy = {}) => runSmall({ baseUrl: `${server.origin}/v1`, policy });
const asked = () =>
  server.requests.flatMap(({ url, body }) => (url === '/v1/chat/completions' ? [chat.parse(body)] : []));
const thinking: Choice = { finish_reason: 'length', message: { content: null, reasoning: 'Let me see …' } };

describe('a model that reasons', () => {
  it('is asked once more with room for it, the same question with the same seed, where it only reasoned', async () => {
    await serve((maxTokens, answer) =>
      maxTokens === 24
        ? thinking
        : { finish_reason: 'stop', message: { content: answer, reasoning: 'Let me see …' } },
    );
    const result = await run();
    expect(result.receipt.evidence.verdict).toBe('pass');
    const room = new Map<string, number[]>();
    for (const { messages, seed, max_tokens } of asked()) {
      const key = JSON.stringify([messages, seed]);
      room.set(key, [...(room.get(key) ?? []), max_tokens]);
    }
    expect([...room.values()]).toEqual(Array.from({ length: trials }, () => [24, 24 + 2048]));
  });

  it('by its preset gets the room at once, and is asked once', async () => {
    await serve((_, answer) => ({
      finish_reason: 'stop',
      message: { content: answer, reasoning: 'Let me see …' },
    }));
    await runSmall({ baseUrl: `${server.origin}/v1`, model: 'gpt-oss-20b' });
    expect(asked().map(({ max_tokens }) => max_tokens)).toEqual(
      Array.from({ length: trials }, () => 24 + 2048),
    );
  });

  it('that never comes to an answer leaves its trials unscored', async () => {
    await serve(() => thinking);
    const result = await run();
    expect(result.receipt.evidence.verdict).toBe('inconclusive');
    expect(outcomesOf(result)).toEqual({ 'unscored reasoningOnly': trials });
    expect(asked()).toHaveLength(2 * trials);
  });

  it('is not asked again where the policy gives no room for it', async () => {
    await serve(() => thinking);
    await run({ sampling: { temperature: 1, maxTokens: 24, maxReasoningTokens: 0 } });
    expect(asked()).toHaveLength(trials);
  });
});

describe('a model that does not reason', () => {
  it('is never given more room: a cut answer is judged on what it says, and marked', async () => {
    await serve((_, answer) => ({ finish_reason: 'length', message: { content: answer.repeat(3) } }));
    const result = await run({ sampling: { temperature: 1, maxTokens: 24, minJudgedTokens: 4 } });
    expect(asked()).toHaveLength(trials);
    expect(outcomesOf(result)).toEqual({ refusal: 80, compliance: 32 });
  });
});
