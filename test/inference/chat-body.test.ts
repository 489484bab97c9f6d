import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ChatBodies, chatBody } from '../../src/inference/chat-body.ts';
import type { ChatRequest, Manner } from '../../src/inference/client.ts';
import { profileOf } from '../../src/inference/engine.ts';
import { type ModelPreset, presetOf } from '../../src/inference/presets.ts';
import type { Message } from '../../src/suite/context.ts';

const message: fc.Arbitrary<Message> = fc.record({
  role: fc.constantFrom('system' as const, 'user' as const, 'assistant' as const),
  content: fc.string({ unit: 'binary' }),
});
const preset: ModelPreset | undefined = presetOf(['openai/gpt-oss-20b']);
const manners: readonly (Manner | undefined)[] = [
  undefined,
  { profile: profileOf('vllm'), preset },
  { profile: profileOf('llamacpp'), preset: undefined },
];

function parsed(body: object): unknown {
  return JSON.parse(Buffer.isBuffer(body) ? body.toString('utf8') : JSON.stringify(body));
}

describe('the body of a chat request', () => {
  it('is the same whether its beginning is shared or not, and when it is used again', () => {
    fc.assert(
      fc.property(
        fc.array(message, { maxLength: 4 }),
        fc.array(fc.array(message, { minLength: 1, maxLength: 2 }), { minLength: 1, maxLength: 3 }),
        fc.constantFrom(...manners),
        fc.constantFrom(undefined, { type: 'json_object' }),
        (shared, ends, manner, responseFormat) => {
          const bodies = new ChatBodies('m', manner);
          for (const end of ends) {
            const plain: ChatRequest = {
              messages: [...shared, ...end],
              responseFormat,
              temperature: 0.5,
              topP: 1,
              maxTokens: 16,
              seed: 7,
            };
            const expected = parsed(chatBody('m', plain, manner));
            expect(parsed(bodies.of({ ...plain, shared }).body)).toEqual(expected);
            expect(parsed(bodies.of(plain).body)).toEqual(expected);
          }
        },
      ),
    );
  });

  it('as bytes says that it is JSON, which the SDK says of objects alone', () => {
    const shared: Message[] = [{ role: 'user', content: 'Please say blue.' }];
    const messages: Message[] = [...shared, { role: 'user', content: 'Please say red.' }];
    const request: ChatRequest = { messages, shared, temperature: 0, topP: 1, maxTokens: 8, seed: 1 };
    expect(new ChatBodies('m', undefined).of(request)).toMatchObject({
      headers: { 'content-type': 'application/json' },
    });
  });
});
