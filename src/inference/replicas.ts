import { hash } from 'node:crypto';
import { ModelError } from '../config/errors.ts';
import type { ChatRequest } from './chat-body.ts';
import type { Client } from './client.ts';
import type { Fault } from './fault.ts';
import { LanePins, readLanes } from './lanes.ts';
import type { Answer } from './reply.ts';
import { readServedIdentity, requireSameServer, type ServedIdentity } from './served.ts';

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

/** A server that was met, with what it said that it serves. */
export interface MetServer {
  readonly client: Client;
  readonly served: ServedIdentity;
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
  const route = async (
    key: string,
    signal: AbortSignal,
    send: (replica: Replica) => Promise<Answer | Fault>,
  ): Promise<Answer | Fault> => {
    const replica = chooseReplica(replicas, key, signal);
    // With no healthy one left, its own check must pass first.
    const away = replica.healthy ? undefined : await replica.check(signal);
    if (away !== undefined) return away;
    const result = await send(replica);
    replica.note(result, replicas.length > 1);
    return result;
  };
  const anyThere = () => (replicas.find(({ healthy }) => healthy) ?? first).client;
  return {
    endpoint: first.client.endpoint,
    manner: first.client.manner,
    replicas: replicas.length,
    chat: (request, signal) =>
      route(request.contextKey ?? '', signal, (replica) => replica.chat(request, signal)),
    complete: (request, signal) =>
      route(request.prompt, signal, ({ client }) => client.complete(request, signal)),
    read: (path, signal) => anyThere().read(path, signal),
    post: (path, body, signal) => anyThere().post(path, body, signal),
  };
}

function chooseReplica(replicas: readonly Replica[], key: string, signal: AbortSignal): Replica {
  for (const one of replicas) one.checkWhenDue(signal);
  const there = replicas.filter(({ healthy }) => healthy);
  const choice = there.length > 0 ? there : replicas;
  const name = pickReplica(
    key,
    choice.map((one) => one.name),
  );
  return choice.find((one) => one.name === name) ?? noReplica();
}

/** So many failures in a row, other than of the connection, and a replica is left alone. */
const mostFailures = 3;
const firstPauseMs = 1000;
const longestPauseMs = 30_000;

/** A server, whether it may be asked, and the check that makes it so again. */
class Replica {
  readonly client: Client;
  readonly #served: ServedIdentity;
  readonly #now: () => number;
  #healthy = true;
  #failures = 0;
  #nextCheck = 0;
  #checking: Promise<Fault | undefined> | undefined;
  /** A check that nobody waited for found another server. */
  #changed: unknown;
  /** Read before the first request, and again of a server that came back: it may have been given others. */
  #pins: Promise<LanePins | undefined> | undefined;

  constructor({ client, served }: MetServer, now: () => number) {
    this.client = client;
    this.#served = served;
    this.#now = now;
  }

  get name(): string {
    return this.client.endpoint.baseUrl;
  }

  get healthy(): boolean {
    return this.#healthy;
  }

  /** Requests with one key go to one slot or rank, where the server has several. */
  async chat(request: ChatRequest, signal: AbortSignal): Promise<Answer | Fault> {
    const key = request.contextKey;
    if (key === undefined) return this.client.chat(request, signal);
    this.#pins ??= readLanes(this.client, signal).then((lanes) => lanes && new LanePins(lanes));
    const pins = await this.#pins;
    const lane = pins?.take(key);
    if (pins === undefined || lane === undefined) return this.client.chat(request, signal);
    try {
      return await this.client.chat({ ...request, lane }, signal);
    } finally {
      pins.giveBack(lane);
    }
  }

  /** @param others whether there are others that may be asked instead */
  note(result: Answer | Fault, others: boolean): void {
    if (result.kind === 'answer') {
      this.#failures = 0;
      return;
    }
    if (!result.retryable || result.code === 'http429') return;
    this.#failed();
    if (result.code === 'network' || (others && this.#failures >= mostFailures)) this.#healthy = false;
  }

  /** A first failure may be one connection's; a replica that fails again and again is left alone for longer. */
  #failed(): void {
    this.#failures += 1;
    const doublings = this.#failures - 2;
    const pauseMs = doublings < 0 ? 0 : Math.min(longestPauseMs, firstPauseMs * 2 ** doublings);
    this.#nextCheck = this.#now() + pauseMs;
  }

  /** @throws what an earlier check found: a server that is not the one of before */
  checkWhenDue(signal: AbortSignal): void {
    if (this.#changed !== undefined) throw this.#changed;
    if (this.#healthy || this.#checking !== undefined || this.#now() < this.#nextCheck) return;
    this.check(signal).catch((error: unknown) => {
      this.#changed = error;
    });
  }

  /**
   * Asks what it serves; all who wait share one check.
   *
   * @returns the fault where it is still away
   * @throws ModelError SERVER_CHANGED, MODEL_NOT_SERVED or UNAUTHORIZED
   */
  check(signal: AbortSignal): Promise<Fault | undefined> {
    this.#checking ??= this.#checkNow(signal).finally(() => {
      this.#checking = undefined;
    });
    return this.#checking;
  }

  async #checkNow(signal: AbortSignal): Promise<Fault | undefined> {
    const fault = await readAgain(this.client, this.#served, signal);
    if (fault === undefined) {
      this.#healthy = true;
      this.#pins = undefined;
    } else {
      this.#failed();
    }
    return fault;
  }
}

async function readAgain(
  client: Client,
  before: ServedIdentity,
  signal: AbortSignal,
): Promise<Fault | undefined> {
  try {
    requireSameServer(before, await readServedIdentity(client, signal), client.endpoint.namedBy);
    return undefined;
  } catch (error) {
    if (!(error instanceof ModelError) || error.code !== 'UNREACHABLE') throw error;
    const detail = error.complaints[0]?.got ?? 'no answer';
    return {
      kind: 'fault',
      code: 'network',
      retryable: true,
      reason: 'requestFailed',
      scope: 'trial',
      detail,
    };
  }
}
