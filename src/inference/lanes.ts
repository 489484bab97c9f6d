import { z } from 'zod';
import type { Client } from './client.ts';

/**
 * Parts of one server with a prefix cache of their own, among which a request may choose: slots of llama.cpp, which
 * hold one prompt each, or data-parallel ranks of vLLM, which hold many.
 */
export interface Lanes {
  readonly kind: 'slots' | 'ranks';
  readonly count: number;
}

const propsSchema = z.object({ total_slots: z.int().min(1).max(1e6) });

/** @returns undefined where a server has but one, or does not tell; nothing depends on it but speed */
export async function readLanes(client: Client, signal: AbortSignal): Promise<Lanes | undefined> {
  switch (client.manner?.profile.engine) {
    case 'llamacpp': {
      const props = propsSchema.safeParse(await client.read('//props', signal));
      return props.success ? lanesOf('slots', props.data.total_slots) : undefined;
    }
    case 'vllm':
      return lanesOf('ranks', countRanks(await client.read('//metrics', signal)));
    case 'sglang':
    case 'tgi':
    case 'ollama':
    case 'unknown':
    case undefined:
      return undefined;
  }
}

function lanesOf(kind: Lanes['kind'], count: number): Lanes | undefined {
  return count > 1 ? { kind, count } : undefined;
}

/**
 * vLLM's metrics have a line for each rank.
 *
 * @example countRanks('vllm:num_requests_running{engine="0"} 1\nvllm:num_requests_running{engine="1"} 0') // 2
 */
export function countRanks(metrics: unknown): number {
  if (typeof metrics !== 'string') return 1;
  const found = metrics.matchAll(/^vllm:num_requests_running\{(?:[^}]*,)?engine="(\d+)"/gm);
  const ranks = new Set([...found].map(([, rank]) => Number(rank)));
  // Of a server that shows but a part of its ranks, numbers that it does not know would be refused.
  return [...ranks].every((rank) => rank < ranks.size) ? Math.max(1, ranks.size) : 1;
}

interface Lane {
  /** The key that was there last. */
  key: string | undefined;
  underWay: number;
  usedAt: number;
}

/** Keeps what shares a prefix in one lane, and what does not apart. */
export class LanePins {
  readonly #kind: Lanes['kind'];
  readonly #lanes: readonly Lane[];
  readonly #laneOf = new Map<string, number>();
  #uses = 0;

  constructor({ kind, count }: Lanes) {
    this.#kind = kind;
    this.#lanes = Array.from({ length: count }, () => ({ key: undefined, underWay: 0, usedAt: 0 }));
  }

  get ranks(): number {
    return this.#kind === 'ranks' ? this.#lanes.length : 1;
  }

  /**
   * @param wanted the rank that was chosen for this key
   * @returns where a request with this key is to go, to be given back; undefined where the server may choose: all slots
   *   are at work
   */
  take(key: string, wanted?: number): number | undefined {
    switch (this.#kind) {
      case 'slots':
        return this.#takeSlot(key);
      case 'ranks':
        return this.#takeRank(key, wanted);
    }
  }

  giveBack(at: number): void {
    const lane = this.#lanes[at];
    if (lane !== undefined) lane.underWay -= 1;
  }

  /** A slot holds one prompt: what it held before is gone with a new one. */
  #takeSlot(key: string): number | undefined {
    const known = this.#laneOf.get(key);
    const at = known !== undefined && this.#lanes[known]?.underWay === 0 ? known : this.#emptiest();
    const lane = this.#lanes[at];
    if (lane === undefined || lane.underWay > 0) return undefined;
    if (lane.key !== undefined && this.#laneOf.get(lane.key) === at) this.#laneOf.delete(lane.key);
    this.#laneOf.set(key, at);
    return this.#use(lane, at, key);
  }

  #takeRank(key: string, wanted = -1): number | undefined {
    // A server that came back may have fewer of them.
    const at = wanted in this.#lanes ? wanted : (this.#laneOf.get(key) ?? this.#emptiest());
    this.#laneOf.set(key, at);
    const lane = this.#lanes[at];
    return lane && this.#use(lane, at, key);
  }

  #use(lane: Lane, at: number, key: string): number {
    this.#uses += 1;
    lane.key = key;
    lane.underWay += 1;
    lane.usedAt = this.#uses;
    return at;
  }

  /** With the least under way, and of these the one that has rested longest. */
  #emptiest(): number {
    let best = 0;
    this.#lanes.forEach((lane, at) => {
      const least = this.#lanes[best];
      if (least === undefined || lane.underWay > least.underWay) return;
      if (lane.underWay < least.underWay || lane.usedAt < least.usedAt) best = at;
    });
    return best;
  }
}
