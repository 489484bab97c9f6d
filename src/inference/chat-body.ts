import type { Message } from '../suite/context.ts';
import type { ChatRequest, Manner } from './client.ts';
import { profileOf } from './engine.ts';
import { presetFields } from './presets.ts';

/** Every sampling parameter that matters is sent: servers have defaults of their own. */
export function chatBody(model: string, request: ChatRequest, manner: Manner | undefined) {
  return { model, messages: request.messages, ...settingsOf(request, manner) };
}

function settingsOf(request: ChatRequest, manner: Manner | undefined) {
  const profile = manner?.profile ?? profileOf('unknown');
  return {
    ...profile.fields(request),
    ...presetFields(manner?.preset, profile),
    ...(request.responseFormat === undefined ? {} : { response_format: request.responseFormat }),
  };
}

/** What the SDK is given to send: an object, or bytes with the header that it leaves to the caller then. */
type Body =
  | { readonly body: object }
  | { readonly body: Buffer; readonly headers: { readonly 'content-type': 'application/json' } };

const comma = Buffer.from(',');

/**
 * Writes the bodies of chat requests. Most of a prompt is its context, thousands of words that dozens of requests share:
 * those are made JSON and bytes once, and copied.
 */
export class ChatBodies {
  readonly #model: string;
  readonly #manner: Manner | undefined;
  /** By the array itself: it goes with the context that it belongs to. */
  readonly #written = new WeakMap<readonly Message[], Buffer>();

  constructor(model: string, manner: Manner | undefined) {
    this.#model = model;
    this.#manner = manner;
  }

  of(request: ChatRequest): Body {
    const { messages, shared } = request;
    if (shared === undefined || shared.length === 0) {
      return { body: chatBody(this.#model, request, this.#manner) };
    }
    const settings = { model: this.#model, ...settingsOf(request, this.#manner) };
    const own = jsonItems(messages.slice(shared.length));
    const rest = Buffer.from(`${own}],${JSON.stringify(settings).slice(1)}`);
    const parts = [this.#begin(shared), ...(own === '' ? [] : [comma]), rest];
    return { body: Buffer.concat(parts), headers: { 'content-type': 'application/json' } };
  }

  #begin(shared: readonly Message[]): Buffer {
    const known = this.#written.get(shared);
    if (known !== undefined) return known;
    const made = Buffer.from(`{"messages":[${jsonItems(shared)}`);
    this.#written.set(shared, made);
    return made;
  }
}

/** @example jsonItems([1, 2]) // '1,2' */
function jsonItems(items: readonly unknown[]): string {
  return JSON.stringify(items).slice(1, -1);
}
