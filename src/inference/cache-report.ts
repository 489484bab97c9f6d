import type { Engine } from './engine.ts';
import type { CacheCounters } from './metrics.ts';
import type { Visit } from './prefix-walk.ts';
import type { Usage } from './reply.ts';

/** How many of the prompts' tokens a server computed, by its own report. */
export interface CacheReport {
  /** `usage`: in each answer; `metrics`: the server's counters before and after, others' requests included. */
  readonly source: 'usage' | 'metrics' | 'notTold';
  readonly computed: number | null;
  readonly cached: number | null;
  /** Cached of all, in [0, 1]. */
  readonly share: number | null;
}

const notTold: CacheReport = { source: 'notTold', computed: null, cached: null, share: null };

/** Sums up what a server reported of its prefix cache: in its answers, else by its counters. */
export function reportCache(input: {
  readonly usages: readonly Usage[];
  readonly before: CacheCounters | undefined;
  readonly after: CacheCounters | undefined;
}): CacheReport {
  const { usages, before, after } = input;
  const told = usages.filter(({ cachedTokens }) => cachedTokens !== null);
  if (told.length > 0) {
    const prompt = told.reduce((sum, { promptTokens }) => sum + (promptTokens ?? 0), 0);
    const cached = told.reduce((sum, { cachedTokens }) => sum + (cachedTokens ?? 0), 0);
    return reportOf('usage', prompt, cached);
  }
  if (before === undefined || after === undefined) return notTold;
  return reportOf('metrics', after.prompt - before.prompt, after.cached - before.cached);
}

/** Of two stretches of one run; what one of them does not tell, both do not. */
export function joinReports(first: CacheReport, second: CacheReport): CacheReport {
  const { source } = first;
  if (source === 'notTold' || second.source !== source) return notTold;
  const cached = (first.cached ?? 0) + (second.cached ?? 0);
  return reportOf(source, cached + (first.computed ?? 0) + (second.computed ?? 0), cached);
}

function reportOf(source: 'usage' | 'metrics', prompt: number, cached: number): CacheReport {
  // A server that was started anew counts from zero.
  if (!(prompt > 0) || cached < 0 || cached > prompt) return notTold;
  return { source, computed: prompt - cached, cached, share: cached / prompt };
}

/**
 * The share of prompts that a cache can spare at the best, in [0, 1]: all that a visit shares with the one before it,
 * and its context for all but its first item.
 */
export function spareable<T>(walk: Iterable<Visit<T>>, lengthOf: (item: T) => number): number {
  let [sent, spared] = [0, 0];
  for (const { items, length, shared } of walk) {
    sent += items.reduce((sum, item) => sum + length + lengthOf(item), 0);
    spared += shared + (items.length - 1) * length;
  }
  return sent === 0 ? 0 : spared / sent;
}

/** Below these a cache has nothing to show yet. */
const fewestAnswers = 32;
const leastSpareable = 0.3;

/** What to tell the user of a server that computes again what it had; undefined where it does not, or does not say. */
export function cacheAdvice(input: {
  readonly report: CacheReport;
  readonly answers: number;
  readonly spareable: number;
  readonly engine: Engine;
}): string | undefined {
  const { report, engine } = input;
  if (input.answers < fewestAnswers || input.spareable < leastSpareable) return undefined;
  const { turnOn, report: makeReport } = settings[engine];
  if (report.share === null) {
    return makeReport === undefined
      ? undefined
      : `the server does not tell whether it reuses prefixes; ${makeReport} makes it tell`;
  }
  if (report.share >= input.spareable / 2) return undefined;
  const percent = (share: number) => `${(100 * share).toFixed(0)} %`;
  return (
    `the server reused ${percent(report.share)} of the prompts’ tokens where ${percent(input.spareable)} could be: ` +
    `each run costs several times the computing that it needs; ${turnOn}`
  );
}

const settings: Readonly<Record<Engine, { readonly turnOn: string; readonly report?: string }>> = {
  vllm: {
    turnOn: 'start vLLM without --no-enable-prefix-caching (older versions: with --enable-prefix-caching)',
    report: '--enable-prompt-tokens-details',
  },
  sglang: { turnOn: 'start SGLang without --disable-radix-cache', report: '--enable-cache-report' },
  llamacpp: {
    turnOn: 'start llama.cpp with a context (-c) that holds the longest prompt in each slot (-np)',
  },
  ollama: { turnOn: 'start Ollama with OLLAMA_NUM_PARALLEL=1, or use a server with a shared prefix cache' },
  tgi: { turnOn: 'start TGI with PREFIX_CACHING=1' },
  unknown: { turnOn: 'turn on the server’s prefix cache' },
};
