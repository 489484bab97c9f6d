/** A server's metrics, summed over labels: engines behind one address (data-parallel ranks) each have their own line. */
export type Metrics = ReadonlyMap<string, number>;

const line = /^([a-zA-Z_:][\w:]*)(?:\{[^\n]*\})?\s+(\S+)(?:\s+\d+)?$/;

/**
 * Reads metrics in the Prometheus text format. Lines that are none are passed over: what a server does not tell is
 * not known.
 *
 * @example parseMetrics('a{rank="0"} 1\na{rank="1"} 2').get('a') // 3
 */
export function parseMetrics(text: string): Metrics {
  const sums = new Map<string, number>();
  for (const one of text.split('\n')) {
    const [, name, number] = line.exec(one) ?? [];
    const value = Number(number);
    if (name === undefined || !Number.isFinite(value)) continue;
    sums.set(name, (sums.get(name) ?? 0) + value);
  }
  return sums;
}

/** Requests that a server works on and that wait in it, those of others included. */
export interface Queue {
  readonly running: number;
  readonly waiting: number;
}

/** Tokens of prompts since the server's start, and those of them that came from its prefix cache. */
export interface CacheCounters {
  readonly prompt: number;
  readonly cached: number;
}

const queueNames = [
  ['vllm:num_requests_running', 'vllm:num_requests_waiting'],
  ['sglang:num_running_reqs', 'sglang:num_queue_reqs'],
  ['llamacpp:requests_processing', 'llamacpp:requests_deferred'],
  ['tgi_batch_current_size', 'tgi_queue_size'],
] as const;

export function readQueue(metrics: Metrics): Queue | undefined {
  const pair = readPair(metrics, queueNames);
  return pair === undefined ? undefined : { running: pair[0], waiting: pair[1] };
}

/** As vLLM counts them, prompts with what is cached. */
const cacheNames = [
  ['vllm:prefix_cache_queries_total', 'vllm:prefix_cache_hits_total'],
  ['vllm:gpu_prefix_cache_queries_total', 'vllm:gpu_prefix_cache_hits_total'],
  ['sglang:prompt_tokens_total', 'sglang:cached_tokens_total'],
] as const;

export function readCacheCounters(metrics: Metrics): CacheCounters | undefined {
  const pair = readPair(metrics, cacheNames);
  if (pair !== undefined) return { prompt: pair[0], cached: pair[1] };
  // llama.cpp counts what it computed beside what it had.
  const apart = readPair(metrics, [['llamacpp:prompt_tokens_total', 'llamacpp:prompt_tokens_cached_total']]);
  return apart === undefined ? undefined : { prompt: apart[0] + apart[1], cached: apart[1] };
}

function readPair(
  metrics: Metrics,
  names: readonly (readonly [string, string])[],
): readonly [number, number] | undefined {
  for (const [first, second] of names) {
    const [one, other] = [metrics.get(first), metrics.get(second)];
    if (one !== undefined && other !== undefined) return [one, other];
  }
  return undefined;
}
