import { setTimeout as wait } from 'node:timers/promises';
import { readMetrics } from './capacity.ts';
import type { Client } from './client.ts';
import type { Limiter } from './limiter.ts';
import { type CacheCounters, readCacheCounters, readQueue } from './metrics.ts';

const pollMs = 1000;

/** The counters of a server's cache around a run; absent where it has none. */
export interface CountersAround {
  readonly before: CacheCounters | undefined;
  readonly after: CacheCounters | undefined;
}

/**
 * Reads a server's metrics while work goes on and tells the limiter of its queue: llama.cpp, and vLLM unless told
 * otherwise, queue without a bound and never answer 429.
 *
 * @returns what the work gives, with the cache's counters before and after it
 * @throws what `work` throws
 */
export async function withQueueWatch<T>(
  input: { readonly client: Client; readonly limiter: Limiter; readonly signal: AbortSignal },
  work: () => Promise<T>,
): Promise<{ readonly result: T; readonly counters: CountersAround }> {
  const { client, limiter, signal } = input;
  const first = hasMetrics(client) ? await readMetrics(client, signal) : undefined;
  if (first === undefined) {
    return { result: await work(), counters: { before: undefined, after: undefined } };
  }
  const over = new AbortController();
  const watching = watch(client, limiter, AbortSignal.any([signal, over.signal]));
  let result: T;
  try {
    result = await work();
  } finally {
    over.abort();
    await watching;
  }
  const last = await readMetrics(client, signal);
  const after = last === undefined ? undefined : readCacheCounters(last);
  return { result, counters: { before: readCacheCounters(first), after } };
}

function hasMetrics({ manner }: Client): boolean {
  return ['vllm', 'sglang', 'llamacpp', 'tgi'].includes(manner?.profile.engine ?? '');
}

async function watch(client: Client, limiter: Limiter, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await wait(pollMs, undefined, { signal }).catch(() => {});
    if (signal.aborted) return;
    const metrics = await readMetrics(client, signal);
    const queue = metrics === undefined ? undefined : readQueue(metrics);
    if (queue !== undefined) limiter.queue(queue);
  }
}
