import { servedJudges } from '../config/judge-policy.ts';
import type { Log } from '../config/log.ts';
import type { Policy } from '../config/policy.ts';
import type { Budget, Cost } from '../inference/budget.ts';
import { answerRoom, type Client } from '../inference/client.ts';
import { CountingStopped, promptCounterOf } from '../inference/tokenizer.ts';
import { fitBudget, refuseSmallBudget } from '../suite/budget-fit.ts';
import { costOfPlan, type PlanCost } from '../suite/cost.ts';
import { outlinePlan } from '../suite/outline.ts';
import type { Plan } from '../suite/plan.ts';
import { countPlanParts, estimatingCounter, type PromptCounter } from '../suite/token-count.ts';
import type { GateInputs } from './gate-inputs.ts';
import type { Servers } from './servers.ts';

/** What a cost is worked out from. */
export type Costed = Pick<GateInputs, 'loaded' | 'plan' | 'canaries'>;

/** What the plan costs by this counter's tokens. */
export async function costWith(
  counter: PromptCounter,
  { loaded, plan, canaries }: Costed,
): Promise<PlanCost> {
  const outline = outlinePlan(plan);
  const table = await countPlanParts(outline, counter);
  return costOfPlan({ plan, outline, policy: loaded.policy, table, canaries: canaries.rows.length });
}

/** A policy as its trials are asked of this model: one that always reasons is given the room for it. */
export function policyAsked(policy: Policy, client: Client): Policy {
  return { ...policy, sampling: { ...policy.sampling, maxTokens: answerRoom(client, policy.sampling) } };
}

/** The same by the tokenizer of a server, several requests at once; by estimate where it has none or stops. */
export async function costAtServer(
  costed: Costed,
  tokenizer: Servers['tokenizer'],
  signal: AbortSignal,
): Promise<PlanCost> {
  const maxInFlight = costed.loaded.policy.inference.maxConcurrency;
  const counter = await promptCounterOf({ tokenizer, maxInFlight, signal });
  try {
    return await costWith(counter, costed);
  } catch (error) {
    if (error instanceof CountingStopped) return costWith(estimatingCounter, costed);
    throw error;
  }
}

/**
 * Counts the plan by the server's own tokenizer and refuses it where a cap is too small for each trial once, at full
 * length. Where the server has no tokenizer, what would not fit by estimate is a warning.
 *
 * @returns what the plan was found to cost
 * @throws ConfigError BUDGET_TOO_SMALL
 */
export async function refuseUnaffordable(
  { loaded: { policy, ...file }, plan, canaries }: Costed,
  servers: Servers,
  tools: { readonly log: Log; readonly signal: AbortSignal },
): Promise<PlanCost> {
  const loaded = { ...file, policy: policyAsked(policy, servers.client) };
  const { promptTokens, money } = loaded.policy.budget;
  const capped = promptTokens !== undefined || money !== undefined;
  const tokenizer = capped ? servers.tokenizer : undefined;
  const cost = await costAtServer({ loaded, plan, canaries }, tokenizer, tools.signal);
  const fits = fitBudget(loaded.policy, cost);
  refuseSmallBudget(fits, cost.trials, loaded.path);
  for (const { cap, expected, allowed } of fits) {
    if (expected <= allowed) continue;
    const [need, cover] = [Math.ceil(expected), Math.floor(allowed)];
    tools.log.warn(
      `budget.${cap} is ${cover}; the plan needs about ${need} (an estimate), so the run may end early`,
    );
  }
  return cost;
}

/** What a plan is to use, as the receipt's `run` states it. */
export function plannedUse({ promptTokens, tokenCounts, completionTokens, minutes, money }: PlanCost) {
  return {
    promptTokens: { ...promptTokens, counts: tokenCounts },
    completionTokens: completionTokens.expected,
    minutes: minutes?.expected ?? null,
    money: money?.expected ?? null,
  };
}

/**
 * What the caps hold beside what the plan needs: what is tried before a run must not take from its trials.
 *
 * @returns whether a request of this worst cost fits; each that does is taken off
 */
export function roomBeside({ budget }: Policy, cost: PlanCost): (worst: Cost) => boolean {
  const beside = (cap: number | undefined, needed: number) => (cap ?? Number.POSITIVE_INFINITY) - needed;
  const room = {
    requests: beside(budget.requests, cost.requests),
    prompt: beside(budget.promptTokens, cost.promptTokens.sent),
    completion: beside(budget.completionTokens, cost.completionTokens.worst),
  };
  return ({ prompt, completion }) => {
    if (room.requests < 1 || room.prompt < prompt || room.completion < completion) return false;
    room.requests -= 1;
    room.prompt -= prompt;
    room.completion -= completion;
    return true;
  };
}

/** Answers that the cap on judge requests lets be judged beside those of the plan; each asks every served member. */
export function judgeRoomBeside({ budget, judge }: Policy, { judgeRequests }: PlanCost): number {
  const served = servedJudges(judge);
  const cap = budget.judge?.requests;
  return cap === undefined || served === 0 ? Number.POSITIVE_INFINITY : (cap - judgeRequests) / served;
}

/**
 * Learns from the first block, which is a whole design: what it cost, times the number of blocks, is what the run
 * will cost. Warns once where that is above the cap on prompt tokens.
 */
export function watchPromptTokens(
  { trials }: Plan,
  { cap, budget, log }: { readonly cap: number | undefined; readonly budget: Budget; readonly log: Log },
): (done: number) => void {
  const blocks = new Set(trials.map(({ block }) => block)).size;
  const first = trials.filter(({ block }) => block === trials[0]?.block).length;
  let told = false;
  return (done) => {
    if (told || cap === undefined || done < first) return;
    told = true;
    const needed = Math.round((budget.spent.prompt / done) * first * blocks);
    if (needed <= cap) return;
    log.warn(
      `by the first block the run needs about ${needed} prompt tokens; budget.promptTokens is ${cap}, ` +
        `so it will end after about ${Math.floor((cap / needed) * blocks)} of ${blocks} blocks`,
    );
  };
}
