import { type Context, contextFrame, type Message } from '../suite/context.ts';
import type { PlannedTrial } from '../suite/plan.ts';
import { strandOf } from './prefix-walk.ts';

/** A trial as it is sent. */
export interface Prompt {
  readonly messages: readonly Message[];
  /** Those of its context, with which the messages begin: one list for all its prompts. */
  readonly shared: readonly Message[];
  /** An upper bound of its tokens but for what a template opens with: no text has more tokens than UTF-8 bytes. */
  readonly bytes: number;
  /** Of all prompts that begin with the same demonstration in the same draw: they are best asked of one replica. */
  readonly strand: string;
}

/** More than a template usually puts around a message. */
const perMessage = 16;

/** See `Prompt.bytes`. */
export function bytesOf(messages: readonly Message[]): number {
  return messages.reduce((sum, { content }) => sum + Buffer.byteLength(content) + perMessage, 0);
}

/** Many contexts are under way at once; a written one is as long as a book. */
const keptContexts = 64;

interface Written {
  readonly before: readonly Message[];
  readonly lead: string;
  readonly bytes: number;
  readonly strand: string;
}

/** Writes trials' prompts; a context, which many trials share, once while it is in use. */
export class Prompts {
  readonly #written = new Map<Context, Written>();

  of({ context, query }: PlannedTrial): Prompt {
    const { before, lead, bytes, strand } = this.#contextOf(context);
    const last: Message = { role: 'user', content: `${lead}${query.request}` };
    return { messages: [...before, last], shared: before, bytes: bytes + bytesOf([last]), strand };
  }

  #contextOf(context: Context): Written {
    const known = this.#written.get(context);
    if (known !== undefined) return known;
    const { draw, carrier, systemPrompt, demonstrations } = context;
    const { before, lead } = contextFrame({ draw, carrier, systemPrompt, demonstrations });
    const strand = strandOf(context);
    const made = { before, lead, bytes: bytesOf(before), strand };
    this.#written.set(context, made);
    const [oldest] = this.#written.keys();
    if (this.#written.size > keptContexts && oldest !== undefined) this.#written.delete(oldest);
    return made;
  }
}
