import { afterEach, expect, it } from 'vitest';
import { readCapacity, vllmCacheTokens } from '../../src/inference/capacity.ts';
import { connect } from '../../src/inference/client.ts';
import { type Engine, profileOf } from '../../src/inference/engine.ts';
import { type CannedServer, going, sendJson, startCanned } from './canned-server.ts';

let server: CannedServer | undefined;
afterEach(() => server?.close());

const capacityOf = async (engine: Engine, replies: Readonly<Record<string, string | object>>) => {
  const started = await startCanned(({ url }, response) => {
    const reply = replies[url];
    if (reply === undefined) return sendJson(response, { error: { message: 'no' } }, 404);
    if (typeof reply === 'object') return sendJson(response, reply);
    response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' }).end(reply);
  });
  server = started;
  const endpoint = { model: 'm', apiKey: undefined, timeoutMs: 5000, namedBy: '--base-url' };
  const manner = { profile: profileOf(engine), preset: undefined };
  return readCapacity(connect({ ...endpoint, baseUrl: `${started.origin}/v1` }, manner), going());
};

it.each<[string, Engine, Readonly<Record<string, string | object>>, object]>([
  ['llama.cpp’s slots', 'llamacpp', { '/props': { total_slots: 4 } }, { cache: 'perSlot', slots: 4 }],
  ['llama.cpp that does not tell', 'llamacpp', {}, { cache: 'perSlot', slots: null }],
  [
    'vLLM’s cache',
    'vllm',
    { '/metrics': 'vllm:cache_config_info{block_size="16",num_gpu_blocks="1000"} 1.0\n' },
    { cache: 'shared', slots: null, cacheTokens: 16_000 },
  ],
  ['vLLM without metrics', 'vllm', {}, { cache: 'shared', cacheTokens: null }],
  [
    'SGLang’s cache',
    'sglang',
    { '/get_server_info': { internal_states: [{ max_total_num_tokens: 700_000 }] } },
    { cache: 'shared', cacheTokens: 700_000 },
  ],
  [
    'an unknown server',
    'unknown',
    { '/metrics': 'x 1' },
    { cache: 'shared', slots: null, cacheTokens: null },
  ],
])('reads %s', async (_name, engine, replies, capacity) => {
  expect(await capacityOf(engine, replies)).toMatchObject(capacity);
});

it('reads metrics of more lines than a call takes arguments', () => {
  const line = 'vllm:cache_config_info{block_size="16",num_gpu_blocks="1000"} 1.0\n';
  expect(vllmCacheTokens(line.repeat(200_000))).toBe(16_000);
});
