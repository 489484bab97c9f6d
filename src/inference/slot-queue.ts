import { type Next, nothing } from './concurrency.ts';
import type { Visit } from './prefix-walk.ts';
import type { MayStart, WorkOrder } from './work-order.ts';

/** Contexts that share their beginnings, one after the other: the work of one slot. */
interface Strand<T> {
  readonly block: number;
  readonly items: T[];
  started: number;
  busy: boolean;
}

/**
 * The order for a server that keeps a cache for each slot (llama.cpp): contexts that begin alike are walked one after
 * the other with one request under way at a time, as many such strands beside each other as there are slots. Each
 * stretch of the tree is then computed once, in the slot that the server finds by its prefix.
 */
export class SlotQueue<T> implements WorkOrder<T> {
  readonly #walk: Iterator<Visit<T>>;
  readonly #mayStart: MayStart<T> | undefined;
  /** The visit behind the last strand, read to find its end. */
  #ahead: Visit<T> | undefined;
  #strands: Strand<T>[] = [];
  readonly #strandOf = new Map<T, Strand<T>>();

  constructor(input: { readonly walk: Iterable<Visit<T>>; readonly mayStart?: MayStart<T> | undefined }) {
    this.#walk = input.walk[Symbol.iterator]();
    this.#mayStart = input.mayStart;
    this.#ahead = this.#read();
  }

  next(underWay: number, limit: number): Next<T> {
    const strand = this.#strands.find(({ busy }) => !busy) ?? this.#begin(limit);
    const item = strand?.items[strand.started];
    if (strand === undefined || item === undefined || !this.#may(strand, item, underWay)) return nothing;
    strand.started += 1;
    strand.busy = true;
    this.#strandOf.set(item, strand);
    return { kind: 'work', item };
  }

  ended(item: T): void {
    const strand = this.#strandOf.get(item);
    if (strand === undefined) throw new RangeError('SlotQueue: an item ended that was not started');
    this.#strandOf.delete(item);
    strand.busy = false;
    if (strand.started === strand.items.length) this.#strands = this.#strands.filter((one) => one !== strand);
  }

  #begin(limit: number): Strand<T> | undefined {
    const first = this.#ahead;
    if (first === undefined || this.#strands.length >= limit) return undefined;
    const strand: Strand<T> = { block: first.block, items: [...first.items], started: 0, busy: false };
    for (;;) {
      this.#ahead = this.#read();
      if (this.#ahead === undefined || this.#ahead.apart || this.#ahead.block !== first.block) break;
      strand.items.push(...this.#ahead.items);
    }
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
