import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Visit } from '../../src/inference/prefix-walk.ts';
import { type CacheScope, workInPrefixOrder } from '../../src/inference/schedule.ts';

interface Item {
  readonly context: number;
  readonly place: number;
  readonly turns: number;
  readonly fails: boolean;
  readonly computed: boolean;
}
type Walk = readonly Visit<Item>[];

/** Contexts with what they share with the one before, as a walk of a tree has them. */
const walks = (input: { readonly fails?: boolean; readonly lost?: boolean }) =>
  fc
    .array(
      fc.record({
        items: fc.array(
          fc.record({
            turns: fc.integer({ min: 0, max: 5 }),
            fails: input.fails === true ? fc.boolean() : fc.constant(false),
            computed: input.lost === true ? fc.boolean() : fc.constant(true),
          }),
          { minLength: 1, maxLength: 6 },
        ),
        own: fc.integer({ min: 1, max: 3 }),
        kept: fc.integer({ min: 0, max: 3 }),
        newBlock: fc.boolean(),
      }),
      { maxLength: 9 },
    )
    .map((contexts): Walk => {
      let [length, block, strand] = [0, 0, ''];
      return contexts.map(({ items, own, kept, newBlock }, context) => {
        const shared = Math.min(length, 1000 * kept);
        length = shared + 1000 * own;
        block += newBlock ? 1 : 0;
        if (shared === 0) strand = `beginning ${context}`;
        const named = items.map((one, place): Item => ({ ...one, context, place }));
        return { items: named, block, length, shared, apart: shared === 0, strand };
      });
    });
const limits = fc.integer({ min: 1, max: 6 });
const scopes = fc.constantFrom<CacheScope>(
  { kind: 'shared' },
  { kind: 'shared', room: () => 4000 },
  { kind: 'perSlot' },
);

interface Event {
  readonly kind: 'start' | 'end';
  readonly item: Item;
}

/** Works through the contexts and notes when each item began and ended. */
async function work(walk: Walk, limit: number, cache: CacheScope, stopAfter = Number.POSITIVE_INFINITY) {
  const events: Event[] = [];
  const startedAfterFailure: Item[] = [];
  let [open, most, failed] = [0, 0, false];
  const ended = await workInPrefixOrder<Item>({
    walk,
    cache,
    limit: () => limit,
    stopped: () => events.filter(({ kind }) => kind === 'start').length >= stopAfter,
    work: async (item) => {
      if (failed) startedAfterFailure.push(item);
      events.push({ kind: 'start', item });
      open += 1;
      most = Math.max(most, open);
      for (let turn = 0; turn <= item.turns; turn += 1) await new Promise((next) => setImmediate(next));
      open -= 1;
      events.push({ kind: 'end', item });
      failed ||= item.fails;
      if (item.fails) throw new Error(`${item.context}/${item.place}`);
      return item.computed;
    },
  }).then(
    (result) => ({ result, openAtEnd: open }),
    (error: unknown) => ({ error, openAtEnd: open }),
  );
  return { events, most, ended, startedAfterFailure };
}

const started = (events: readonly Event[]) =>
  events.filter(({ kind }) => kind === 'start').map(({ item }) => item);

/**
 * Tokens that a cache computes in which all of a prompt's context is there once a request for it has ended: a shared
 * stretch counts again for each that begins it before.
 */
function computedBy(walk: Walk, events: readonly Event[]): number {
  const there = new Set<number>();
  const sharedWith = (one: number, other: number) => {
    const [from, to] = [Math.min(one, other), Math.max(one, other)];
    const between = walk.slice(from + 1, to + 1).map(({ shared }) => shared);
    return Math.min(walk[one]?.length ?? 0, ...between);
  };
  let computed = 0;
  for (const { kind, item } of events) {
    if (kind === 'end') there.add(item.context);
    else {
      const cached = Math.max(0, ...[...there].map((one) => sharedWith(one, item.context)));
      computed += (walk[item.context]?.length ?? 0) - cached;
    }
  }
  return computed;
}

/** Each stretch of the tree once. */
const least = (walk: Walk) => walk.reduce((sum, { length, shared }) => sum + length - shared, 0);

