import type { NotRunReason } from '../suite/outcome.ts';

/** Caps of a run; what is absent has no cap. `minutes` counts time in which the run was at work. */
export interface Caps {
  readonly requests?: number | undefined;
  readonly promptTokens?: number | undefined;
  readonly completionTokens?: number | undefined;
  readonly minutes?: number | undefined;
  readonly money?: number | undefined;
}

/** Prices of a million tokens, in the unit of the money cap. */
export interface Prices {
  readonly promptPerMillion: number;
  readonly cachedPerMillion?: number | undefined;
  readonly completionPerMillion: number;
}

/** What one request costs, or may cost at the worst. Tokens; `cached` are those of `prompt` read from a cache. */
export interface Cost {
  readonly prompt: number;
  readonly cached: number;
  readonly completion: number;
}

export interface Spent extends Cost {
  readonly requests: number;
}

const nothing: Spent = { requests: 0, prompt: 0, cached: 0, completion: 0 };

/**
 * Hard caps: the worst case of a request is reserved before it is sent and replaced by what it cost afterwards, so
 * that no cap is passed by a single request or token. Where the rest might still fit once requests in flight are
 * settled, `acquire` waits for them.
 */
export class Budget {
  #spent: Spent;
  #reserved: Spent = nothing;
  readonly #waiting: (() => void)[] = [];
  readonly #caps: Caps;
  readonly #prices: Prices | undefined;
  readonly #minutesUsed: () => number;

  constructor(input: {
    readonly caps: Caps;
    readonly prices: Prices | undefined;
    readonly spent: Spent;
    readonly minutesUsed: () => number;
  }) {
    this.#caps = input.caps;
    this.#prices = input.prices;
    this.#spent = input.spent;
    this.#minutesUsed = input.minutesUsed;
  }

  get spent(): Spent {
    return this.#spent;
  }

  /** Whether anything can run out at all. */
  get capped(): boolean {
    return Object.values(this.#caps).some((cap) => cap !== undefined);
  }

  /** Whether all of these fit beside what is spent and reserved. */
  hasRoom(worst: readonly Cost[]): boolean {
    const sum = worst.reduce<Spent>((total, cost) => add(total, cost, 1), nothing);
    return this.#exceeded(sum, sum.requests) === undefined;
  }

  /** @returns undefined when the request may be sent, else the cap that stands in the way */
  async acquire(worst: Cost): Promise<NotRunReason | undefined> {
    for (;;) {
      const reason = this.#exceeded(worst);
      if (reason === undefined) {
        this.#reserved = add(this.#reserved, worst, 1);
        return undefined;
      }
      // Time only runs one way, and with nothing in flight nothing can be given back.
      if (reason === 'budgetMinutes' || this.#reserved.requests === 0) return reason;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** Replaces a reservation by what the request cost. */
  settle(worst: Cost, actual: Cost): void {
    this.#reserved = add(this.#reserved, negative(worst), -1);
    this.#spent = add(this.#spent, actual, 1);
    for (const wake of this.#waiting.splice(0)) wake();
  }

  #exceeded(worst: Cost, requests = 1): NotRunReason | undefined {
    const total = add(add(this.#spent, this.#reserved, this.#reserved.requests), worst, requests);
    if (total.requests > (this.#caps.requests ?? Number.POSITIVE_INFINITY)) return 'budgetRequests';
    if (total.prompt > (this.#caps.promptTokens ?? Number.POSITIVE_INFINITY)) return 'budgetPromptTokens';
    if (total.completion > (this.#caps.completionTokens ?? Number.POSITIVE_INFINITY)) {
      return 'budgetCompletionTokens';
    }
    if (this.#minutesUsed() >= (this.#caps.minutes ?? Number.POSITIVE_INFINITY)) return 'budgetMinutes';
    const money = moneyOf(total, this.#prices) ?? 0;
    return money > (this.#caps.money ?? Number.POSITIVE_INFINITY) ? 'budgetMoney' : undefined;
  }
}

/** What tokens cost at these prices, or undefined without prices. */
export function moneyOf(cost: Cost, prices: Prices | undefined): number | undefined {
  if (prices === undefined) return undefined;
  const { promptPerMillion, cachedPerMillion = promptPerMillion, completionPerMillion } = prices;
  const computed = (cost.prompt - cost.cached) * promptPerMillion;
  return (computed + cost.cached * cachedPerMillion + cost.completion * completionPerMillion) / 1e6;
}

function add(sum: Spent, cost: Cost, requests: number): Spent {
  return {
    requests: sum.requests + requests,
    prompt: sum.prompt + cost.prompt,
    cached: sum.cached + cost.cached,
    completion: sum.completion + cost.completion,
  };
}

function negative(cost: Cost): Cost {
  return { prompt: -cost.prompt, cached: -cost.cached, completion: -cost.completion };
}
