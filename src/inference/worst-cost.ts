import { type Context, trialMessages } from '../suite/context.ts';
import type { PlannedTrial } from '../suite/plan.ts';
import type { Cost } from './budget.ts';
import { bytesOf, type Prompt } from './prompts.ts';
import type { Usage } from './reply.ts';

/** More than a template, its own system prompt included, usually opens a prompt with. */
const usualOpening = 1024;
/** Where a context ends and a query begins, two counts of the same context may differ by a few merged tokens. */
const seam = 16;

/**
 * What a request may cost at the worst, which is reserved before it is sent. No text has more tokens than UTF-8
 * bytes; and once a query of a context has been answered, the context cannot have more tokens than that whole prompt
 * had. Servers that count more than they were allowed are learned from too.
 */
export class WorstCosts {
  #opening = usualOpening;
  #longestAnswer = 0;
  readonly #bytes = new WeakMap<Context, number>();
  readonly #counted = new WeakMap<Context, number>();

  /** @param limit tokens that the answer may have */
  of(trial: PlannedTrial, { bytes }: Prompt, limit: number): Cost {
    return this.#worst(trial, bytes, limit);
  }

  /** The same for a trial whose messages are not written out yet. */
  ahead(trial: PlannedTrial, limit: number): Cost {
    const known = this.#bytes.get(trial.context);
    const bytes = known ?? bytesOf(trialMessages(trial.context, ''));
    if (known === undefined) this.#bytes.set(trial.context, bytes);
    return this.#worst(trial, bytes + Buffer.byteLength(trial.query.request), limit);
  }

  /** The worst cost of a prompt whose tokens are known. */
  within(prompt: number, limit: number): Cost {
    return { prompt, cached: 0, completion: Math.max(limit, this.#longestAnswer) };
  }

  learn(trial: PlannedTrial, { bytes }: Prompt, usage: Usage): void {
    const { promptTokens, completionTokens } = usage;
    this.#longestAnswer = Math.max(this.#longestAnswer, completionTokens ?? 0);
    if (promptTokens === null || promptTokens <= 0) return;
    this.#opening = Math.max(this.#opening, promptTokens - bytes);
    const before = this.#counted.get(trial.context) ?? promptTokens;
    this.#counted.set(trial.context, Math.min(before, promptTokens));
  }

  #worst({ context, query }: PlannedTrial, bytes: number, limit: number): Cost {
    const counted = this.#counted.get(context) ?? Number.POSITIVE_INFINITY;
    const byContext = counted + Buffer.byteLength(query.request) + seam;
    return this.within(Math.min(bytes + this.#opening, byContext), limit);
  }
}
