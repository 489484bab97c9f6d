import type { Message } from '../suite/context.ts';
import { type EngineProfile, profileOf, type Sampling } from './engine.ts';
import { type ModelPreset, presetFields } from './presets.ts';

export interface ChatRequest extends Sampling {
  readonly messages: readonly Message[];
  /** The list with which the messages begin, where other requests begin with it too: it is written once for all. */
  readonly shared?: readonly Message[] | undefined;
  /** The `response_format` of the protocol; not sent where absent. */
  readonly responseFormat?: object | undefined;
  /** Requests with one key share a prefix, and go to one replica where there are several. */
  readonly contextKey?: string;
  /** The slot or rank of the server in which the prefix is kept; the server chooses where absent. */
  readonly lane?: number;
}

export interface CompletionRequest {
  readonly prompt: string;
  readonly maxTokens: number;
  /** How many candidates for each token are asked for; not sent where absent. */
  readonly logprobs?: number | undefined;
}

/** How a server that was met is spoken to. */
export interface Manner {
  readonly profile: EngineProfile;
  readonly preset: ModelPreset | undefined;
}

/** Every sampling parameter that matters is sent: servers have defaults of their own. */
export function chatBody(model: string, request: ChatRequest, manner: Manner | undefined) {
  const { messages, responseFormat, lane } = request;
  const profile = manner?.profile ?? profileOf('unknown');
  return {
    model,
    messages,
    ...profile.fields(request),
    ...presetFields(manner?.preset, profile),
    ...(responseFormat === undefined ? {} : { response_format: responseFormat }),
    ...(lane !== undefined && profile.engine === 'llamacpp' ? { id_slot: lane } : {}),
  };
}

/** vLLM takes the rank as a header. */
export function laneHeaders(
  { lane }: Pick<ChatRequest, 'lane'>,
  manner: Manner | undefined,
): Readonly<Record<string, string>> | undefined {
  if (lane === undefined || manner?.profile.engine !== 'vllm') return undefined;
  return { 'x-data-parallel-rank': String(lane) };
}

/** Writes bodies of chat requests as JSON. */
export class ChatBodies {
  readonly #model: string;
  readonly #manner: Manner | undefined;
  /** Gone with the list: a context is as long as a book. */
  readonly #written = new WeakMap<readonly Message[], Buffer>();

  constructor(model: string, manner: Manner | undefined) {
    this.#model = model;
    this.#manner = manner;
  }

  write(request: ChatRequest): string | Buffer {
    const { messages, ...fields } = chatBody(this.#model, request, this.#manner);
    const { shared = [] } = request;
    if (shared.length === 0) return JSON.stringify({ messages, ...fields });
    const begin = this.#begin(shared);
    const own = JSON.stringify(messages.slice(shared.length)).slice(1);
    const end = `${own},${JSON.stringify(fields).slice(1)}`;
    const bytes = Buffer.allocUnsafe(begin.length + Buffer.byteLength(end));
    bytes.set(begin);
    bytes.write(end, begin.length);
    return bytes;
  }

  #begin(shared: readonly Message[]): Buffer {
    const known = this.#written.get(shared);
    if (known !== undefined) return known;
    const begin = Buffer.from(`{"messages":${JSON.stringify(shared).slice(0, -1)},`);
    this.#written.set(shared, begin);
    return begin;
  }
}

/** `add_special_tokens: false` since the prompt holds its own beginning-of-text mark. */
export function completionBody(
  model: string,
  { prompt, maxTokens, logprobs }: CompletionRequest,
  manner: Manner | undefined,
) {
  const profile = manner?.profile ?? profileOf('unknown');
  const fields = profile.fields({ temperature: 0, topP: 1, maxTokens, seed: 0 });
  const candidates = logprobs === undefined ? {} : { logprobs };
  return { model, prompt, ...fields, add_special_tokens: false, ...candidates };
}
