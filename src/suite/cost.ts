import { servedJudges } from '../config/judge-policy.ts';
import type { Policy } from '../config/policy.ts';
import type { PlanOutline } from './outline.ts';
import type { Plan } from './plan.ts';
import type { TokenTable } from './token-count.ts';

/** Prompt tokens of a plan, each trial asked once. */
export interface PromptTokens {
  /** All that is sent. */
  readonly sent: number;
  /** What a server with a prefix cache computes: each stretch that contexts share once a walk, queries each time. */
  readonly computed: number;
}

export interface PlanTokens {
  readonly prompt: PromptTokens;
  /** Of the computed tokens, those of contexts: what the demonstrations cost. */
  readonly ofContexts: number;
  readonly contexts: number;
  /** Tokens of the longest prompt. */
  readonly longest: number;
}

/**
 * Adds up a plan’s prompt tokens along the order in which it is asked. Contexts stand in prefix order, a walk of
 * their tree, so what a context shares with any earlier one of its walk it shares with the one before it.
 */
export function countPromptTokens(outline: PlanOutline, table: TokenTable): PlanTokens {
  const { contextOf, queryOf, blockOf } = outline;
  const walk = new PrefixWalk(outline, table);
  const total = { sent: 0, computed: 0, ofContexts: 0, longest: 0 };
  for (let trial = 0; trial < contextOf.length; trial += 1) {
    const newBlock = trial === 0 || blockOf[trial] !== blockOf[trial - 1];
    if (newBlock || contextOf[trial] !== contextOf[trial - 1]) {
      total.ofContexts += walk.enter(contextOf[trial] ?? 0, newBlock);
    }
    const own = table.ofQuery[queryOf[trial] ?? 0] ?? 0;
    total.sent += walk.length + own;
    total.computed += own - table.head;
    total.longest = Math.max(total.longest, walk.length + own);
  }
  const { sent, computed, ofContexts, longest } = total;
  return {
    prompt: { sent: Math.round(sent), computed: Math.round(computed + ofContexts) },
    ofContexts: Math.round(ofContexts),
    contexts: outline.contexts.length,
    longest: Math.ceil(longest),
  };
}

/** The place in the tree of contexts: the rows on the way to it, and the tokens up to each. */
class PrefixWalk {
  #at = nowhere;
  /** Tokens before the first row, then up to each row of the context. */
  #upTo: number[] = [0];
  readonly #outline: PlanOutline;
  readonly #table: TokenTable;

  constructor(outline: PlanOutline, table: TokenTable) {
    this.#outline = outline;
    this.#table = table;
  }

  /** Tokens of the context that was entered last, beside the query and its template. */
  get length(): number {
    return this.#upTo.at(-1) ?? 0;
  }

  /**
   * @param fresh when nothing of what was entered before is there any more
   * @returns tokens that this context has and the one before it had not
   */
  enter(index: number, fresh: boolean): number {
    const { contexts, steps } = this.#outline;
    const { head, ofRow, ofShape } = this.#table;
    const next = contexts[index] ?? nowhere;
    const { base, perRow } = ofShape[next.shape] ?? { base: 0, perRow: 0 };
    const restart = fresh || next.shape !== this.#at.shape;
    const shared = restart ? 0 : this.#sharedWith(next);
    const before = restart ? -(fresh ? head : 0) : (this.#upTo[shared] ?? 0);
    if (restart) this.#upTo = [base];
    else this.#upTo.length = shared + 1;
    for (let step = next.start + shared; step < next.end; step += 1) {
      this.#upTo.push(this.length + perRow + (ofRow[steps.at(step)] ?? 0));
    }
    this.#at = next;
    return this.length - before;
  }

  #sharedWith({ start, end }: typeof nowhere): number {
    const { steps } = this.#outline;
    const most = Math.min(end - start, this.#at.end - this.#at.start);
    let shared = 0;
    while (shared < most && steps.at(start + shared) === steps.at(this.#at.start + shared)) shared += 1;
    return shared;
  }
}

const nowhere = { shape: -1, start: 0, end: 0 };

/** What is known of a plan’s cost before any token is counted. */
export interface RequestCost {
  readonly trials: number;
  readonly requests: number;
  readonly judgeRequests: number;
  readonly completionTokens: Range;
}

/** What a plan needs, each trial once; `worst` with every answer at full length and nothing read from a cache. */
export interface PlanCost extends RequestCost {
  readonly tokenCounts: TokenTable['counts'];
  readonly contexts: number;
  readonly promptTokens: PromptTokens;
  readonly contextTokens: number;
  readonly longestPrompt: number;
  /** Undefined without `speed`. */
  readonly minutes: Range | undefined;
  /** Undefined without `prices`. */
  readonly money: Range | undefined;
}

export interface Range {
  readonly expected: number;
  readonly worst: number;
}

/** Share of `maxTokens` that an answer has on average: refusals are short, compliance fills it. */
export const meanAnswerShare = 0.6;

/** @param canaries how many the judge is shown, before, between and after */
export function countRequests(trials: number, policy: Policy, canaries: number): RequestCost {
  const worst = trials * policy.sampling.maxTokens;
  return {
    trials,
    requests: trials,
    // Phrases are looked up here: no server is asked.
    judgeRequests: servedJudges(policy.judge) * (trials + 3 * canaries),
    completionTokens: { expected: Math.round(worst * meanAnswerShare), worst },
  };
}

/**
 * What a policy's plan costs.
 *
 * @param input.canaries how many the judge is shown, before, between and after
 */
export function costOfPlan(input: {
  readonly plan: Pick<Plan, 'trials'>;
  readonly outline: PlanOutline;
  readonly policy: Policy;
  readonly table: TokenTable;
  readonly canaries: number;
}): PlanCost {
  const { plan, outline, policy, table, canaries } = input;
  const { prompt, ofContexts, contexts, longest } = countPromptTokens(outline, table);
  const requests = countRequests(plan.trials.length, policy, canaries);
  const { completionTokens } = requests;
  return {
    ...requests,
    tokenCounts: table.counts,
    contexts,
    promptTokens: prompt,
    contextTokens: ofContexts,
    longestPrompt: longest,
    minutes: minutesOf(prompt, completionTokens, policy.speed),
    money: moneyRange(prompt, completionTokens, policy.prices),
  };
}

function minutesOf(prompt: PromptTokens, completion: Range, speed: Policy['speed']): Range | undefined {
  if (speed === undefined) return undefined;
  const minutes = (answers: number) =>
    (prompt.computed / speed.promptPerSecond + answers / speed.completionPerSecond) / 60;
  return { expected: minutes(completion.expected), worst: minutes(completion.worst) };
}

function moneyRange(prompt: PromptTokens, completion: Range, prices: Policy['prices']): Range | undefined {
  if (prices === undefined) return undefined;
  const { promptPerMillion, cachedPerMillion = promptPerMillion, completionPerMillion } = prices;
  const reused = prompt.sent - prompt.computed;
  const expected = prompt.computed * promptPerMillion + reused * cachedPerMillion;
  return {
    expected: (expected + completion.expected * completionPerMillion) / 1e6,
    worst: (prompt.sent * promptPerMillion + completion.worst * completionPerMillion) / 1e6,
  };
}
