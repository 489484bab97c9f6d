import type { Cost, Spent } from '../inference/budget.ts';
import { actualCost } from '../inference/exchange.ts';
import type { JournalEntry } from '../inference/journal-entry.ts';

/**
 * What the earlier sessions of a run spent and when, counted line by line as its journal is read: all of them are more
 * than memory should hold.
 */
export class EarlierSessions {
  /** Sent to the candidate, and not answered yet. */
  readonly #open = new Map<string, Cost>();
  #candidate = nothing;
  #judge = nothing;
  readonly #longestPauseMs: number;
  #milliseconds = 0;
  #lastAt: number | undefined;
  #latestAt = Number.NEGATIVE_INFINITY;
  #sessions = 0;

  /** @param timeoutSeconds for one whole answer */
  constructor(timeoutSeconds: number) {
    this.#longestPauseMs = 2 * timeoutSeconds * 1000 + 60_000;
  }

  /** @param entry the next line of the journal */
  readonly see = (entry: JournalEntry): void => {
    if (entry.t === 'session') this.#sessions += 1;
    if (entry.t === 'sent') this.#seeSent(entry);
    if (entry.t === 'answer' || entry.t === 'checked') this.#seeAnswer(entry);
    if ('at' in entry) this.#seeTime(entry.t, Date.parse(entry.at));
  };

  get count(): number {
    return this.#sessions;
  }

  /** When a run was last at work, in milliseconds since 1970; minus infinity where it never was. */
  get latestAt(): number {
    return this.#latestAt;
  }

  /**
   * Minutes at work: from each session's start to its last line. No two lines of a session at work lie further apart
   * than a request may take with its waits: more is a clock that was set meanwhile, or a machine that slept.
   */
  get minutes(): number {
    return this.#milliseconds / 60_000;
  }

  /** A request without an answer counts at its worst. */
  spent(on: 'candidate' | 'judge'): Spent {
    return on === 'judge' ? this.#judge : [...this.#open.values()].reduce(add, this.#candidate);
  }

  #seeSent({ to, id, worst }: Extract<JournalEntry, { t: 'sent' }>): void {
    if (to === 'judge') {
      this.#judge = add(this.#judge, worst);
      return;
    }
    const unanswered = this.#open.get(id);
    if (unanswered !== undefined) this.#candidate = add(this.#candidate, unanswered);
    this.#open.set(id, worst);
  }

  #seeAnswer(entry: Extract<JournalEntry, { t: 'answer' | 'checked' }>): void {
    const worst = this.#open.get(entry.id);
    if (worst !== undefined) this.#candidate = add(this.#candidate, actualCost(entry, worst));
    this.#open.delete(entry.id);
  }

  #seeTime(t: JournalEntry['t'], at: number): void {
    this.#latestAt = Math.max(this.#latestAt, at);
    if (t !== 'session' && this.#lastAt !== undefined) {
      this.#milliseconds += Math.min(Math.max(0, at - this.#lastAt), this.#longestPauseMs);
    }
    this.#lastAt = at;
  }
}

const nothing: Spent = { requests: 0, prompt: 0, cached: 0, completion: 0 };

function add(spent: Spent, cost: Cost): Spent {
  return {
    requests: spent.requests + 1,
    prompt: spent.prompt + cost.prompt,
    cached: spent.cached + cost.cached,
    completion: spent.completion + cost.completion,
  };
}
