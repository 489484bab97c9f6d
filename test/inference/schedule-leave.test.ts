import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Visit } from '../../src/inference/prefix-walk.ts';
import { type CacheScope, workInPrefixOrder } from '../../src/inference/schedule.ts';

const apart = { length: 1000, shared: 0, apart: true, strand: 'none' };
const walk: readonly Visit<string>[] = [
  { items: ['a1', 'a2', 'a3'], block: 0, ...apart },
  { items: ['b1', 'b2'], block: 1, ...apart },
  { items: ['c1'], block: 2, ...apart },
];
const scopes: readonly CacheScope[] = [{ kind: 'shared' }, { kind: 'perSlot' }];

const run = async (
  cache: CacheScope,
  mayStart?: (item: string, unfinished: readonly string[]) => boolean,
) => {
  const order: string[] = [];
  await workInPrefixOrder({
    walk,
    cache,
    limit: () => 4,
    stopped: () => false,
    mayStart,
    work: async (item) => {
      order.push(`${item}>`);
      await wait(item.startsWith('a') ? 20 : 5);
      order.push(`<${item}`);
      return true;
    },
  });
  return order;
};

describe.each(scopes)('leave to begin a later block, with a cache that is $kind', (cache) => {
  it('is not asked for within a block, and not needed without a word on it', async () => {
    const order = await run(cache);
    expect(order.indexOf('b1>')).toBeLessThan(order.indexOf('<a1'));
    expect(order.length).toBe(12);
  });

  it('is asked for with all that is unfinished before, and waited for', async () => {
    const asked: [string, readonly string[]][] = [];
    const order = await run(cache, (item, unfinished) => {
      asked.push([item, unfinished]);
      return unfinished.length === 0;
    });
    expect(order.indexOf('<a3')).toBeLessThan(order.indexOf('b1>'));
    expect(order.indexOf('<b2')).toBeLessThan(order.indexOf('c1>'));
    expect(asked[0]).toEqual(['b1', ['a1', 'a2', 'a3']]);
    expect(order.length).toBe(12);
  });

  it('is never waited for when nothing is under way', async () => {
    expect((await run(cache, () => false)).length).toBe(12);
  });
});
