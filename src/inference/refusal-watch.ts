import { ModelError } from '../config/errors.ts';
import type { Fault } from './fault.ts';

/** So many refusals before any answer: the server takes no request of this kind. */
const mostAtFirst = 16;
/** So many in a row after answers: it has stopped taking them. */
const mostInRow = 64;

/**
 * Tells a server that refuses everything from a prompt that it refuses. Refusals are held back until an answer shows that
 * others are taken; too many in a row end the run, instead of asking it the whole plan.
 */
export class RefusalWatch {
  #held: (() => void)[] = [];
  #answered: boolean;
  readonly #namedBy: string;

  /**
   * @param answered whether the server has ever answered in this run
   * @param namedBy the flag or input that named the server, for messages
   */
  constructor(answered: boolean, namedBy: string) {
    this.#answered = answered;
    this.#namedBy = namedBy;
  }

  alive(): void {
    this.#answered = true;
    this.release();
  }

  /** @throws ModelError REQUEST_REFUSED at the limit, with what the last one said */
  refused({ detail }: Fault, release: () => void): void {
    this.#held.push(release);
    if (this.#held.length < (this.#answered ? mostInRow : mostAtFirst)) return;
    throw new ModelError({
      code: 'REQUEST_REFUSED',
      where: this.#namedBy,
      expected: 'a server that takes the plan’s requests',
      got: `${this.#held.length} refusals in a row, the last one ${detail}`,
      remedy: 'run mixgate preflight and look at the server’s log; what was answered so far is kept',
    });
  }

  /** The few refusals at the end of a plan are those of their prompts. */
  release(): void {
    for (const one of this.#held.splice(0)) one();
  }
}
