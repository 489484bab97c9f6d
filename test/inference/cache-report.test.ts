import { describe, expect, it } from 'vitest';
import { cacheAdvice, reportCache, spareable } from '../../src/inference/cache-report.ts';
import { engines } from '../../src/inference/engine.ts';

const usage = (promptTokens: number | null, cachedTokens: number | null) => {
  return { promptTokens, cachedTokens, completionTokens: 1 };
};
const counters = (prompt: number, cached: number) => ({ prompt, cached });
const none = { before: undefined, after: undefined };

describe('the report of a server’s cache', () => {
  it('adds up what its answers tell', () => {
    const usages = [usage(100, 0), usage(100, 80), usage(100, null)];
    expect(reportCache({ usages, ...none })).toEqual({
      source: 'usage',
      computed: 120,
      cached: 80,
      share: 0.4,
    });
  });

  it('falls back on the counters before and after', () => {
    const input = { usages: [usage(100, null)], before: counters(1000, 900), after: counters(2000, 1300) };
    expect(reportCache(input)).toEqual({ source: 'metrics', computed: 600, cached: 400, share: 0.4 });
  });

  it.each([
    ['no counters', none],
    ['counters that were set back', { before: counters(1000, 900), after: counters(100, 50) }],
    ['more cached than sent', { before: counters(0, 0), after: counters(100, 200) }],
    ['nothing sent', { before: counters(5, 5), after: counters(5, 5) }],
  ])('says nothing on %s', (_name, around) => {
    const silent = { source: 'notTold', computed: null, cached: null, share: null };
    expect(reportCache({ usages: [], ...around })).toEqual(silent);
  });
});

describe('what a cache can spare', () => {
  it('is the context for all but its first item, and what contexts share', () => {
    const visit = { block: 0, apart: true, strand: 'one' };
    const walk = [
      { ...visit, items: ['a', 'b'], length: 90, shared: 0 },
      { ...visit, items: ['c'], length: 190, shared: 90 },
    ];
    expect(spareable(walk, () => 10)).toBeCloseTo((90 + 90) / (100 + 100 + 200), 12);
    expect(spareable([], () => 10)).toBe(0);
  });
});

describe('advice', () => {
  const report = reportCache({ usages: [usage(1000, 100)], ...none });
  const bad = { report, answers: 500, spareable: 0.9, engine: 'vllm' } as const;

  it('names the setting, for each engine its own', () => {
    expect(cacheAdvice(bad)).toContain('reused 10 % of the prompts’ tokens where 90 % could be');
    expect(cacheAdvice(bad)).toContain('--no-enable-prefix-caching');
    expect(cacheAdvice({ ...bad, engine: 'sglang' })).toContain('--disable-radix-cache');
    expect(new Set(engines.map((engine) => cacheAdvice({ ...bad, engine }))).size).toBe(engines.length);
  });

  it('tells how to make a silent server speak, where there is a way', () => {
    const silent = { ...bad, report: reportCache({ usages: [], ...none }) };
    expect(cacheAdvice(silent)).toContain('--enable-prompt-tokens-details');
    expect(cacheAdvice({ ...silent, engine: 'unknown' })).toBe(undefined);
  });

  it.each([
    ['a server that reuses', { report: reportCache({ usages: [usage(1000, 800)], ...none }) }],
    ['a few answers', { answers: 5 }],
    ['a plan with little to share', { spareable: 0.1 }],
  ])('is not given on %s', (_name, change) => {
    expect(cacheAdvice({ ...bad, ...change })).toBe(undefined);
  });
});
