import { describe, expect, it } from 'vitest';
import { walkContexts } from '../../src/inference/prefix-walk.ts';
import { PrefixCache, promptWords } from '../../src/simulate/scripted-tokens.ts';
import { trialMessages } from '../../src/suite/context.ts';
import { planOf, vaultPolicy } from '../suite/plan-parts.ts';

const sweeps = [
  '{ zeroShot: true, grid: { totals: [4, 16], harmfulFractions: [0, 0.5, 1] }',
  'benignSweep: { harmful: 8, benign: [0, 8, 16] }',
  'orderings: { benign: 8, harmful: 8, rules: [prefix, suffix, random, middle, interleaved] }',
  'carriers: { benign: 4, harmful: 4, carriers: [chat, flat, system] } }',
].join(', ');
const { trials } = planOf(vaultPolicy({ sweeps })).plan;
const perQuery = planOf(vaultPolicy({ queries: 8, controls: 8, draws: 2, sweeps, rest: 'baseline: none' }));
const walk = [...walkContexts(trials)];

describe('the walk of contexts', () => {
  it('holds every trial once, in the order of the plan, context by context', () => {
    expect(walk.flatMap(({ items }) => items)).toEqual(trials);
    for (const { items, block } of walk) {
      expect(new Set(items.map(({ context }) => context.sha256)).size).toBe(1);
      expect(new Set(items.map((item) => item.block))).toEqual(new Set([block]));
    }
  });

  it('tells what a context shares: as many characters as its first rows have that the one before has too', () => {
    walk.forEach(({ items, shared, length, apart }, at) => {
      const rows = items[0]?.context.demonstrations ?? [];
      const before = walk[at - 1]?.items[0]?.context;
      const same = rows.findIndex((row, place) => before?.demonstrations[place] !== row);
      const carrierSame = before?.carrier === items[0]?.context.carrier;
      const common = carrierSame ? rows.slice(0, same < 0 ? rows.length : same) : [];
      expect(apart).toBe(common.length === 0);
      const characters = common.reduce(
        (sum, { request, response }) => sum + request.length + response.length,
        0,
      );
      expect(shared).toBeGreaterThanOrEqual(characters);
      expect(shared).toBeLessThanOrEqual(characters + 32 * (common.length + 1));
      expect(shared).toBeLessThanOrEqual(length);
    });
  });

  it('agrees with a cache on how little there is to compute', () => {
    const cache = new PrefixCache();
    let [sent, computed] = [0, 0];
    for (const { context, query } of trials) {
      const words = promptWords(trialMessages(context, query.request));
      sent += words.length;
      computed += words.length - cache.reuse('m', words);
    }
    const spared = walk.reduce(
      (sum, { items, length, shared }) => sum + shared + (items.length - 1) * length,
      0,
    );
    const all = walk.reduce((sum, { items, length }) => sum + items.length * length, 0);
    // Characters beside words, and whole blocks alone: near, not equal.
    expect(spared / all).toBeGreaterThan(1 - computed / sent);
    expect(spared / all).toBeLessThan(1 - computed / sent + 0.2);
  });

  it('takes one trial a context as it comes', () => {
    const single = perQuery.plan.trials.filter((_, at) => at % 7 === 0);
    expect([...walkContexts(single)].flatMap(({ items }) => items)).toEqual(single);
    expect([...walkContexts([])]).toEqual([]);
  });
});
