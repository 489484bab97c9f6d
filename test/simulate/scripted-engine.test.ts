import { describe, expect, it } from 'vitest';
import { ScriptedEngine, ScriptedRanks } from '../../src/simulate/scripted-engine.ts';
import { PrefixCache } from '../../src/simulate/scripted-tokens.ts';

const words = (name: string, count: number) => Array.from({ length: count }, (_, at) => `${name}${at}`);
const timeless = { msPerPromptToken: 0, msPerAnswerToken: 0 };

describe('the bounded cache', () => {
  it('drops what was used least recently, the ends of prompts first', () => {
    const cache = new PrefixCache(64);
    expect(cache.reuse('m', words('a', 49))).toBe(0);
    expect(cache.reuse('m', words('a', 49))).toBe(48);
    expect(cache.reuse('m', words('b', 33))).toBe(0);
    expect(cache.reuse('m', words('a', 49))).toBe(32);
  });

  it('finds only whole blocks from the beginning on', () => {
    const cache = new PrefixCache();
    cache.reuse('m', words('a', 40));
    expect(cache.reuse('m', [...words('a', 20), ...words('b', 40)])).toBe(16);
    expect(cache.reuse('other', words('a', 40))).toBe(0);
  });
});

describe('the scripted engine', () => {
  it('works on as many requests as it has slots, the others in their order', async () => {
    const engine = new ScriptedEngine({ slots: 2, cacheTokens: 1000, ...timeless, msPerAnswerToken: 1 });
    const order: number[] = [];
    const ask = async (nth: number) => {
      const turn = await engine.begin('m', words('a', 10));
      order.push(nth);
      await turn.finish(20);
    };
    const asked = [1, 2, 3, 4].map(ask);
    await Promise.resolve();
    expect(engine.metrics(0)).toContain('vllm:num_requests_running{engine="0"} 2');
    expect(engine.metrics(0)).toContain('vllm:num_requests_waiting{engine="0"} 2');
    await Promise.all(asked);
    expect(order).toEqual([1, 2, 3, 4]);
    expect(engine.stats).toMatchObject({ requests: 4, promptTokens: 40, computedTokens: 40 });
  });

  it('has a prefix for others once it is computed, not while it is', async () => {
    const engine = new ScriptedEngine({ slots: 8, cacheTokens: 1000, ...timeless, msPerPromptToken: 0.2 });
    const prompt = words('a', 65);
    const both = await Promise.all([engine.begin('m', prompt), engine.begin('m', prompt)]);
    expect(both.map(({ cached }) => cached)).toEqual([0, 0]);
    expect((await engine.begin('m', prompt)).cached).toBe(64);
  });

  it('tells how busy its slots were', async () => {
    const engine = new ScriptedEngine({ slots: 2, cacheTokens: 1000, ...timeless, msPerAnswerToken: 1 });
    const lane = async (requests: number) => {
      for (let nth = 0; nth < requests; nth += 1) await (await engine.begin('m', ['a'])).finish(10);
    };
    await Promise.all([lane(12), lane(12)]);
    expect(engine.stats.slotsBusy).toBeGreaterThan(0.5);
    expect(engine.stats.slotsBusy).toBeLessThanOrEqual(1);
  });
});

describe('scripted ranks', () => {
  const ranks = () => new ScriptedRanks({ slots: 1, cacheTokens: 1000, ...timeless, ranks: 2 });

  it('have a cache each, in which a request that names its rank finds what was computed there', async () => {
    const engine = ranks();
    const prompt = words('a', 33);
    const cached: number[] = [];
    for (const rank of ['1', '1', '0', '1']) {
      const turn = await engine.begin('m', prompt, rank);
      cached.push(turn.cached);
      await turn.finish(1);
    }
    expect(cached).toEqual([0, 32, 0, 32]);
    expect(engine.stats).toMatchObject({ requests: 4, promptTokens: 132, computedTokens: 68 });
  });

  it('take requests that name none, or one that is not there, where least is under way', async () => {
    const engine = ranks();
    const turns = [await engine.begin('m', ['a'], undefined), await engine.begin('m', ['a'], '7')];
    expect(engine.metrics().match(/num_requests_running\{engine="[01]"\} 1/g)).toHaveLength(2);
    for (const turn of turns) await turn.finish(1);
  });
});
