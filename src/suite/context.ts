import { createHash, hash } from 'node:crypto';
import type { Carrier } from '../config/sweeps.ts';
import type { Frame, Message } from './carriers/carrier.ts';
import { renderFrame } from './carriers/render-frame.ts';
import type { Demonstration } from './source-file.ts';

export type { Message } from './carriers/carrier.ts';

/** A condition filled from one draw: what stands before the query, and how it reaches the model. */
export interface Context {
  readonly draw: number;
  readonly systemPrompt: string;
  /** `chat` where there are no demonstrations: all carriers are then the same. */
  readonly carrier: Carrier;
  readonly demonstrations: readonly Demonstration[];
  /** Of all that the messages are made of; equal contexts of two conditions are one. */
  readonly sha256: string;
}

interface ContextParts {
  readonly draw: number;
  readonly systemPrompt: string;
  readonly carrier?: Carrier;
  readonly demonstrations: readonly Demonstration[];
}

export function makeContext(parts: ContextParts): Context {
  const { demonstrations } = parts;
  return recallContext(parts, () => demonstrations);
}

/**
 * A context that holds how its demonstrations are found instead of a list of them: a large plan has more contexts
 * than memory has room for lists.
 *
 * @param parts.demonstrations what `recall` gives; not kept
 * @param recall gives the same rows each time
 */
export function recallContext(parts: ContextParts, recall: () => readonly Demonstration[]): Context {
  return new RecalledContext(parts, recall);
}

/** A class, since a getter of its own would cost each object more than all its fields. */
class RecalledContext implements Context {
  readonly draw: number;
  readonly systemPrompt: string;
  readonly carrier: Carrier;
  readonly sha256: string;
  readonly #recall: () => readonly Demonstration[];

  constructor(
    { draw, systemPrompt, demonstrations, carrier }: ContextParts,
    recall: () => readonly Demonstration[],
  ) {
    this.draw = draw;
    this.systemPrompt = systemPrompt;
    this.carrier = demonstrations.length === 0 ? 'chat' : (carrier ?? 'chat');
    this.sha256 = digestContext(this.carrier, systemPrompt, demonstrations);
    this.#recall = recall;
  }

  get demonstrations(): readonly Demonstration[] {
    return this.#recall();
  }
}

/** The request without its query. */
export function contextFrame({ carrier, systemPrompt, demonstrations }: Omit<Context, 'sha256'>): Frame {
  return renderFrame(carrier, { systemPrompt, demonstrations });
}

/** A context's messages and the query asked last. */
export function trialMessages(context: Context, request: string): Message[] {
  const { before, lead } = contextFrame(context);
  return [...before, { role: 'user', content: `${lead}${request}` }];
}

/**
 * Messages follow from the carrier's form, the system prompt and the rows in order, so the hash of their digests
 * stands for the messages; a row is hashed once, in whatever many contexts it stands.
 */
function digestContext(
  carrier: Carrier,
  systemPrompt: string,
  demonstrations: readonly Demonstration[],
): string {
  // Millions of rows in a large plan: a string that grows is much quicker than a list that is joined.
  let digests = digestForm(carrier, systemPrompt);
  for (const row of demonstrations) digests += digestDemonstration(row);
  return hash('sha256', digests, 'hex');
}

const demonstrationDigests = new WeakMap<Demonstration, string>();

function digestDemonstration(demonstration: Demonstration): string {
  const known = demonstrationDigests.get(demonstration);
  if (known !== undefined) return known;
  const { request, response } = demonstration;
  const made = hash('sha256', JSON.stringify([request, response]), 'base64url');
  demonstrationDigests.set(demonstration, made);
  return made;
}

/** The form is what the carrier makes of two rows: it changes when a later version words a carrier otherwise. */
const sampleRows = [
  { request: 'request 1', response: 'response 1' },
  { request: 'request 2', response: 'response 2' },
];

const formDigests = new Map<Carrier, Map<string, string>>();

function digestForm(carrier: Carrier, systemPrompt: string): string {
  const known = formDigests.get(carrier) ?? new Map<string, string>();
  formDigests.set(carrier, known);
  const digest = known.get(systemPrompt);
  if (digest !== undefined) return digest;
  const sample = renderFrame(carrier, { systemPrompt, demonstrations: sampleRows });
  const made = createHash('sha256').update(JSON.stringify(sample)).digest('base64url');
  known.set(systemPrompt, made);
  return made;
}
