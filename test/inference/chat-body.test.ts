import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ChatBodies, chatBody, type Manner } from '../../src/inference/chat-body.ts';
import { engines, profileOf } from '../../src/inference/engine.ts';

const message = fc.record({
  role: fc.constantFrom('system' as const, 'user' as const, 'assistant' as const),
  content: fc.string({ unit: 'binary' }),
});
const sampling = { temperature: 1, topP: 0.9, maxTokens: 8, seed: 3 };

describe('a chat body', () => {
  it('is the same JSON whether its beginning was written before or not, whatever the texts', () => {
    const anyManner = fc.constantFrom<(Manner | undefined)[]>(
      undefined,
      ...engines.map((engine) => ({ profile: profileOf(engine), preset: undefined })),
    );
    const lists = fc.tuple(fc.array(message), fc.array(message, { minLength: 1 }), fc.string(), anyManner);
    fc.assert(
      fc.property(lists, ([shared, own, model, manner]) => {
        const bodies = new ChatBodies(model, manner);
        const request = { ...sampling, messages: [...shared, ...own] };
        const whole = JSON.parse(JSON.stringify(chatBody(model, request, manner)));
        const parse = (body: string | Buffer) => JSON.parse(body.toString());
        expect(parse(bodies.write(request))).toEqual(whole);
        expect(parse(bodies.write({ ...request, shared }))).toEqual(whole);
        // From what was written the first time.
        const other = { ...request, seed: 4, shared };
        expect(parse(bodies.write(other))).toEqual({
          ...whole,
          ...(whole.seed === undefined ? {} : { seed: 4 }),
        });
      }),
      { numRuns: 200 },
    );
  });
});
