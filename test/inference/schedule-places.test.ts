import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Places } from '../../src/inference/places.ts';
import type { Visit } from '../../src/inference/prefix-walk.ts';
import { type CacheScope, workInPrefixOrder } from '../../src/inference/schedule.ts';

interface Item {
  readonly context: number;
  readonly turns: number;
}

/** Gives each new strand to the place that wants work most, or to one that is fixed beforehand. */
class Pins implements Places {
  readonly count: number;
  readonly known = new Map<string, number>();

  constructor(count: number, fixed: Readonly<Record<string, number>> = {}) {
    this.count = count;
    for (const [strand, place] of Object.entries(fixed)) this.known.set(strand, place % count);
  }

  of(strand: string, open: readonly number[]): number {
    const place = this.known.get(strand) ?? open[0] ?? 0;
    this.known.set(strand, place);
    return place;
  }
}

/** Strands of contexts of items, each given by how many turns it takes. */
function walkOf(strands: readonly (readonly (readonly number[])[])[]): readonly Visit<Item>[] {
  let context = -1;
  return strands.flatMap((contexts, strand) =>
    contexts.map((turns, nth): Visit<Item> => {
      context += 1;
      const items = turns.map((count) => ({ context, turns: count }));
      const [length, shared] = [1000 * (nth + 1), 1000 * nth];
      return { items, block: 0, length, shared, apart: nth === 0, strand: `strand ${strand}` };
    }),
  );
}

const walks = fc
  .array(
    fc.array(fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 6 }), {
      minLength: 1,
      maxLength: 4,
    }),
    { maxLength: 8 },
  )
  .map(walkOf);
const pins = fc
  .record({ count: fc.integer({ min: 1, max: 4 }), fixed: fc.array(fc.nat(), { maxLength: 8 }) })
  .map(
    ({ count, fixed }) =>
      () =>
        new Pins(count, Object.fromEntries(fixed.map((place, at) => [`strand ${2 * at}`, place]))),
  );

interface Moment {
  readonly item: Item;
  readonly kind: 'start' | 'end';
  /** Under way at each place after it. */
  readonly underWay: readonly number[];
}

async function work(walk: readonly Visit<Item>[], limit: number, places: Pins, kind: CacheScope['kind']) {
  const moments: Moment[] = [];
  const underWay = Array.from({ length: places.count }, () => 0);
  const note = (item: Item, by: 1 | -1) => {
    const place = places.known.get(walk[item.context]?.strand ?? '') ?? 0;
    underWay[place] = (underWay[place] ?? 0) + by;
    moments.push({ item, kind: by === 1 ? 'start' : 'end', underWay: [...underWay] });
  };
  await workInPrefixOrder<Item>({
    walk,
    cache: { kind, places },
    limit: () => limit,
    stopped: () => false,
    work: async (item) => {
      note(item, 1);
      for (let turn = 0; turn <= item.turns; turn += 1) await new Promise((next) => setImmediate(next));
      note(item, -1);
      return true;
    },
  });
  return moments;
}

describe.each(['shared', 'perSlot'] as const)('several places with a cache that is %s', (kind) => {
  it('have everything asked once, none of them more than its share at a time', async () => {
    await fc.assert(
      fc.asyncProperty(walks, pins, fc.integer({ min: 1, max: 9 }), async (walk, makePins, limit) => {
        const places = makePins();
        const moments = await work(walk, limit, places, kind);
        const started = moments.filter((one) => one.kind === 'start').map(({ item }) => item);
        expect(new Set(started)).toEqual(new Set(walk.flatMap(({ items }) => items)));
        expect(started).toHaveLength(moments.length / 2);
        for (const { underWay } of moments) {
          expect(Math.max(...underWay)).toBeLessThanOrEqual(Math.ceil(limit / places.count));
        }
      }),
      { numRuns: 80 },
    );
  });

  it('never idle while contexts are left, however unequal what begins alike is', async () => {
    // Strands of 2 to 12 contexts in turns, as a draw with zero-shot, a long sweep and single orderings has them.
    const walk = walkOf(
      Array.from({ length: 40 }, (_, strand) =>
        Array.from({ length: [2, 12, 3, 2][strand % 4] ?? 0 }, () =>
          Array.from({ length: 9 }, (_item, at) => 2 + ((strand + at) % 5)),
        ),
      ),
    );
    const places = new Pins(4);
    const moments = await work(walk, 16, places, kind);
    const starts = moments.filter((one) => one.kind === 'start');
    const full = starts.findIndex(({ underWay }) => underWay.every((count) => count === 4));
    // No other place may take over what was begun.
    const lastBegun = starts.findIndex(({ item }) => walk[item.context]?.strand === 'strand 39');
    const before = starts.slice(full, lastBegun);
    const idle = before.filter(({ underWay }) => underWay.some((count) => count < 3));
    expect(before.length).toBeGreaterThan(800);
    expect(idle.length / before.length).toBeLessThan(0.02);
  });
});

/** Characters that a cache for each place computes, in which a prompt's context is there once its request has ended. */
function computedBy(walk: readonly Visit<Item>[], moments: readonly Moment[]): number {
  const there = new Set<number>();
  let computed = 0;
  for (const { kind, item } of moments) {
    const its = walk[item.context];
    if (kind === 'end') there.add(item.context);
    else if (its !== undefined) {
      const near = [...there].filter((other) => walk[other]?.strand === its.strand);
      // Contexts of a strand hold each other: two share all of the shorter one.
      const cached = near.map((other) => Math.min(its.length, walk[other]?.length ?? 0));
      computed += its.length - Math.max(0, ...cached);
    }
  }
  return computed;
}

describe('several places with a cache each', () => {
  it('have each stretch computed once in one of them', async () => {
    await fc.assert(
      fc.asyncProperty(walks, pins, fc.integer({ min: 1, max: 9 }), async (walk, makePins, limit) => {
        const moments = await work(walk, limit, makePins(), 'shared');
        const least = walk.reduce((sum, { length, shared }) => sum + length - shared, 0);
        expect(computedBy(walk, moments)).toBe(least);
      }),
      { numRuns: 80 },
    );
  });

  it('begin as many contexts as each of them has room for, whatever the others hold', async () => {
    const walk = Array.from({ length: 12 }, (_, context): Visit<Item> => {
      const items = Array.from({ length: 4 }, () => ({ context, turns: 2 }));
      return { items, block: 0, length: 1000, shared: 0, apart: true, strand: `strand ${context}` };
    });
    const places = new Pins(2);
    const left = walk.map(({ items }) => items.length);
    const begun = new Set<number>();
    let [most, mostOfAll] = [0, 0];
    await workInPrefixOrder<Item>({
      walk,
      cache: { kind: 'shared', places, room: () => 1500 },
      limit: () => 8,
      stopped: () => false,
      work: async ({ context, turns }) => {
        begun.add(context);
        const at = [0, 1].map((place) =>
          [...begun].filter((one) => places.known.get(`strand ${one}`) === place),
        );
        most = Math.max(most, ...at.map((some) => some.length));
        mostOfAll = Math.max(mostOfAll, begun.size);
        for (let turn = 0; turn <= turns; turn += 1) await new Promise((next) => setImmediate(next));
        left[context] = (left[context] ?? 0) - 1;
        if (left[context] === 0) begun.delete(context);
        return true;
      },
    });
    expect([most, mostOfAll]).toEqual([1, 2]);
  });
});
