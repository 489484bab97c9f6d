import { type Next, nothing } from './concurrency.ts';
import { onePlace, type Places, shareOf } from './places.ts';
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
  readonly place: number;
  state: 'cold' | 'warming' | 'warm';
  /** How many of its items were started. */
  started: number;
  underWay: number;
}

/** What one place has to do, in items. */
interface Load {
  underWay: number;
  /** Of contexts that were begun, and not started yet. */
  secured: number;
  /** Of all its contexts in the window, and not started yet. */
  left: number;
}

/**
 * The order for servers whose requests share a prefix cache (vLLM, SGLang): all of them one, or each place its own. The
 * first item of a context goes alone and the others follow when it is done, meanwhile the first items of further
 * contexts; a context whose beginning another one is computing waits for that. No more contexts are begun than it takes
 * to keep all slots busy, nor than the cache holds. Each place gets its share of the limit, and new contexts where it
 * has too little to do.
 */
export class PrefixQueue<T> implements WorkOrder<T> {
  readonly #walk: Iterator<Visit<T>>;
  readonly #mayStart: MayStart<T> | undefined;
  readonly #room: ((requests: number) => number) | undefined;
  readonly #places: Places;
  readonly #loads: readonly Load[];
  #stops: Stop<T>[] = [];
  readonly #stopOf = new Map<T, Stop<T>>();

  /** @param input.room characters of contexts that a place's cache holds beside so many requests */
  constructor(input: {
    readonly walk: Iterable<Visit<T>>;
    readonly mayStart?: MayStart<T> | undefined;
    readonly room?: ((requests: number) => number) | undefined;
    readonly places?: Places | undefined;
  }) {
    this.#walk = input.walk[Symbol.iterator]();
    this.#mayStart = input.mayStart;
    this.#room = input.room;
    this.#places = input.places ?? onePlace;
    this.#loads = Array.from({ length: this.#places.count }, () => ({ underWay: 0, secured: 0, left: 0 }));
  }

  next(underWay: number, limit: number): Next<T> {
    const share = shareOf(limit, this.#places);
    const stop = this.#nextStop(share) ?? this.#first(underWay, share);
    const item = stop?.visit.items[stop.started];
    if (stop === undefined || item === undefined) return nothing;
    const load = this.#loadOf(stop);
    if (stop.state === 'cold') {
      stop.state = 'warming';
      load.secured += stop.visit.items.length - stop.started - 1;
    } else {
      load.secured -= 1;
    }
    stop.started += 1;
    stop.underWay += 1;
    load.left -= 1;
    load.underWay += 1;
    this.#stopOf.set(item, stop);
    return { kind: 'work', item };
  }

  ended(item: T, computed: boolean): void {
    const stop = this.#stopOf.get(item);
    if (stop === undefined) throw new RangeError('PrefixQueue: an item ended that was not started');
    const load = this.#loadOf(stop);
    this.#stopOf.delete(item);
    stop.underWay -= 1;
    load.underWay -= 1;
    if (stop.state === 'warming') {
      stop.state = computed ? 'warm' : 'cold';
      // The next one goes alone then.
      if (!computed) load.secured -= stop.visit.items.length - stop.started;
    }
    while (this.#stops[0] !== undefined && isOver(this.#stops[0])) this.#stops.shift();
  }

  #loadOf({ place }: Stop<T>): Load {
    const load = this.#loads[place];
    if (load === undefined) throw new RangeError(`PrefixQueue: no place ${place}`);
    return load;
  }

  /** With nothing under way there is nothing to wait for, so that work always goes on. */
  #first(underWay: number, share: number): Stop<T> | undefined {
    return underWay === 0 ? (this.#stops[0] ?? this.#goOn(0, share)) : undefined;
  }

  /** For the place with the least under way, unless that has to wait. */
  #nextStop(share: number): Stop<T> | undefined {
    const wanting = this.#placesBy(({ underWay }) => underWay, share);
    for (const place of wanting) {
      const stop = this.#nextLead(place, share) ?? this.#nextFollower(place);
      if (stop !== undefined) return stop;
    }
    return undefined;
  }

  /** Places of which a figure is below a bound, the lowest first. */
  #placesBy(figure: (load: Load) => number, below: number): number[] {
    const figures = this.#loads.map(figure);
    const places = [...figures.keys()].filter((place) => (figures[place] ?? 0) < below);
    return places.sort((one, other) => (figures[one] ?? 0) - (figures[other] ?? 0));
  }

  #nextLead(place: number, share: number): Stop<T> | undefined {
    if ((this.#loads[place]?.secured ?? 0) >= rounds * share) return undefined;
    for (let at = 0; ; at += 1) {
      const stop = this.#stops[at] ?? this.#goOn(place, share);
      if (stop === undefined) return undefined;
      if (stop.place !== place || stop.state !== 'cold' || isStarted(stop) || this.#isComputed(at)) continue;
      // Walked in order: where one has no room, or no leave, a later one is not to take it.
      return this.#hasRoom(at, stop, share) && this.#may(stop) ? stop : undefined;
    }
  }

  #nextFollower(place: number): Stop<T> | undefined {
    const ready = this.#stops.find(
      (stop) => stop.place === place && stop.state === 'warm' && !isStarted(stop),
    );
    return ready !== undefined && this.#may(ready) ? ready : undefined;
  }

  /** Reads the next context of the walk; a new strand is for the place that asks, or for another that wants too. */
  #goOn(place: number, share: number): Stop<T> | undefined {
    if (this.#stops.length >= 4 * share * this.#loads.length + lookAhead) return undefined;
    const next = this.#walk.next();
    if (next.done === true) return undefined;
    const wanting = this.#placesBy(({ left }) => left, rounds * share);
    const open = [place, ...wanting.filter((other) => other !== place)];
    const home = this.#places.of(next.value.strand, open);
    const stop: Stop<T> = { visit: next.value, place: home, state: 'cold', started: 0, underWay: 0 };
    this.#loadOf(stop).left += stop.visit.items.length;
    this.#stops.push(stop);
    return stop;
  }

  /** Whether a good part of this context is being computed for another one, or is about to be. */
  #isComputed(at: number): boolean {
    const most = this.#stops[at]?.visit.shared ?? 0;
    let shared = most;
    for (let earlier = at - 1; earlier >= 0 && shared > worthWaitingFor; earlier -= 1) {
      const stop = this.#stops[earlier];
      if (stop === undefined) break;
      if (stop.place === this.#stops[at]?.place && (stop.state === 'warm' || isOver(stop))) break;
      shared = Math.min(shared, stop.visit.shared);
    }
    // What left the window at its front is there as well.
    return most - Math.min(most, shared) > worthWaitingFor;
  }

  /** Whether its place's cache holds this context beside those that were begun there and are not finished. */
  #hasRoom(at: number, { place, visit }: Stop<T>, share: number): boolean {
    const load = this.#loads[place];
    if (this.#room === undefined || load === undefined) return true;
    const room = this.#room(Math.min(share, load.underWay + load.secured + visit.items.length));
    let [held, shared, begun] = [0, 0, 0];
    this.#stops.forEach((stop, index) => {
      shared = Math.min(shared, stop.visit.shared);
      if (stop.place !== place || (index !== at && (stop.state === 'cold' || isOver(stop)))) return;
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
