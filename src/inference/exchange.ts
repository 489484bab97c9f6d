import { ModelError } from '../config/errors.ts';
import type { NotRunReason } from '../suite/outcome.ts';
import { keyRemedy } from './address.ts';
import type { Budget, Cost } from './budget.ts';
import type { Endpoint } from './client.ts';
import type { Fault } from './fault.ts';
import type { Journal } from './journal.ts';
import type { Ending, Limiter } from './limiter.ts';
import type { Answer } from './reply.ts';
import { type Sleep, sendWithRetries } from './retry.ts';

/** What all requests of a run share: clock, chance, waiting, and the signal that stops them. */
export interface Surroundings {
  readonly now: () => Date;
  readonly random: () => number;
  readonly sleep: Sleep;
  readonly signal: AbortSignal;
}

/** A request that was not sent since a cap stood in the way. */
export interface Refused {
  readonly kind: 'refused';
  readonly reason: NotRunReason;
}

export type Exchange = (input: {
  readonly id: string;
  readonly worst: Cost;
  readonly send: () => Promise<Answer | Fault>;
}) => Promise<Answer | Fault | Refused>;

/**
 * Makes the one way by which a stage sends requests: each is reserved in the budget and written to the journal
 * before it goes out, retried while that can help, and settled afterwards.
 *
 * @throws ModelError from the exchange, on a fault that every request would meet
 */
export function makeExchange(input: {
  readonly to: 'candidate' | 'judge';
  readonly endpoint: Endpoint;
  readonly budget: Budget;
  readonly journal: Journal;
  readonly retries: number;
  readonly around: Surroundings;
  /** Told of each request and what became of it. */
  readonly limiter?: Limiter | undefined;
}): Exchange {
  const { to, endpoint, budget, journal, around } = input;
  const at = () => around.now().toISOString();
  const noted = (id: string, result: Answer | Fault) => {
    if (result.kind === 'fault') journal.append({ t: 'fault', id, code: result.code, at: at() });
    return result;
  };
  return async ({ id, worst, send }) => {
    let refused: NotRunReason | undefined;
    const sendOnce = async (): Promise<Answer | Fault> => {
      refused = await budget.acquire(worst);
      if (refused !== undefined) return budgetFault;
      let spent = worst;
      try {
        // Waiting, for the budget or for another try, may have ended with the signal to stop.
        if (around.signal.aborted) throw interrupted();
        journal.append({ t: 'sent', to, id, worst, at: at() });
        const answered = await sendObserved(send, input.limiter);
        if (answered.kind === 'answer') spent = actualCost(answered, worst);
        return noted(id, answered);
      } finally {
        // Also after a failed write: others wait for what this one reserved.
        budget.settle(worst, spent);
      }
    };
    const result = await sendWithRetries({ send: sendOnce, retries: input.retries, ...around });
    if (refused !== undefined) return { kind: 'refused', reason: refused };
    if (result.kind === 'fault' && result.scope === 'run') throw runFault(result, endpoint, around.signal);
    return result;
  };
}

async function sendObserved(
  send: () => Promise<Answer | Fault>,
  limiter: Limiter | undefined,
): Promise<Answer | Fault> {
  const ticket = limiter?.sent();
  const start = performance.now();
  let ending: Ending = { kind: 'fault' };
  try {
    const result = await send();
    ending = endingOf(result, performance.now() - start);
    return result;
  } finally {
    if (ticket !== undefined) limiter?.ended(ticket, ending);
  }
}

/** By these a server says that it has too much to do. */
const busyCodes: ReadonlySet<string> = new Set(['http429', 'http503', 'http529']);

function endingOf(result: Answer | Fault, milliseconds: number): Ending {
  if (result.kind === 'answer') {
    return { kind: 'answer', milliseconds, tokens: result.usage.completionTokens };
  }
  return { kind: busyCodes.has(result.code) ? 'busy' : 'fault' };
}

const budgetFault: Fault = {
  kind: 'fault',
  code: 'budget',
  retryable: false,
  reason: 'requestFailed',
  scope: 'trial',
  detail: 'a cap of the budget',
};

/** What the server does not count is taken at its worst. */
export function actualCost(answer: Pick<Answer, 'usage'>, worst: Cost): Cost {
  const { promptTokens, cachedTokens, completionTokens } = answer.usage;
  const prompt = promptTokens ?? worst.prompt;
  return {
    prompt,
    cached: Math.min(prompt, cachedTokens ?? 0),
    completion: completionTokens ?? worst.completion,
  };
}

/** The error for what stops a whole run: an interruption, a wrong key, a wrong path. */
function runFault(fault: Fault, endpoint: Endpoint, signal: AbortSignal): ModelError {
  if (signal.aborted) return interrupted();
  const denied = fault.code === 'http401' || fault.code === 'http403';
  const remedy =
    fault.code === 'http404'
      ? 'correct the address (most servers want /v1 at its end) or the model'
      : 'correct address or model';
  return new ModelError({
    code: denied ? 'UNAUTHORIZED' : 'REQUEST_REFUSED',
    where: endpoint.namedBy,
    expected: 'a server that takes chat requests for this model',
    got: fault.detail,
    remedy: `${denied ? keyRemedy(endpoint) : remedy}; what was answered so far is kept`,
  });
}

/** The error of a run that was told to stop; everything up to here is in the journal. */
export function interrupted(): ModelError {
  return new ModelError({
    code: 'INTERRUPTED',
    where: 'the run',
    expected: 'time to finish',
    got: 'a signal to stop',
    remedy: 'start the same command again: it goes on where it stopped',
  });
}

const fewestFailures = 8;

/**
 * Tells a dead server from a hard question. Failures after all retries are held back until an answer shows that the
 * server lives; too many in a row end the run, and none of them counts as a trial's end.
 */
export class OutageWatch {
  #held: (() => void)[] = [];
  #lastCause = '';
  readonly #limit: () => number;
  readonly #namedBy: string;

  /**
   * @param limit how many failures in a row are an outage: as many as requests are in flight, which one moment may take
   * @param namedBy the flag or input that named the server, for messages
   */
  constructor(limit: () => number, namedBy: string) {
    this.#limit = limit;
    this.#namedBy = namedBy;
  }

  alive(): void {
    for (const release of this.#held.splice(0)) release();
  }

  /**
   * @param cause of this failure, for the message
   * @throws ModelError OUTAGE at the limit
   */
  failed(release: () => void, cause = ''): void {
    this.#held.push(release);
    this.#lastCause = cause;
    if (this.#held.length >= Math.max(fewestFailures, this.#limit())) throw this.#outage();
  }

  /**
   * Ends the watch: behind the last failures there is no answer to tell, so the server is asked.
   *
   * @throws ModelError OUTAGE where it is gone
   */
  async end(lives: () => Promise<boolean>): Promise<void> {
    if (this.#held.length > 0 && !(await lives())) throw this.#outage();
    this.alive();
  }

  #outage(): ModelError {
    return new ModelError({
      code: 'OUTAGE',
      where: this.#namedBy,
      expected: 'answers',
      got: `${this.#held.length} failures in a row, each after all retries${this.#lastCause && `; the last one: ${this.#lastCause}`}`,
      remedy: 'look at the server, then start the same command again: it goes on where it stopped',
    });
  }
}
