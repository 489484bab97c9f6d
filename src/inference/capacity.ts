import { z } from 'zod';
import type { Client } from './client.ts';
import { type Metrics, parseMetrics } from './metrics.ts';

/** What a server tells of the room that it has; null where it does not. */
export interface Capacity {
  /** Whether all requests share one prefix cache, or each slot has its own. */
  readonly cache: 'shared' | 'perSlot';
  /** Requests that it works on at once. */
  readonly slots: number | null;
  /** Tokens that its cache holds, requests under way included. */
  readonly cacheTokens: number | null;
}

const whole = z.int().min(1).max(1e9);
const propsSchema = z.object({ total_slots: whole });
const sglangSchema = z.object({
  max_total_num_tokens: whole.nullish().catch(null),
  internal_states: z
    .array(z.object({ max_total_num_tokens: whole.nullish().catch(null) }))
    .nullish()
    .catch(null),
});

/** Asks a server for its room. Nothing depends on it but speed, so a server that does not tell is no error. */
export async function readCapacity(client: Client, signal: AbortSignal): Promise<Capacity> {
  const unknown = { cache: 'shared', slots: null, cacheTokens: null } as const;
  switch (client.manner?.profile.engine) {
    case 'llamacpp': {
      const props = propsSchema.safeParse(await client.read('//props', signal));
      return { cache: 'perSlot', slots: props.success ? props.data.total_slots : null, cacheTokens: null };
    }
    case 'vllm':
      return { ...unknown, cacheTokens: vllmCacheTokens(await readMetricsText(client, signal)) };
    case 'sglang': {
      const told = sglangSchema.safeParse(await client.read('//get_server_info', signal));
      const [state] = told.data?.internal_states ?? [];
      return {
        ...unknown,
        cacheTokens: told.data?.max_total_num_tokens ?? state?.max_total_num_tokens ?? null,
      };
    }
    case 'tgi':
    case 'ollama':
    case 'unknown':
    case undefined:
      return unknown;
  }
}

/** @returns undefined where the server has no metrics */
export async function readMetrics(client: Client, signal: AbortSignal): Promise<Metrics | undefined> {
  const text = await readMetricsText(client, signal);
  return text === undefined ? undefined : parseMetrics(text);
}

async function readMetricsText(client: Client, signal: AbortSignal): Promise<string | undefined> {
  const text = await client.read('//metrics', signal);
  return typeof text === 'string' ? text : undefined;
}

/**
 * vLLM tells blocks and their size as labels. Data-parallel ranks have a line and a cache each: the smallest counts.
 *
 * @example vllmCacheTokens('vllm:cache_config_info{block_size="16",num_gpu_blocks="1000"} 1.0') // 16000
 */
export function vllmCacheTokens(text: string | undefined): number | null {
  const lines = (text ?? '').split('\n').filter((line) => line.startsWith('vllm:cache_config_info{'));
  const sizes = lines.flatMap((line) => {
    const [, size] = /[{,]block_size="(\d+)"/.exec(line) ?? [];
    const [, blocks] = /[{,]num_gpu_blocks="(\d+)"/.exec(line) ?? [];
    const tokens = Number(size) * Number(blocks);
    return tokens > 0 ? [tokens] : [];
  });
  // One by one: a server may tell more than a call takes arguments.
  return sizes.reduce<number | null>((least, size) => Math.min(least ?? size, size), null);
}
