import type { ScriptedReply } from './scripted-faults.ts';
import { splitWords } from './scripted-tokens.ts';

export const DEFAULT_MODEL_LEN = 32_768;

export function modelCard(id: string, root: string, maxModelLen = DEFAULT_MODEL_LEN): object {
  return {
    id,
    object: 'model',
    created: 0,
    owned_by: 'vllm',
    root,
    parent: null,
    max_model_len: maxModelLen,
    permission: [],
  };
}

/** With `content` a chat reply, with `text` one of the completions endpoint. `created` is fixed: replies repeat. */
export function buildReply(parts: {
  readonly id: string;
  readonly model: string;
  readonly fingerprint: string;
  readonly words: number;
  readonly cached?: number;
  readonly content?: string;
  readonly text?: string;
}): ScriptedReply {
  const { text, content = '' } = parts;
  const answerWords = splitWords(text ?? content).length;
  const choice = text === undefined ? { message: { role: 'assistant' as const, content } } : { text };
  return {
    id: parts.id,
    object: text === undefined ? 'chat.completion' : 'text_completion',
    created: 0,
    model: parts.model,
    system_fingerprint: parts.fingerprint,
    choices: [{ index: 0, ...choice, finish_reason: 'stop' }],
    usage: {
      prompt_tokens: parts.words,
      completion_tokens: answerWords,
      total_tokens: parts.words + answerWords,
      prompt_tokens_details: { cached_tokens: parts.cached ?? 0 },
    },
  };
}
