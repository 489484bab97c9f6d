import { type Next, nothing } from './concurrency.ts';
import { onePlace, type Places, shareOf } from './places.ts';
import type { Visit } from './prefix-walk.ts';
import type { MayStart, WorkOrder } from './work-order.ts';

/** Contexts that share their beginnings, one after the other: the work of one slot. */
interface Strand<T> {
  readonly block: number;
  readonly place: number;
  readonly items: T[];
  started: number;
  /** `waiting` until a slot of its place is free; from then on that is its own. */
  state: 'waiting' | 'idle' | 'busy';
}

/** How many strands wait for a slot of their place while others are looked for. */
const mostWaiting = 16;

/**
 * The order for servers that keep a cache for each slot (llama.cpp): contexts that begin alike are walked one after
 * the other with one request under way at a time, as many such strands beside each other as there are slots. Each
 * stretch of the tree is then computed once, in the slot that the server finds by its prefix.
 */
export class SlotQueue<T> implements WorkOrder<T> {
  readonly #walk: Iterator<Visit<T>>;
  readonly #mayStart: MayStart<T> | undefined;
  readonly #places: Places;
  /** The visit behind the last strand, read to find its end. */
  #ahead: Visit<T> | undefined;
  #strands: Strand<T>[] = [];
  readonly #strandOf = new Map<T, Strand<T>>();

  constructor(input: {
    readonly walk: Iterable<Visit<T>>;
    readonly mayStart?: MayStart<T> | undefined;
    readonly places?: Places | undefined;
  }) {
    this.#walk = input.walk[Symbol.iterator]();
    this.#mayStart = input.mayStart;
    this.#places = input.places ?? onePlace;
    this.#ahead = this.#read();
  }

  next(underWay: number, limit: number): Next<T> {
    const strand = this.#strands.find(({ state }) => state === 'idle') ?? this.#begin(limit);
    const item = strand?.items[strand.started];
    if (strand === undefined || item === undefined || !this.#may(strand, item, underWay)) return nothing;
    strand.started += 1;
    strand.state = 'busy';
    this.#strandOf.set(item, strand);
    return { kind: 'work', item };
  }

  ended(item: T): void {
    const strand = this.#strandOf.get(item);
    if (strand === undefined) throw new RangeError('SlotQueue: an item ended that was not started');
    this.#strandOf.delete(item);
    strand.state = 'idle';
    if (strand.started === strand.items.length) this.#strands = this.#strands.filter((one) => one !== strand);
  }

  /** The first strand whose place has a slot for it. */
  #begin(limit: number): Strand<T> | undefined {
    const open = this.#openPlaces(shareOf(limit, this.#places));
    const isOpen = ({ state, place }: Strand<T>) => state === 'waiting' && open.includes(place);
    let strand = this.#strands.find(isOpen);
    while (strand === undefined && open.length > 0) {
      const read = this.#readStrand(open);
      if (read === undefined) return undefined;
      if (isOpen(read)) strand = read;
    }
    if (strand !== undefined) strand.state = 'idle';
    return strand;
  }

  /** Places with a slot for a further strand, the emptiest first. */
  #openPlaces(share: number): number[] {
    const begun = Array.from({ length: this.#places.count }, () => 0);
    for (const { state, place } of this.#strands) {
      if (state !== 'waiting') begun[place] = (begun[place] ?? 0) + 1;
    }
    const open = [...begun.keys()].filter((place) => (begun[place] ?? 0) < share);
    return open.sort((one, other) => (begun[one] ?? 0) - (begun[other] ?? 0));
  }

  #readStrand(open: readonly number[]): Strand<T> | undefined {
    const first = this.#ahead;
    if (first === undefined) return undefined;
    if (this.#strands.filter(({ state }) => state === 'waiting').length >= mostWaiting) return undefined;
    const items = [...first.items];
    for (;;) {
      this.#ahead = this.#read();
      if (this.#ahead === undefined || this.#ahead.apart || this.#ahead.block !== first.block) break;
      items.push(...this.#ahead.items);
    }
    const place = this.#places.of(first.strand, open);
    const strand: Strand<T> = { block: first.block, place, items, started: 0, state: 'waiting' };
    this.#strands.push(strand);
    return strand;
  }

  #read(): Visit<T> | undefined {
    const next = this.#walk.next();
    return next.done === true ? undefined : next.value;
  }

  #may(strand: Strand<T>, item: T, underWay: number): boolean {
    if (this.#mayStart === undefined || underWay === 0) return true;
    const earlier = this.#strands.filter(({ block }) => block < strand.block);
    if (earlier.length === 0) return true;
    const waiting = earlier.flatMap(({ items, started }) => items.slice(started));
    const going = [...this.#strandOf].flatMap(([other, its]) => (earlier.includes(its) ? [other] : []));
    return this.#mayStart(item, [...going, ...waiting]);
  }
}
