import { type Next, nothing } from './concurrency.ts';
import type { Visit } from './prefix-walk.ts';
import type { MayStart, WorkOrder } from './work-order.ts';

/** A shared stretch below this, a block or two of a cache, is computed twice sooner than waited for. */
const worthWaitingFor = 96;

/** How many slots' worth of trials stand ready or behind a first request that is under way. */
const rounds = 2;

/** How far ahead of the first unfinished context another one is looked for, beside four for each slot. */
const lookAhead = 64;

interface Stop<T> {
  readonly visit: Visit<T>;
  state: 'cold' | 'warming' | 'warm';
  /** How many of its items were started. */
  started: number;
  underWay: number;
}

/**
 * The order for a server whose requests share one prefix cache (vLLM, SGLang). The first item of a context goes
 * alone and the others follow when it is done, meanwhile the first items of further contexts; a context whose
 * beginning another one is computing waits for that. No more contexts are begun than it takes to keep all slots
 * busy, nor than the cache holds.
 */
export class PrefixQueue<T> implements WorkOrder<T> {
  readonly #walk: Iterator<Visit<T>>;
  readonly #mayStart: MayStart<T> | undefined;
  readonly #room: () => number;
  #stops: Stop<T>[] = [];
  readonly #stopOf = new Map<T, Stop<T>>();
  readonly #places: number;
  readonly #underWayOf = new Map<string, number>();
  /** Items of contexts that were begun which are not started yet. */
  #secured = 0;

  /** @param input.room characters of contexts that the cache holds beside what is being answered */
  constructor(input: {
    readonly walk: Iterable<Visit<T>>;
    readonly mayStart?: MayStart<T> | undefined;
    readonly room?: (() => number) | undefined;
    readonly places?: number | undefined;
  }) {
    this.#walk = input.walk[Symbol.iterator]();
    this.#mayStart = input.mayStart;
    this.#places = input.places ?? 1;
    this.#room = input.room ?? (() => Number.POSITIVE_INFINITY);
  }

  next(underWay: number, limit: number): Next<T> {
    const stop = this.#nextLead(limit) ?? this.#nextFollower(limit) ?? this.#first(underWay);
    const item = stop?.visit.items[stop.started];
    if (stop === undefined || item === undefined) return nothing;
    if (stop.state === 'cold') {
      stop.state = 'warming';
      this.#secured += stop.visit.items.length - stop.started - 1;
    } else {
      this.#secured -= 1;
    }
    stop.started += 1;
    stop.underWay += 1;
    this.#count(stop, 1);
    this.#stopOf.set(item, stop);
    return { kind: 'work', item };
  }

  ended(item: T, computed: boolean): void {
    const stop = this.#stopOf.get(item);
    if (stop === undefined) throw new RangeError('PrefixQueue: an item ended that was not started');
    this.#stopOf.delete(item);
    stop.underWay -= 1;
    this.#count(stop, -1);
    if (stop.state === 'warming') {
      stop.state = computed ? 'warm' : 'cold';
      // The next one goes alone then.
      if (!computed) this.#secured -= stop.visit.items.length - stop.started;
    }
    while (this.#stops[0] !== undefined && isOver(this.#stops[0])) this.#stops.shift();
  }

  /** With nothing under way there is nothing to wait for, so that work always goes on. */
  #first(underWay: number): Stop<T> | undefined {
    return underWay === 0 ? (this.#stops[0] ?? this.#goOn(1)) : undefined;
  }

  #nextLead(limit: number): Stop<T> | undefined {
    if (this.#secured >= rounds * limit * this.#places) return undefined;
    for (let at = 0; ; at += 1) {
      const stop = this.#stops[at] ?? this.#goOn(4 * limit + lookAhead);
      if (stop === undefined) return undefined;
      if (stop.state !== 'cold' || isStarted(stop) || this.#isFull(stop, limit) || this.#isComputed(at))
        continue;
      // Walked in order: where one has no room, or no leave, a later one is not to take it.
      return this.#hasRoom(at) && this.#may(stop) ? stop : undefined;
    }
  }

  #nextFollower(limit: number): Stop<T> | undefined {
    const ready = this.#stops.find(
      (stop) => stop.state === 'warm' && !isStarted(stop) && !this.#isFull(stop, limit),
    );
    return ready !== undefined && this.#may(ready) ? ready : undefined;
  }

  /** What begins alike goes to one place of several: more of it than that one's share would leave the others idle. */
  #isFull({ visit }: Stop<T>, limit: number): boolean {
    if (this.#places === 1 || visit.strand === undefined) return false;
    return (this.#underWayOf.get(visit.strand) ?? 0) >= Math.ceil(limit / this.#places);
  }

  #count({ visit }: Stop<T>, by: 1 | -1): void {
    if (this.#places === 1 || visit.strand === undefined) return;
    this.#underWayOf.set(visit.strand, (this.#underWayOf.get(visit.strand) ?? 0) + by);
  }

  #goOn(most: number): Stop<T> | undefined {
    if (this.#stops.length >= most) return undefined;
    const next = this.#walk.next();
    if (next.done === true) return undefined;
    const stop: Stop<T> = { visit: next.value, state: 'cold', started: 0, underWay: 0 };
    this.#stops.push(stop);
    return stop;
  }

  /** Whether a good part of this context is being computed for another one, or is about to be. */
  #isComputed(at: number): boolean {
    const most = this.#stops[at]?.visit.shared ?? 0;
    let shared = most;
    for (let earlier = at - 1; earlier >= 0 && shared > worthWaitingFor; earlier -= 1) {
      const stop = this.#stops[earlier];
      if (stop === undefined || stop.state === 'warm' || isOver(stop)) break;
      shared = Math.min(shared, stop.visit.shared);
    }
    // What left the window at its front is there as well.
    return most - Math.min(most, shared) > worthWaitingFor;
  }

  /** Whether the cache holds this context beside those that were begun and are not finished. */
  #hasRoom(at: number): boolean {
    const room = this.#room();
    if (room === Number.POSITIVE_INFINITY) return true;
    let [held, shared, begun] = [0, 0, 0];
    this.#stops.forEach((stop, index) => {
      shared = Math.min(shared, stop.visit.shared);
      if (index !== at && (stop.state === 'cold' || isOver(stop))) return;
      held += stop.visit.length - shared;
      shared = stop.visit.length;
      begun += 1;
    });
    return held <= room || begun === 1;
  }

  #may(stop: Stop<T>): boolean {
    const first = this.#stops[0];
    const item = stop.visit.items[stop.started];
    if (this.#mayStart === undefined || item === undefined) return true;
    if (first === undefined || first.visit.block === stop.visit.block) return true;
    const earlier = this.#stops.slice(0, this.#stops.indexOf(stop));
    const before = new Set(earlier.filter(({ visit }) => visit.block !== stop.visit.block));
    const waiting = [...before].flatMap(({ visit, started }) => visit.items.slice(started));
    const going = [...this.#stopOf].flatMap(([other, its]) => (before.has(its) ? [other] : []));
    return this.#mayStart(item, [...going, ...waiting]);
  }
}

function isStarted<T>({ visit, started }: Stop<T>): boolean {
  return started >= visit.items.length;
}

function isOver<T>(stop: Stop<T>): boolean {
  return isStarted(stop) && stop.underWay === 0;
}
