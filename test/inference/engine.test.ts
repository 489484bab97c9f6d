import { afterEach, describe, expect, it } from 'vitest';
import { connect } from '../../src/inference/client.ts';
import { type Engine, engines, profileOf } from '../../src/inference/engine.ts';
import { presetFields, presetOf } from '../../src/inference/presets.ts';
import { type CannedServer, chatRequest, going, sendJson, startCanned } from './canned-server.ts';

const servers: CannedServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

/** What a client in this engine's manner sends for the test's request. */
async function sentTo(engine: Engine, model = 'm', change = {}): Promise<unknown> {
  const server = await startCanned((_, response) =>
    sendJson(response, { choices: [{ message: { content: 'Blue.' }, finish_reason: 'stop' }] }),
  );
  servers.push(server);
  const profile = profileOf(engine);
  const endpoint = {
    baseUrl: `${server.origin}/v1`,
    model,
    apiKey: undefined,
    timeoutMs: 5000,
    namedBy: '--base-url',
  };
  const client = connect(endpoint, { profile, preset: presetOf([model]) });
  await client.chat({ ...chatRequest, contextKey: 'c', ...change }, going());
  return server.requests[0]?.body;
}

const own = {
  model: 'm',
  messages: [{ role: 'user', content: 'hello' }],
  temperature: 0.35,
  top_p: 0.85,
  max_tokens: 17,
  seed: 12345,
  presence_penalty: 0,
  frequency_penalty: 0,
  n: 1,
  stream: false,
};

describe('what an engine is sent', () => {
  it.each<[Engine, object]>([
    ['vllm', { top_k: -1, min_p: 0, repetition_penalty: 1 }],
    ['sglang', { top_k: -1, min_p: 0, repetition_penalty: 1, separate_reasoning: true }],
    [
      'llamacpp',
      {
        top_k: 0,
        min_p: 0,
        typical_p: 1,
        repeat_penalty: 1,
        mirostat: 0,
        dry_multiplier: 0,
        xtc_probability: 0,
        cache_prompt: true,
      },
    ],
    ['ollama', {}],
    ['tgi', {}],
    ['unknown', {}],
  ])('%s: the policy’s settings, and every other one that it takes made neutral', async (engine, more) => {
    expect(await sentTo(engine)).toEqual({ ...own, ...more });
  });

  it('leaves out top_p of 1 where it is TGI, which refuses it', async () => {
    const { top_p: _left, ...rest } = own;
    expect(await sentTo('tgi', 'm', { topP: 1 })).toEqual(rest);
    expect(await sentTo('vllm', 'm', { topP: 1 })).toMatchObject({ top_p: 1 });
  });

  it('tells what the server’s own configuration decides where a request cannot', () => {
    expect(profileOf('ollama').decidedByServer).toContain('repeat_penalty');
    expect(profileOf('unknown').decidedByServer).toContain('top_k');
    for (const engine of ['vllm', 'sglang', 'llamacpp'] as const) {
      expect(profileOf(engine).decidedByServer).toEqual([]);
    }
  });
});

/** By templates, model cards and issues in public; none of these models was run here. */
describe('the paper’s models', () => {
  it.each([
    ['meta-llama/Llama-3.1-8B-Instruct', 'Llama 3.1 Instruct'],
    ['Meta-Llama-3.1-8B-Instruct-Q8_0.gguf', 'Llama 3.1 Instruct'],
    ['llama3.1:8b-instruct-q8_0', 'Llama 3.1 Instruct'],
    ['allenai/Olmo-3.1-32B-Instruct-SFT', 'OLMo 3 (SFT or DPO)'],
    ['allenai/Olmo-3.1-32B-Instruct-DPO', 'OLMo 3 (SFT or DPO)'],
    ['allenai/Olmo-3.1-32B-Instruct', 'OLMo 3 Instruct'],
    ['google/gemma-4-31B-it', 'Gemma 4'],
    ['gemma4:31b-it-q8_0', 'Gemma 4'],
    ['openai/gpt-oss-20b', 'GPT-OSS'],
    ['gpt-oss:20b', 'GPT-OSS'],
  ])('knows %s', (name, family) => {
    expect(presetOf([name])?.family).toBe(family);
    expect(presetOf(['candidate', null, name])?.family).toBe(family);
  });

  it('does not take another model for one of them', () => {
    expect(presetOf(['Llama-3.2-3B-Instruct', 'google/gemma-3-27b-it', null])).toBeUndefined();
    expect(presetOf([])).toBeUndefined();
  });

  it.each<[Engine, object]>([
    ['vllm', { reasoning_effort: 'medium' }],
    ['sglang', { reasoning_effort: 'medium' }],
    ['ollama', { reasoning_effort: 'medium' }],
    ['llamacpp', { chat_template_kwargs: { reasoning_effort: 'medium' } }],
  ])('sets the effort of GPT-OSS in the way of %s', async (engine, more) => {
    expect(await sentTo(engine, 'gpt-oss-20b')).toMatchObject(more);
  });

  it('turns Gemma’s thinking off where a request can, and says nothing where it cannot', () => {
    const gemma = presetOf(['gemma-4-31B-it']);
    for (const engine of engines) {
      const fields = presetFields(gemma, profileOf(engine));
      const takes = ['vllm', 'sglang', 'llamacpp'].includes(engine);
      expect(fields).toEqual(takes ? { chat_template_kwargs: { enable_thinking: false } } : {});
    }
  });

  it('sends nothing more for models that differ in their template alone', () => {
    for (const name of ['Llama-3.1-8B-Instruct', 'Olmo-3.1-32B-Instruct-SFT', 'Olmo-3.1-32B-Instruct']) {
      expect(presetFields(presetOf([name]), profileOf('vllm'))).toEqual({});
    }
  });
});
