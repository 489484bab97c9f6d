import { describe, expect, it } from 'vitest';
import { classifyFault } from '../../src/inference/fault.ts';
import { readChat } from '../../src/inference/reply.ts';

const asking = { maxTokens: 64, apiKey: undefined };
const read = (message: object, finish_reason: string | null = 'stop', usage: object = {}) =>
  readChat({ model: 'm', choices: [{ finish_reason, message }], usage }, asking);

/** Shapes of a reply by public source: vLLM, SGLang, llama.cpp, Ollama, TGI and gateways. */
describe('readChat', () => {
  it.each([
    ['vLLM', { content: 'Blue.', reasoning: 'A colour?' }],
    ['SGLang and older vLLM', { content: 'Blue.', reasoning_content: 'A colour?' }],
    ['a server that leaves it in', { content: '<think>A colour?</think>\n\nBlue.' }],
    [
      'harmony unparsed',
      {
        content:
          '<|channel|>analysis<|message|>A colour?<|end|><|start|>assistant<|channel|>final<|message|>Blue.',
      },
    ],
    [
      'parts',
      {
        content: [
          { type: 'thinking', thinking: [{ type: 'text', text: 'A colour?' }] },
          { type: 'text', text: 'Blue.' },
        ],
      },
    ],
  ])('keeps the reasoning of %s apart from the answer', (_what, message) => {
    expect(read(message)).toMatchObject({ kind: 'answer', text: 'Blue.', reasoned: true });
  });

  it('does not look for marks where the server has taken the reasoning out', () => {
    const content = 'It ends with </think> always.';
    expect(read({ content, reasoning: 'Marks?' })).toMatchObject({ text: content, reasoned: true });
  });

  it.each([
    ['as OpenAI counts them', { completion_tokens_details: { reasoning_tokens: 12 } }],
    ['as SGLang counts them', { reasoning_tokens: 12 }],
  ])('knows reasoning that nobody shows by its tokens, %s', (_what, usage) => {
    expect(read({ content: null }, 'length', usage)).toMatchObject({ text: '', reasoned: true });
    expect(read({ content: 'Blue.' }, 'stop', { reasoning_tokens: 0 })).toMatchObject({ reasoned: false });
  });

  it('takes a refusal in a field of its own as what the model said', () => {
    expect(read({ content: null, refusal: 'I cannot help with that.' })).toMatchObject({
      text: 'I cannot help with that.',
      reasoned: false,
    });
  });

  it.each([
    ['stop', 'stop'],
    ['eos_token', 'stop'],
    ['stop_sequence', 'stop'],
    ['end_turn', 'stop'],
    ['length', 'length'],
    ['max_tokens', 'length'],
    ['content_filter', 'content_filter'],
    ['tool_calls', 'tool_calls'],
    [null, 'unknown'],
  ])('reads finish_reason %s as %s', (told, finish) => {
    expect(read({ content: 'Blue.' }, told)).toMatchObject({ kind: 'answer', finish });
  });

  it.each(['abort', 'error'])('takes an answer that ends with %s for none, worth another try', (finish) => {
    expect(read({ content: 'Blu' }, finish)).toMatchObject({
      kind: 'fault',
      code: 'givenUp',
      retryable: true,
    });
  });
});

describe('classifyFault', () => {
  it.each([
    [400, { error: { code: 'content_filter', message: 'filtered', status: 400 } }],
    [400, { error: { message: 'no', innererror: { code: 'ResponsibleAIPolicyViolation' } } }],
  ])('takes a gateway’s filter as that, not as a refused request', (status, body) => {
    expect(classifyFault(status, body, undefined)).toMatchObject({
      reason: 'contentFilter',
      retryable: false,
      scope: 'trial',
    });
  });

  it('is not told by a quoted prompt that a filter stood in the way', () => {
    const body = { error: { message: 'bad message: {"role": "content_filter"}' } };
    expect(classifyFault(400, body, undefined)).toMatchObject({ reason: 'requestRefused' });
  });

  it.each([
    ['old vLLM', 400, { object: 'error', message: 'System role not supported', code: 400 }],
    ['a template', 400, { error: { message: 'Conversation roles must alternate user/assistant/…' } }],
    ['llama.cpp', 500, { error: { message: 'Jinja Exception: System role not supported', code: 500 } }],
  ])('knows a role that the template of %s refuses, and does not ask again', (_what, status, body) => {
    expect(classifyFault(status, body, undefined)).toMatchObject({
      reason: 'requestRefused',
      retryable: false,
      scope: 'trial',
      detail: `HTTP ${status}, the chat template refuses a role`,
    });
  });

  it('names the field of ours that a refusal is about, and nothing else of its text', () => {
    const body = {
      error: { message: 'secret words: top_k must be -1 (disable), or at least 1', param: 'top_k' },
    };
    const { detail } = classifyFault(400, body, undefined);
    expect(detail).toBe('HTTP 400, which names top_k');
  });
});
