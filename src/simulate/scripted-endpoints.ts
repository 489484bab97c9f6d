import { z } from 'zod';
import { type EngineOptions, ScriptedRanks, type Turn } from './scripted-engine.ts';
import {
  applyFault,
  type Fault,
  type FaultCall,
  type Outcome,
  overflowMessage,
  type ScriptedReply,
  sendError,
  sendText,
  sendValue,
} from './scripted-faults.ts';
import { answerJudgePrompt, type JudgeMode, type ScriptedJudge } from './scripted-judge.ts';
import {
  answerPrompt,
  isVaultHarmful,
  type PromptView,
  type ScriptedRule,
  viewPrompt,
} from './scripted-prompt.ts';
import { buildReply, DEFAULT_MODEL_LEN, modelCard } from './scripted-reply.ts';
import { PrefixCache, promptWords, splitWords } from './scripted-tokens.ts';

export interface ScriptedModel {
  readonly id: string;
  readonly rule: ScriptedRule;
  /** Default: `/models/<id>`. */
  readonly root?: string;
  readonly fingerprint?: string;
  /** In words, which are this server's tokens. Default 32,768. */
  readonly maxModelLen?: number;
  /** Models with one salt draw the same number for the same trial. Default: the server's. */
  readonly salt?: string;
}

export interface ScriptedServerOptions {
  readonly models: readonly ScriptedModel[];
  readonly judge?: ScriptedJudge;
  readonly isHarmful?: (request: string) => boolean;
  readonly salt?: string;
  /** What every completion takes at least. Default 0. */
  readonly latencyMs?: number;
  /** Whether it counts tokens for those who ask. Default true. */
  readonly tokenizes?: boolean;
  /** Slots, a bounded cache and time for prompts and answers. Default: none of these. */
  readonly engine?: EngineOptions;
  /** Words of an answer, to which it is filled up; its own when absent. */
  readonly answerWords?: (view: PromptView) => number;
  /** Whether requests are kept for tests to look at. Default true. */
  readonly recordsRequests?: boolean;
}

/** From this completion on (counted from 1, over all names) the model shows another identity. */
export interface IdentityChange {
  readonly model: string;
  readonly fromNth: number;
  readonly root?: string;
  readonly fingerprint?: string;
}

const VERSION = '0.16.0+scripted';

const chatSchema = z.object({
  model: z.string(),
  messages: z.array(z.object({ role: z.string(), content: z.string() })).min(1),
  seed: z.int().nullish(),
  max_tokens: z.int().nullish(),
  max_completion_tokens: z.int().nullish(),
});
const completionSchema = z.object({ model: z.string(), prompt: z.string() });
const tokenizeSchema = z.object({
  model: z.string(),
  prompt: z.string().optional(),
  messages: z.array(z.object({ role: z.string(), content: z.string() })).optional(),
});

/** What a running scripted server remembers, and what a test may change meanwhile. */
export class ScriptedState {
  readonly options: ScriptedServerOptions;
  readonly isHarmful: (request: string) => boolean;
  readonly cache = new PrefixCache();
  readonly engine: ScriptedRanks | undefined;
  chooseFault: ((call: FaultCall) => Fault | null) | null = null;
  judgeMode: (nth: number) => JudgeMode;
  identityChange: IdentityChange | null = null;
  completions = 0;
  judged = 0;

  constructor(options: ScriptedServerOptions) {
    this.options = options;
    this.engine = options.engine === undefined ? undefined : new ScriptedRanks(options.engine);
    this.isHarmful = options.isHarmful ?? isVaultHarmful;
    this.judgeMode = options.judge?.mode ?? (() => 'honest');
  }

  identityOf(model: ScriptedModel): { readonly root: string; readonly fingerprint: string } {
    const change = this.identityChange;
    const changed = change !== null && change.model === model.id && this.completions >= change.fromNth;
    const own = {
      root: model.root ?? `/models/${model.id}`,
      fingerprint: model.fingerprint ?? `vllm-${VERSION}-scripted`,
    };
    return changed
      ? { root: change.root ?? own.root, fingerprint: change.fingerprint ?? own.fingerprint }
      : own;
  }
}

/** Answers the GET paths, faults included. */
export function answerMetadata(state: ScriptedState, call: FaultCall): Outcome {
  const fault = state.chooseFault?.(call) ?? null;
  if (fault !== null)
    return applyFault(fault, buildReply({ id: 'none', model: 'none', fingerprint: '', words: 0 }));
  switch (call.path) {
    case '/health':
      return { kind: 'send', status: 200, headers: {}, text: '', delayMs: 0 };
    case '/version':
      return sendValue({ version: VERSION });
    case '/metrics':
      if (state.engine === undefined) return sendError(404, 'NotFoundError', 'Not Found');
      return sendText(state.engine.metrics(), 'text/plain; version=0.0.4');
    case '/v1/models':
      return sendValue({ object: 'list', data: modelCards(state) });
    default:
      return sendError(404, 'NotFoundError', 'Not Found');
  }
}

