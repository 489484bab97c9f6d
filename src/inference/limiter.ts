/** Why the limit on requests in flight moved. */
export type LimitReason = 'start' | 'growing' | 'latency' | 'queue' | 'busy' | 'recovering' | 'probe';

/** A limit from the nth request on, and why. */
export interface LimitChange {
  readonly atRequest: number;
  readonly limit: number;
  readonly why: LimitReason;
}

/** What became of a request. `busy` is the server's own word (429, 503); a fault says nothing of its capacity. */
export type Ending =
  | { readonly kind: 'answer'; readonly milliseconds: number; readonly tokens: number | null }
  | { readonly kind: 'busy' }
  | { readonly kind: 'fault' };

/** Of a request that was sent: under which of the limits, and whether that was used. */
export interface Ticket {
  readonly turn: number;
  readonly full: boolean;
}

/** A doubling that brings less than this much more is none: the rest of it waits in the server. */
const worthwhile = 1.2;
/** Room above the last limit that paid, so that a slot which falls free finds the next request waiting. */
const headroom = 1.25;
const fewestSamples = 16;
const startLimit = 8;
/** Rounds at a limit before a larger one is tried; twice as many after each time that this did not pay. */
const roundsBeforeProbe = 8;
const keptChanges = 16;

/**
 * Finds how many requests a server works on at once and holds it there. It doubles while that lets more through,
 * measured as requests in flight over the median time for a token (requests over latency, by Little's law); latency
 * alone says too little, since batching makes each answer slower and all of them faster. It shrinks by a quarter when
 * the server says that it is busy, once for all that was sent before, and comes back step by step (AIMD). Docs:
 * docs/decisions/0020-adaptive-concurrency.md.
 *
 * Pure but for its own state: time comes in with each ending.
 */
export class Limiter {
  readonly #most: number;
  #limit: number;
  #turn = 0;
  #requests = 0;
  #inFlight = 0;
  #mode: 'growing' | 'steady' | 'probing' = 'growing';
  #best: { readonly limit: number; readonly through: number } | undefined;
  /** Where it comes back to after it had to shrink. */
  #target: number;
  #samples: number[] = [];
  #rounds = 0;
  #roundsBeforeProbe = roundsBeforeProbe;
  /** Time for a token at the settled limit. */
  #usual: number | undefined;
  readonly #first: LimitChange[] = [];
  #last: LimitChange[] = [];
  #changes = 0;

  /** @param input.most never passed; `start` where the server tells how many slots it has */
  constructor(input: { readonly most: number; readonly start?: number | undefined }) {
    this.#most = input.most;
    this.#target = input.most;
    this.#limit = 0;
    this.#set(Math.min(input.most, input.start ?? startLimit), 'start');
  }

  get limit(): number {
    return this.#limit;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** The first and the last changes, and how many there were. */
  get history(): { readonly changes: number; readonly kept: readonly LimitChange[] } {
    return { changes: this.#changes, kept: [...this.#first, ...this.#last] };
  }

  sent(): Ticket {
    this.#requests += 1;
    this.#inFlight += 1;
    return { turn: this.#turn, full: this.#inFlight >= 0.75 * this.#limit };
  }

  ended(ticket: Ticket, ending: Ending): void {
    this.#inFlight -= 1;
    switch (ending.kind) {
      case 'busy':
        // Those that were sent before the last change tell of the limit of that time.
        if (ticket.turn === this.#turn) this.#shrinkTo(this.#limit * 0.75, 'busy');
        return;
      case 'answer':
        if (ticket.turn !== this.#turn || !ticket.full) return;
        this.#samples.push(ending.milliseconds / Math.max(1, ending.tokens ?? 1));
        if (this.#samples.length >= this.#roundLength()) this.#endRound();
        return;
      case 'fault':
        return;
    }
  }

  /** The server's word on its queue. A few requests waiting keep its slots busy; more than that only wait. */
  queue({ running, waiting }: { readonly running: number; readonly waiting: number }): void {
    const wanted = Math.max(1, Math.ceil(running / 8));
    if (waiting <= 2 * wanted) return;
    // What waits is taken back, others' share of it too, at most half at a time. After a change more are in flight than
    // the limit: those that wait of them are not taken back twice.
    const limit = Math.max(this.#limit / 2, this.#inFlight - (waiting - wanted));
    if (limit < this.#limit) this.#shrinkTo(limit, 'queue');
  }

  /** A settled limit is left for a clear gain alone, so more is seen of it. */
  #roundLength(): number {
    const length = Math.max(fewestSamples, this.#limit);
    return this.#mode === 'growing' ? length : 2 * length;
  }

  #endRound(): void {
    const perToken = median(this.#samples);
    this.#samples = [];
    this.#rounds += 1;
    const through = this.#limit / Math.max(perToken, 1e-6);
    switch (this.#mode) {
      case 'growing':
        this.#grow(through);
        break;
      case 'probing':
        this.#judgeProbe(through);
        break;
      case 'steady':
        this.#hold(through, perToken);
        break;
    }
  }

  #grow(through: number): void {
    const paid = this.#best === undefined || through >= worthwhile * this.#best.through;
    if (!paid && this.#best !== undefined) {
      this.#settle(this.#best.limit * headroom, 'latency');
      return;
    }
    this.#best = { limit: this.#limit, through };
    if (this.#limit >= this.#most) this.#mode = 'steady';
    else this.#set(this.#limit * 2, 'growing');
  }

  #hold(through: number, perToken: number): void {
    this.#usual ??= perToken;
    if (perToken > 2 * this.#usual) {
      this.#shrinkTo(this.#limit * 0.75, 'latency');
      // Longer contexts are slower too, with nothing to gain from fewer: one step back, then this is what is usual.
      this.#usual = undefined;
    } else if (this.#limit < this.#target) {
      this.#set(Math.min(this.#target, this.#limit + Math.max(1, this.#limit / 8)), 'recovering');
    } else if (this.#rounds >= this.#roundsBeforeProbe && this.#limit < this.#most) {
      this.#best = { limit: this.#limit, through };
      this.#mode = 'probing';
      this.#set(this.#limit * 1.5, 'probe');
    }
  }

  #judgeProbe(through: number): void {
    const best = this.#best;
    if (best === undefined || through >= worthwhile * best.through) {
      this.#settle(this.#limit, 'probe');
      return;
    }
    this.#roundsBeforeProbe *= 2;
    this.#settle(best.limit, 'latency');
  }

  #settle(limit: number, why: LimitReason): void {
    this.#mode = 'steady';
    this.#usual = undefined;
    this.#set(limit, why);
    this.#target = this.#limit;
  }

  #shrinkTo(limit: number, why: LimitReason): void {
    // Where the queue or the server itself says stop, that is how far it comes back.
    if (this.#mode !== 'steady') this.#target = this.#limit;
    this.#mode = 'steady';
    this.#set(limit, why);
    if (why === 'queue') this.#target = this.#limit;
  }

  #set(limit: number, why: LimitReason): void {
    const next = Math.max(1, Math.min(this.#most, Math.round(limit)));
    this.#turn += 1;
    this.#samples = [];
    this.#rounds = 0;
    if (next === this.#limit) return;
    this.#limit = next;
    this.#changes += 1;
    const change = { atRequest: this.#requests, limit: next, why };
    if (this.#first.length < keptChanges) this.#first.push(change);
    else this.#last = [...this.#last, change].slice(-keptChanges);
  }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
