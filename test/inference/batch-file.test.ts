import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../src/config/errors.ts';
import { parsePolicy } from '../../src/config/read-policy.ts';
import { needsRoom, parseBatchLine, renderBatchLine } from '../../src/inference/batch-file.ts';
import { engines, profileOf } from '../../src/inference/engine.ts';
import { presetOf } from '../../src/inference/presets.ts';
import { Prompts } from '../../src/inference/prompts.ts';
import { readSuite } from '../../src/run/gate-inputs.ts';
import { smallPolicy, writeSmallPolicy } from '../run/small-gate.ts';

const { sampling } = parsePolicy(JSON.stringify(smallPolicy()), 'policy.yml');
const { plan } = await readSuite(writeSmallPolicy());
const parse = (line: unknown) => parseBatchLine(JSON.stringify(line), 'out.jsonl:1', sampling);

const completion = {
  id: 'chatcmpl-1',
  object: 'chat.completion',
  model: 'm',
  choices: [{ index: 0, message: { role: 'assistant', content: 'It is blue.' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 40, completion_tokens: 4, total_tokens: 44 },
};

describe('a line of results', () => {
  it('is an answer, in the shape of the OpenAI format and of vLLM’s runner', () => {
    const line = {
      id: 'vllm-1',
      custom_id: 'a',
      response: { status_code: 200, request_id: 'vllm-batch-1', body: completion },
      error: null,
    };
    expect(parse(line)).toMatchObject({
      id: 'a',
      result: {
        kind: 'answer',
        text: 'It is blue.',
        finish: 'stop',
        model: 'm',
        usage: { promptTokens: 40 },
      },
    });
  });

  it.each<[string, unknown, object]>([
    [
      'vLLM’s refusal, whose reason stands beside the response',
      {
        response: { status_code: 400, request_id: 'r', body: null },
        error: { message: 'This model’s maximum context length is 64 tokens', code: 400 },
      },
      { reason: 'contextTooLong', retryable: false },
    ],
    [
      'a hosted service’s refusal, in the body',
      {
        response: { status_code: 400, body: { error: { message: 'exceeds the context window' } } },
        error: null,
      },
      { reason: 'contextTooLong', retryable: false },
    ],
    ['a busy server', { response: { status_code: 429, body: {} } }, { retryable: true }],
    [
      'a wrong key, which every request would meet',
      { response: { status_code: 401, body: {} } },
      { scope: 'run' },
    ],
    ['an expired request', { response: null, error: { code: 'batch_expired' } }, { retryable: true }],
    ['a body without choices', { response: { status_code: 200, body: {} } }, { retryable: true }],
  ])('is a fault: %s', (_what, line, fault) => {
    expect(parse({ custom_id: 'a', ...Object(line) }).result).toMatchObject({ kind: 'fault', ...fault });
  });

  it('is refused with its place, or read, whatever it is', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
        try {
          expect(parseBatchLine(text, 'out.jsonl:7', sampling).id).toBeTypeOf('string');
        } catch (error) {
          expect(error).toBeInstanceOf(ConfigError);
          expect(error).toMatchObject({
            code: 'BATCH_BROKEN',
            message: expect.stringContaining('out.jsonl:7'),
          });
        }
      }),
    );
  });
});

describe('an answer of nothing but reasoning', () => {
  const thought = (tokens: number | null, content = '') =>
    parse({
      custom_id: 'a',
      response: {
        status_code: 200,
        body: {
          ...completion,
          choices: [{ message: { content, reasoning: 'Let me see' }, finish_reason: 'length' }],
          usage: { prompt_tokens: 40, completion_tokens: tokens },
        },
      },
    }).result;
  const room = (tokens: number | null, content?: string) => {
    const result = thought(tokens, content);
    return result.kind === 'answer' && needsRoom(result, sampling);
  };

  it('needs more room once, and is what it is when it had that', () => {
    expect(room(sampling.maxTokens)).toBe(true);
    expect(room(null)).toBe(true);
    expect(room(sampling.maxTokens + 1)).toBe(false);
    expect(room(sampling.maxTokens, 'It is')).toBe(false);
  });
});

describe('a line of requests', () => {
  it.each(engines)('sets for %s what a run sets, and holds the whole prompt', (engine) => {
    const [trial] = plan.trials;
    if (trial === undefined) throw new Error('expected a trial');
    const manner = { profile: profileOf(engine), preset: presetOf(['m']) };
    const line: unknown = JSON.parse(renderBatchLine(trial, { model: 'm', manner, sampling }, new Prompts()));
    const { temperature, topP, maxTokens } = sampling;
    const fields = manner.profile.fields({ temperature, topP, maxTokens, seed: trial.seed });
    expect(line).toMatchObject({
      custom_id: trial.trialId,
      method: 'POST',
      url: '/v1/chat/completions',
      body: {
        model: 'm',
        ...fields,
        messages: expect.arrayContaining([{ role: 'user', content: trial.query.request }]),
      },
    });
    expect(trial.trialId.length).toBeLessThanOrEqual(64);
  });

  it('gives a model that always reasons the room for it at once', () => {
    const [trial] = plan.trials;
    if (trial === undefined) throw new Error('expected a trial');
    const manner = { profile: profileOf('vllm'), preset: presetOf(['openai/gpt-oss-20b']) };
    const line: unknown = JSON.parse(renderBatchLine(trial, { model: 'g', manner, sampling }, new Prompts()));
    expect(line).toMatchObject({ body: { max_tokens: sampling.maxTokens + sampling.maxReasoningTokens } });
  });
});