/** Answers the POST paths, faults included; `turn` where an engine has taken the request. */
export function answerPost(state: ScriptedState, call: FaultCall, turn?: Turn): Outcome {
  switch (call.path) {
    case '/v1/chat/completions':
      return withFault(state, call, chat(state, call.body, turn));
    case '/v1/completions':
      return withFault(state, call, judge(state, call.body));
    case '/tokenize':
      if (state.options.tokenizes === false) return sendError(404, 'NotFoundError', 'Not Found');
      return tokenize(state, call.body);
    default:
      return sendError(404, 'NotFoundError', 'Not Found');
  }
}

/** A request that is wrong in itself is answered so, whatever fault is set. */
function withFault(state: ScriptedState, call: FaultCall, reply: ScriptedReply | Outcome): Outcome {
  if ('kind' in reply) return reply;
  const fault = state.chooseFault?.(call) ?? null;
  return fault === null ? sendValue(reply) : applyFault(fault, reply);
}

/** Waits for the engine where there is one and the body is a chat request that it could answer. */
export async function takeTurn(
  state: ScriptedState,
  { path, body }: FaultCall,
  rank?: string,
): Promise<Turn | undefined> {
  if (state.engine === undefined || path !== '/v1/chat/completions') return undefined;
  const parsed = chatSchema.safeParse(body);
  return parsed.success
    ? state.engine.begin(parsed.data.model, promptWords(parsed.data.messages), rank)
    : undefined;
}

function chat(state: ScriptedState, body: unknown, turn: Turn | undefined): ScriptedReply | Outcome {
  const parsed = chatSchema.safeParse(body);
  if (!parsed.success) return badRequest(parsed.error);
  const { model: id, messages, seed } = parsed.data;
  const model = state.options.models.find((one) => one.id === id);
  if (model === undefined) return unknownModel(id);
  const words = promptWords(messages);
  const limit = model.maxModelLen ?? DEFAULT_MODEL_LEN;
  const wanted = parsed.data.max_completion_tokens ?? parsed.data.max_tokens ?? 1;
  if (words.length + wanted > limit)
    return sendError(400, 'BadRequestError', overflowMessage(words.length, limit));
  state.completions += 1;
  const view = viewPrompt({ messages, model: id, seed: seed ?? 0, isHarmful: state.isHarmful });
  const answer = answerPrompt(view, model.rule, model.salt ?? state.options.salt ?? '');
  const content = fillUp(answer, state.options.answerWords?.(view) ?? 0);
  return buildReply({
    id: `chatcmpl-${state.completions}`,
    model: id,
    fingerprint: state.identityOf(model).fingerprint,
    words: words.length,
    cached: turn?.cached ?? state.cache.reuse(id, words),
    content,
  });
}

function fillUp(answer: string, length: number): string {
  const missing = length - splitWords(answer).length;
  return missing > 0 ? `${answer}${' and so on'.repeat(Math.ceil(missing / 3))}` : answer;
}

function judge(state: ScriptedState, body: unknown): ScriptedReply | Outcome {
  const parsed = completionSchema.safeParse(body);
  if (!parsed.success) return badRequest(parsed.error);
  const { model: id, prompt } = parsed.data;
  if (state.options.judge?.id !== id) return unknownModel(id);
  const text = answerJudgePrompt(prompt, state.judgeMode(state.judged + 1), state.isHarmful);
  if (text === undefined) return sendError(400, 'BadRequestError', 'the prompt is in no judge’s format');
  state.judged += 1;
  if (text === null) return sendError(500, 'InternalServerError', 'Internal server error');
  const words = splitWords(prompt).length;
  return buildReply({
    id: `cmpl-${state.judged}`,
    model: id,
    fingerprint: `vllm-${VERSION}-judge`,
    words,
    text,
  });
}

function tokenize(state: ScriptedState, body: unknown): Outcome {
  const parsed = tokenizeSchema.safeParse(body);
  if (!parsed.success) return badRequest(parsed.error);
  const { model: id, prompt, messages } = parsed.data;
  const model = state.options.models.find((one) => one.id === id);
  if (model === undefined && state.options.judge?.id !== id) return unknownModel(id);
  const words = messages === undefined ? splitWords(prompt ?? '') : promptWords(messages);
  const tokens = words.map((_, index) => index);
  return sendValue({ count: words.length, max_model_len: model?.maxModelLen ?? DEFAULT_MODEL_LEN, tokens });
}

function modelCards(state: ScriptedState): readonly object[] {
  const { models, judge: judgeModel } = state.options;
  const cards = models.map((model) => modelCard(model.id, state.identityOf(model).root, model.maxModelLen));
  return judgeModel === undefined
    ? cards
    : [...cards, modelCard(judgeModel.id, `/models/${judgeModel.id}`, undefined)];
}

function badRequest(error: z.ZodError): Outcome {
  const issue = error.issues[0];
  return sendError(
    400,
    'BadRequestError',
    `body.${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'invalid'}`,
  );
}

function unknownModel(id: string): Outcome {
  return sendError(404, 'NotFoundError', `The model \`${id}\` does not exist.`);
}
