import { setTimeout as sleep } from 'node:timers/promises';
import { PrefixCache } from './scripted-tokens.ts';

/** How a scripted server takes its time, as an engine on a GPU does. */
export interface EngineOptions {
  /** Requests that it works on at once; others wait in the order in which they came. */
  readonly slots: number;
  /** Tokens that its prefix cache holds; those least recently used make room. */
  readonly cacheTokens: number;
  /** 0 takes no time. */
  readonly msPerPromptToken: number;
  readonly msPerAnswerToken: number;
  /** Data-parallel ranks, each with slots and a cache as above; 1 when absent. */
  readonly ranks?: number;
}

/** What an engine has done since it was started or reset. */
export interface EngineStats {
  readonly requests: number;
  readonly promptTokens: number;
  readonly computedTokens: number;
  /** Of the slots' time, outside ramp-up and the last two slots' worth of requests, in [0, 1]. */
  readonly slotsBusy: number;
}

/** A request that has its slot; `cached` tokens of its prompt were there. */
export interface Turn {
  readonly cached: number;
  /** Takes the time of an answer of so many tokens, then gives the slot back. */
  finish(answerTokens: number): Promise<void>;
}

/** Slots, a bounded prefix cache and time, in the manner of a server with continuous batching. */
export class ScriptedEngine {
  readonly #options: EngineOptions;
  readonly #cache: PrefixCache;
  #running = 0;
  readonly #waiting: (() => void)[] = [];
  #requests = 0;
  #promptTokens = 0;
  #computedTokens = 0;
  /** When each request got its slot, and when it gave that back. */
  #begun: number[] = [];
  #ended: number[] = [];

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#cache = new PrefixCache(options.cacheTokens);
  }

  /** Waits for a slot, then computes what the cache does not hold of the prompt. */
  async begin(owner: string, words: readonly string[]): Promise<Turn> {
    const { slots, msPerPromptToken, msPerAnswerToken } = this.#options;
    if (this.#running >= slots) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#running += 1;
    this.#begun.push(performance.now());
    const found = this.#cache.look(owner, words);
    this.#requests += 1;
    this.#promptTokens += words.length;
    this.#computedTokens += words.length - found.cached;
    const prompt = (words.length - found.cached) * msPerPromptToken;
    // A prefix is there for others once it is computed, not while it is.
    if (prompt > 0) await sleep(prompt);
    found.keep();
    return {
      cached: found.cached,
      finish: async (answerTokens) => {
        if (msPerAnswerToken > 0) await sleep(answerTokens * msPerAnswerToken);
        this.#ended.push(performance.now());
        const next = this.#waiting.shift();
        if (next === undefined) this.#running -= 1;
        else next();
      },
    };
  }

  get stats(): EngineStats {
    return {
      requests: this.#requests,
      promptTokens: this.#promptTokens,
      computedTokens: this.#computedTokens,
      slotsBusy: busyShare(this.#begun, this.#ended, this.#options.slots),
    };
  }

  /** Requests that it works on or that wait for it. */
  get open(): number {
    return this.#running + this.#waiting.length;
  }

  /** As vLLM tells of itself. */
  metrics(rank: number): string {
    const hits = this.#promptTokens - this.#computedTokens;
    const blocks = Math.floor(this.#options.cacheTokens / 16);
    return [
      `vllm:num_requests_running{engine="${rank}"} ${this.#running}`,
      `vllm:num_requests_waiting{engine="${rank}"} ${this.#waiting.length}`,
      `vllm:prefix_cache_queries_total{engine="${rank}"} ${this.#promptTokens}`,
      `vllm:prefix_cache_hits_total{engine="${rank}"} ${hits}`,
      `vllm:cache_config_info{engine="${rank}",block_size="16",enable_prefix_caching="True",num_gpu_blocks="${blocks}"} 1.0`,
      '',
    ].join('\n');
  }
}

/** Data-parallel ranks: each works and caches by itself. A request that names none goes where least is under way. */
export class ScriptedRanks {
  readonly #ranks: readonly ScriptedEngine[];

  constructor(options: EngineOptions) {
    this.#ranks = Array.from({ length: options.ranks ?? 1 }, () => new ScriptedEngine(options));
  }

  /** @param named as the header has it; undefined where there is none */
  begin(owner: string, words: readonly string[], named: string | undefined): Promise<Turn> {
    const least = this.#ranks.reduce((best, one) => (one.open < best.open ? one : best));
    return (this.#ranks[Number(named ?? -1)] ?? least).begin(owner, words);
  }

  get stats(): EngineStats {
    const all = this.#ranks.map(({ stats }) => stats);
    const sum = (of: (one: EngineStats) => number) => all.reduce((total, one) => total + of(one), 0);
    return {
      requests: sum(({ requests }) => requests),
      promptTokens: sum(({ promptTokens }) => promptTokens),
      computedTokens: sum(({ computedTokens }) => computedTokens),
      slotsBusy: sum(({ slotsBusy }) => slotsBusy) / all.length,
    };
  }

  metrics(): string {
    return this.#ranks.map((one, rank) => one.metrics(rank)).join('');
  }
}

/**
 * From the moment in which all slots were busy for the first time to that in which only two slots' worth of requests
 * was left to begin: the share of the slots' time in which they had work.
 */
function busyShare(begun: readonly number[], ended: readonly number[], slots: number): number {
  const changes = [...begun.map((at) => ({ at, by: 1 })), ...ended.map((at) => ({ at, by: -1 }))].sort(
    (a, b) => a.at - b.at || a.by - b.by,
  );
  const until = begun.at(-2 * slots) ?? Number.NEGATIVE_INFINITY;
  let [running, from, busy, last] = [0, Number.POSITIVE_INFINITY, 0, 0];
  for (const { at, by } of changes) {
    if (at > until) break;
    if (from < at) busy += running * (at - Math.max(from, last));
    running += by;
    last = at;
    if (running >= slots) from = Math.min(from, at);
  }
  return until > from ? busy / (slots * (last - from)) : 0;
}
