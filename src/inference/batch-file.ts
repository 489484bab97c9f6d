import { z } from 'zod';
import { ConfigError } from '../config/errors.ts';
import type { Policy } from '../config/policy.ts';
import { tryJson } from '../config/try-json.ts';
import type { PlannedTrial } from '../suite/plan.ts';
import { chatBody, type Manner } from './chat-body.ts';
import { answerRoom } from './client.ts';
import { classifyFault, type Fault } from './fault.ts';
import type { Prompts } from './prompts.ts';
import { type Answer, readChat } from './reply.ts';

/** The OpenAI batch file format: one JSON line a request, and one a result, matched by `custom_id`. */

export interface BatchAsking {
  readonly model: string;
  readonly manner: Manner;
  readonly sampling: Policy['sampling'];
}

/**
 * A trial's request as `run` would send it, every sampling parameter included.
 *
 * @param prompts writes contexts once for all trials that share them
 * @param reasoned true where the model has spent a first answer on nothing but reasoning: it is given room for that
 */
export function renderBatchLine(
  trial: PlannedTrial,
  { model, manner, sampling }: BatchAsking,
  prompts: Prompts,
  reasoned = false,
): string {
  const { temperature, topP, maxTokens, maxReasoningTokens } = sampling;
  const room = reasoned ? maxTokens + maxReasoningTokens : answerRoom({ manner }, sampling);
  const { messages } = prompts.of(trial);
  const body = chatBody(model, { messages, temperature, topP, maxTokens: room, seed: trial.seed }, manner);
  // The trial's id is a hash of query, context, sampling and seed: an answer cannot be taken for another's.
  return `${JSON.stringify({ custom_id: trial.trialId, method: 'POST', url: '/v1/chat/completions', body })}\n`;
}

const resultSchema = z.looseObject({
  custom_id: z.string(),
  response: z.looseObject({ status_code: z.int().optional(), body: z.unknown().optional() }).nullish(),
  error: z.unknown().optional(),
});

/** A line of what was exported: nothing was answered in it. */
const requestSchema = z.looseObject({
  method: z.string(),
  url: z.string(),
  body: z.unknown(),
  response: z.undefined().optional(),
});

/** How a request of a batch ended. */
export interface BatchResult {
  readonly id: string;
  readonly result: Answer | Fault;
}

/**
 * Reads one line of a batch's output or error file.
 *
 * @param where file and line, for messages
 * @throws ConfigError BATCH_BROKEN
 */
export function parseBatchLine(
  text: string,
  where: string,
  { maxTokens, maxReasoningTokens }: Policy['sampling'],
): BatchResult {
  const line = tryJson(text);
  if (requestSchema.safeParse(line).success) throw exported(where);
  const parsed = resultSchema.safeParse(line);
  if (!parsed.success) throw broken(where);
  const { custom_id: id, response, error } = parsed.data;
  const status = response?.status_code ?? (response?.body === undefined ? undefined : 200);
  if (status === undefined) return { id, result: unanswered };
  if (status >= 200 && status < 300) {
    const asking = { maxTokens: maxTokens + maxReasoningTokens, apiKey: undefined };
    return { id, result: readChat(response?.body, asking) };
  }
  // vLLM's runner tells why beside the response, others in its body.
  return { id, result: classifyFault(status, [response?.body, error], undefined) };
}

/** Expired, cancelled, or lost between the service and its workers: another try may succeed. */
const unanswered: Fault = {
  kind: 'fault',
  code: 'batch',
  retryable: true,
  reason: 'requestFailed',
  scope: 'trial',
  detail: 'no response',
};

/** A model that spent the room for its answer on reasoning has not answered yet; `run` asks it again with more. */
export function needsRoom(answer: Answer, { maxTokens, maxReasoningTokens }: Policy['sampling']): boolean {
  const onlyReasoned = answer.reasoned && answer.text.trim() === '' && answer.finish === 'length';
  return onlyReasoned && maxReasoningTokens > 0 && (answer.usage.completionTokens ?? 0) <= maxTokens;
}

function exported(where: string): ConfigError {
  return new ConfigError({
    code: 'BATCH_BROKEN',
    where,
    expected: 'a result of a batch',
    got: 'a request of one: this is a file of the export',
    remedy: 'run the batch, then give the output and error files that come of it',
  });
}

function broken(where: string): ConfigError {
  return new ConfigError({
    code: 'BATCH_BROKEN',
    where,
    expected: 'a result in the OpenAI batch format: custom_id with response or error',
    got: 'something else',
    remedy: 'give the output and error files of the batch, as the service wrote them',
  });
}