describe('workInPrefixOrder', () => {
  it('does everything once, never more than the limit at a time, and tells the most that were under way', async () => {
    await fc.assert(
      fc.asyncProperty(walks({ lost: true }), limits, scopes, async (walk, limit, cache) => {
        const { events, most, ended } = await work(walk, limit, cache);
        const items = walk.flatMap((visit) => visit.items);
        expect(new Set(started(events))).toEqual(new Set(items));
        expect(started(events)).toHaveLength(items.length);
        expect(most).toBeLessThanOrEqual(limit);
        expect(ended).toEqual({ result: most, openAtEnd: 0 });
      }),
      { numRuns: 80 },
    );
  });

  it('has a shared cache compute each stretch of the tree once, however much goes on at once', async () => {
    await fc.assert(
      fc.asyncProperty(walks({}), limits, async (walk, limit) => {
        const { events } = await work(walk, limit, { kind: 'shared' });
        expect(computedBy(walk, events)).toBe(least(walk));
      }),
      { numRuns: 120 },
    );
  });

  it('sends the next of a context alone where its first one did not reach the server', async () => {
    await fc.assert(
      fc.asyncProperty(walks({ lost: true }), limits, async (walk, limit) => {
        const { events } = await work(walk, limit, { kind: 'shared' });
        const warm = new Set<number>();
        const alone = new Set<number>();
        for (const { kind, item } of events) {
          if (kind === 'end') {
            alone.delete(item.context);
            if (item.computed) warm.add(item.context);
          } else if (!warm.has(item.context)) {
            expect(alone.has(item.context)).toBe(false);
            alone.add(item.context);
          }
        }
      }),
      { numRuns: 80 },
    );
  });

  it('keeps contexts that begin alike in one slot, one at a time, where each slot has its own cache', async () => {
    await fc.assert(
      fc.asyncProperty(walks({}), limits, async (walk, limit) => {
        const { events } = await work(walk, limit, { kind: 'perSlot' });
        const strandOf = new Map<number, number>();
        let strand = 0;
        walk.forEach(({ apart, block }, at) => {
          strand += apart || block !== walk[at - 1]?.block ? 1 : 0;
          strandOf.set(at, strand);
        });
        const busy = new Set<number | undefined>();
        const orders = new Map<number | undefined, Item[]>();
        for (const { kind, item } of events) {
          const its = strandOf.get(item.context);
          if (kind === 'end') busy.delete(its);
          else {
            expect(busy.has(its)).toBe(false);
            busy.add(its);
            orders.set(its, [...(orders.get(its) ?? []), item]);
          }
        }
        const inOrder = walk.flatMap(({ items }) => items);
        for (const [its, order] of orders) {
          expect(order).toEqual(inOrder.filter(({ context }) => strandOf.get(context) === its));
        }
      }),
      { numRuns: 80 },
    );
  });

  it('begins no context for which the cache has no room beside those that are begun', async () => {
    await fc.assert(
      fc.asyncProperty(walks({}), limits, async (walk, limit) => {
        const room = 4000;
        const { events } = await work(walk, limit, { kind: 'shared', room: () => room });
        const left = walk.map(({ items }) => items.length);
        const begun = new Set<number>();
        for (const { kind, item } of events) {
          if (kind === 'end') {
            left[item.context] = (left[item.context] ?? 0) - 1;
            if (left[item.context] === 0) begun.delete(item.context);
            continue;
          }
          const fresh = !begun.has(item.context);
          begun.add(item.context);
          let [held, shared] = [0, 0];
          walk.forEach((visit, at) => {
            shared = Math.min(shared, visit.shared);
            if (!begun.has(at)) return;
            held += visit.length - shared;
            shared = visit.length;
          });
          if (fresh && begun.size > 1) expect(held).toBeLessThanOrEqual(room);
        }
      }),
      { numRuns: 80 },
    );
  });

  it('holds room for as many answers as there are requests, not for as many as there might be', async () => {
    const walk: Walk = Array.from({ length: 30 }, (_, context) => ({
      items: [{ context, place: 0, turns: 3, fails: false, computed: true }],
      block: 0,
      length: 1000,
      shared: 0,
      apart: true,
      strand: `beginning ${context}`,
    }));
    const { most } = await work(walk, 100, { kind: 'shared', room: (requests) => 10_000 - 1000 * requests });
    expect(most).toBe(5);
  });

  it('starts nothing after the first failure, waits for what is under way, and throws that failure', async () => {
    await fc.assert(
      fc.asyncProperty(walks({ fails: true }), limits, scopes, async (walk, limit, cache) => {
        const { events, ended, startedAfterFailure } = await work(walk, limit, cache);
        const failure = events.find(({ kind, item }) => kind === 'end' && item.fails)?.item;
        if (failure === undefined) return;
        expect(startedAfterFailure).toEqual([]);
        expect(ended).toEqual({ error: new Error(`${failure.context}/${failure.place}`), openAtEnd: 0 });
      }),
      { numRuns: 80 },
    );
  });

  it('begins no more contexts than it takes to keep the slots busy', async () => {
    const walk: Walk = Array.from({ length: 40 }, (_, context) => ({
      items: Array.from({ length: 24 }, (_item, place) => {
        return { context, place, turns: place === 0 ? 5 : 3, fails: false, computed: true };
      }),
      block: context,
      length: 1000,
      shared: 0,
      apart: true,
      strand: `beginning ${context}`,
    }));
    const { events, most } = await work(walk, 16, { kind: 'shared' });
    const left = new Map<number, number>();
    let mostBegun = 0;
    for (const { kind, item } of events) {
      const before = left.get(item.context) ?? 24;
      left.set(item.context, before - (kind === 'end' ? 1 : 0));
      mostBegun = Math.max(mostBegun, [...left.values()].filter((count) => count > 0).length);
    }
    expect(most).toBe(16);
    expect(mostBegun).toBeLessThanOrEqual(3);
  });

  it('starts nothing further once it is told to stop', async () => {
    const walk: Walk = Array.from({ length: 9 }, (_, context) => ({
      items: [{ context, place: 0, turns: 1, fails: false, computed: true }],
      block: 0,
      length: 10,
      shared: 0,
      apart: true,
      strand: `beginning ${context}`,
    }));
    const { events } = await work(walk, 2, { kind: 'shared' }, 3);
    expect(events.filter(({ kind }) => kind === 'start')).toHaveLength(3);
    expect(events.filter(({ kind }) => kind === 'end')).toHaveLength(3);
  });
});
