import type { Policy } from '../config/policy.ts';
import type { Message } from '../suite/context.ts';
import type { NotRunReason } from '../suite/outcome.ts';
import type { PlannedTrial } from '../suite/plan.ts';
import type { TokenLengths } from './ask-order.ts';
import { answerRoom, type Client } from './client.ts';
import type { makeExchange, Surroundings } from './exchange.ts';
import type { Prompts } from './prompts.ts';
import type { WorstCosts } from './worst-cost.ts';

export type Exchanged = Awaited<ReturnType<ReturnType<typeof makeExchange>>>;

/** @returns undefined where the server gives no count */
export type CountPrompt = (messages: readonly Message[], signal: AbortSignal) => Promise<number | undefined>;

/** What asking one trial takes. */
export interface AskTools {
  readonly client: Client;
  readonly policy: Policy;
  readonly around: Surroundings;
  readonly countPrompt?: CountPrompt | undefined;
  readonly exchange: ReturnType<typeof makeExchange>;
  readonly costs: WorstCosts;
  readonly lengths: TokenLengths;
  readonly prompts: Prompts;
}

/** Asks one trial, once more with room for reasoning where that was all that came. */
export async function askOne(trial: PlannedTrial, tools: AskTools): Promise<Exchanged> {
  const { client, exchange, costs, countPrompt } = tools;
  const { signal } = tools.around;
  const { temperature, topP, maxTokens, maxReasoningTokens } = tools.policy.sampling;
  const prompt = tools.prompts.of(trial);
  const { messages, shared, strand: contextKey } = prompt;
  const ask = async (limit: number): Promise<Exchanged> => {
    const id = trial.trialId;
    const send = () =>
      client.chat(
        { messages, shared, temperature, topP, maxTokens: limit, seed: trial.seed, contextKey },
        signal,
      );
    const result = await exchange({ id, worst: costs.of(trial, prompt, limit), send });
    if (result.kind === 'answer') {
      costs.learn(trial, prompt, result.usage);
      tools.lengths.learn(prompt, result.usage);
    }
    if (result.kind !== 'refused' || !needsPromptTokens.has(result.reason)) return result;
    const counted = await countPrompt?.(messages, signal);
    return counted === undefined ? result : exchange({ id, worst: costs.within(counted, limit), send });
  };
  const room = answerRoom(client, tools.policy.sampling);
  const first = await ask(room);
  // A model that spent the whole answer on reasoning has not answered yet; others are never given more room.
  const onlyReasoned = first.kind === 'answer' && first.reasoned && first.text.trim() === '';
  const mostRoom = maxTokens + maxReasoningTokens;
  return onlyReasoned && first.finish === 'length' && mostRoom > room ? ask(mostRoom) : first;
}

/** Caps in which the prompt's tokens count: a closer count of them may still fit. */
const needsPromptTokens: ReadonlySet<NotRunReason> = new Set(['budgetPromptTokens', 'budgetMoney']);
