import { hash } from 'node:crypto';
import type { Client } from './client.ts';
import type { Fault } from './fault.ts';
import type { Places } from './places.ts';
import { type MetServer, Replica } from './replica.ts';
import type { Answer } from './reply.ts';

/**
 * The replica that a context goes to, by rendezvous hashing: the same one while it is there, and where one is lost or
 * comes back, only its own contexts move.
 *
 * @param contextKey what requests with one prefix share
 * @param replicas names of those that may be picked, at least one
 * @throws RangeError on none
 * @example pickReplica('context', ['http://gpu-1:8000/v1', 'http://gpu-2:8000/v1']) // always the same of the two
 */
export function pickReplica(contextKey: string, replicas: readonly string[]): string {
  const ranked = replicas.map((name) => ({ name, rank: hash('sha256', `${name}\n${contextKey}`, 'hex') }));
  const first = ranked.reduce((best, one) => (one.rank > best.rank ? one : best), ranked[0] ?? noReplica());
  return first.name;
}

function noReplica(): never {
  throw new RangeError('pickReplica: expected at least one replica, got none');
}

/**
 * One client for several servers of one model. A context goes to the same replica while that answers; one whose
 * connection fails, or that fails again and again, is left alone until a health check finds it there and serving what it
 * served before. A single server is held to the same: nothing is asked behind a failed connection before it has said
 * again what it serves.
 *
 * `chat` throws ModelError SERVER_CHANGED where a replica came back as another server.
 *
 * @param input.servers at least one; the first one's name stands for all in messages
 * @param input.now milliseconds of a clock that only runs forward
 */
export function routeToReplicas(input: {
  readonly servers: readonly MetServer[];
  readonly now: () => number;
}): Client {
  const replicas = input.servers.map((server) => new Replica(server, input.now));
  const [first] = replicas;
  if (first === undefined) throw new RangeError('routeToReplicas: expected at least one server, got none');
  let homes: Promise<Homes> | undefined;
  let homeOf: Homes['find'] = () => undefined;
  const route = async (
    key: string,
    signal: AbortSignal,
    send: (replica: Replica, rank: number | undefined) => Promise<Answer | Fault>,
  ): Promise<Answer | Fault> => {
    for (const one of replicas) one.checkWhenDue(signal);
    const home = homeOf(key);
    const replica = home?.replica.healthy === true ? home.replica : pickHealthy(replicas, key);
    // With no healthy one left, its own check must pass first.
    const away = replica.healthy ? undefined : await replica.check(signal);
    if (away !== undefined) return away;
    const result = await send(replica, replica === home?.replica ? home.rank : undefined);
    replica.note(result, replicas.length > 1);
    return result;
  };
  const anyThere = () => (replicas.find(({ healthy }) => healthy) ?? first).client;
  return {
    endpoint: first.client.endpoint,
    manner: first.client.manner,
    places: async (signal) => {
      homes ??= readHomes(replicas, signal);
      const places = await homes;
      homeOf = (key) => places.find(key);
      return places;
    },
    chat: (request, signal) =>
      route(request.contextKey ?? '', signal, (replica, rank) => replica.chat(request, rank, signal)),
    complete: (request, signal) =>
      route(request.prompt, signal, ({ client }) => client.complete(request, signal)),
    read: (path, signal) =>
      path === '//metrics' ? readAll(replicas, path, signal) : anyThere().read(path, signal),
    post: (path, body, signal) => anyThere().post(path, body, signal),
  };
}

/** What counts requests and tokens counts them for all: the texts of those that are there and tell, one after the other. */
async function readAll(
  replicas: readonly Replica[],
  path: string,
  signal: AbortSignal,
): Promise<unknown | Fault | undefined> {
  const there = replicas.filter(({ healthy }) => healthy);
  const told = await Promise.all(there.map(({ client }) => client.read(path, signal)));
  const texts = told.filter((one) => typeof one === 'string');
  return texts.length === 0 ? told[0] : texts.join('\n');
}

/** One of the replicas that are there, or of all where none is. */
function pickHealthy(replicas: readonly Replica[], key: string): Replica {
  const there = replicas.filter(({ healthy }) => healthy);
  const choice = there.length > 0 ? there : replicas;
  const name = pickReplica(
    key,
    choice.map((one) => one.name),
  );
  return choice.find((one) => one.name === name) ?? noReplica();
}

/** A replica, or one of its ranks. */
interface Home {
  readonly replica: Replica;
  readonly rank: number | undefined;
}

async function readHomes(replicas: readonly Replica[], signal: AbortSignal): Promise<Homes> {
  const ranks = await Promise.all(replicas.map((replica) => replica.countRanks(signal)));
  return new Homes(
    replicas.flatMap((replica, at) =>
      Array.from({ length: ranks[at] ?? 1 }, (_, rank): Home => ({ replica, rank })),
    ),
  );
}

/**
 * Which strand is at home where. By rendezvous hashing among the replicas that have too little to do, so that none of
 * them idles while another has a queue (consistent hashing with bounded loads, Mirrokni, Thorup and Zadimoghaddam 2018).
 */
class Homes implements Places {
  readonly #homes: readonly Home[];
  readonly #placeOf = new Map<string, number>();

  constructor(homes: readonly Home[]) {
    this.#homes = homes;
  }

  get count(): number {
    return this.#homes.length;
  }

  of(strand: string, open: readonly number[]): number {
    const known = this.#placeOf.get(strand);
    if (known !== undefined || this.count === 1) return known ?? 0;
    const place = this.#choose(strand, open);
    this.#placeOf.set(strand, place);
    return place;
  }

  find(key: string): Home | undefined {
    return this.#homes[this.#placeOf.get(key) ?? -1];
  }

  #choose(strand: string, open: readonly number[]): number {
    const isThere = (place: number) => this.#homes[place]?.replica.healthy === true;
    const all = [...this.#homes.keys()];
    const [choice = all] = [open, all].map((some) => some.filter(isThere)).filter((some) => some.length > 0);
    const nameOf = (place: number) => this.#homes[place]?.replica.name ?? '';
    const name = pickReplica(strand, choice.map(nameOf));
    return choice.find((place) => nameOf(place) === name) ?? 0;
  }
}
