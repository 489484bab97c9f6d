import { describe, expect, it } from 'vitest';
import { vllmCacheTokens } from '../../src/inference/capacity.ts';
import { parseMetrics, readCacheCounters, readQueue } from '../../src/inference/metrics.ts';

// Shapes by public source of the engines' metrics.
const vllm = `# HELP vllm:num_requests_running Number of requests in model execution batches.
# TYPE vllm:num_requests_running gauge
vllm:num_requests_running{engine="0",model_name="m"} 12.0
vllm:num_requests_running{engine="1",model_name="m"} 10.0
vllm:num_requests_waiting{engine="0",model_name="m"} 3.0
vllm:num_requests_waiting{engine="1",model_name="m"} 0.0
vllm:prefix_cache_queries_total{engine="0",model_name="m"} 1.0e+06
vllm:prefix_cache_hits_total{engine="0",model_name="m"} 900000.0
vllm:cache_config_info{block_size="16",cache_dtype="auto",engine="0",num_gpu_blocks="27000"} 1.0
vllm:cache_config_info{block_size="16",cache_dtype="auto",engine="1",num_gpu_blocks="26000"} 1.0
`;

describe('metrics', () => {
  it('are summed over data-parallel ranks', () => {
    expect(readQueue(parseMetrics(vllm))).toEqual({ running: 22, waiting: 3 });
    expect(readCacheCounters(parseMetrics(vllm))).toEqual({ prompt: 1_000_000, cached: 900_000 });
  });

  it('of llama.cpp count what it computed beside what it had', () => {
    const text = 'llamacpp:prompt_tokens_total 100\nllamacpp:prompt_tokens_cached_total 300\n';
    expect(readCacheCounters(parseMetrics(text))).toEqual({ prompt: 400, cached: 300 });
    const queue = 'llamacpp:requests_processing 4\nllamacpp:requests_deferred 7';
    expect(readQueue(parseMetrics(queue))).toEqual({ running: 4, waiting: 7 });
  });

  it.each([
    ['sglang:num_running_reqs{tp="0"} 5\nsglang:num_queue_reqs{tp="0"} 1', { running: 5, waiting: 1 }],
    ['tgi_batch_current_size 2\ntgi_queue_size 9', { running: 2, waiting: 9 }],
    ['vllm:num_requests_running 5', undefined],
    ['<!doctype html><p>vllm:num_requests_running 5', undefined],
    ['vllm:num_requests_running NaN\nvllm:num_requests_waiting +Inf', undefined],
    ['', undefined],
  ])('of a queue are read from %j', (text, queue) => {
    expect(readQueue(parseMetrics(text))).toEqual(queue);
  });

  it('tell the smallest of the ranks’ caches, or nothing', () => {
    expect(vllmCacheTokens(vllm)).toBe(26_000 * 16);
    expect(vllmCacheTokens('vllm:cache_config_info{block_size="16",num_gpu_blocks="None"} 1.0')).toBe(null);
    expect(vllmCacheTokens(undefined)).toBe(null);
  });
});
