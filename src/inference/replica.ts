import { ModelError } from '../config/errors.ts';
import type { ChatRequest } from './chat-body.ts';
import type { Client } from './client.ts';
import type { Fault } from './fault.ts';
import { LanePins, readLanes } from './lanes.ts';
import type { Answer } from './reply.ts';
import { readServedIdentity, requireSameServer, type ServedIdentity } from './served.ts';

/** A server that was met, with what it said that it serves. */
export interface MetServer {
  readonly client: Client;
  readonly served: ServedIdentity;
}

/** So many failures in a row, other than of the connection, and a replica is left alone. */
const mostFailures = 3;
const firstPauseMs = 1000;
const longestPauseMs = 30_000;

/** A server, whether it may be asked, and the check that makes it so again. */
export class Replica {
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

  /** How many data-parallel ranks it has. */
  async countRanks(signal: AbortSignal): Promise<number> {
    return (await this.#readPins(signal))?.ranks ?? 1;
  }

  /**
   * Requests with one key go to one slot or rank, where the server has several.
   *
   * @param rank the one that was chosen for this key, where one was
   */
  async chat(request: ChatRequest, rank: number | undefined, signal: AbortSignal): Promise<Answer | Fault> {
    const key = request.contextKey;
    if (key === undefined) return this.client.chat(request, signal);
    const pins = await this.#readPins(signal);
    const lane = pins?.take(key, rank);
    if (pins === undefined || lane === undefined) return this.client.chat(request, signal);
    try {
      return await this.client.chat({ ...request, lane }, signal);
    } finally {
      pins.giveBack(lane);
    }
  }

  #readPins(signal: AbortSignal): Promise<LanePins | undefined> {
    this.#pins ??= readLanes(this.client, signal).then((lanes) => lanes && new LanePins(lanes));
    return this.#pins;
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
