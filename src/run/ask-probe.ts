import type { Policy } from '../config/policy.ts';
import type { Budget, Cost } from '../inference/budget.ts';
import type { Client } from '../inference/client.ts';
import { makeExchange, type Surroundings } from '../inference/exchange.ts';
import type { Fault } from '../inference/fault.ts';
import type { Journal } from '../inference/journal.ts';
import type { JournalEntry } from '../inference/journal-entry.ts';
import { charactersOf, type Probe } from './probes.ts';

export type CheckedEntry = Extract<JournalEntry, { t: 'checked' }>;

/** How asking a probe ended: what the answer tells, why there is none, or no room beside the plan. */
export type Probed = CheckedEntry | Fault | { readonly kind: 'noRoom' };

export type AskProbe = (probe: Probe) => Promise<Probed>;

/** What probes spend and where they are noted. */
export interface ProbeTools {
  readonly policy: Policy;
  readonly budget: Budget;
  readonly journal: Journal;
  readonly around: Surroundings;
  /** Whether this fits beside what the plan needs; each that fits is taken off. */
  readonly takeRoom: (worst: Cost) => boolean;
}

/**
 * Makes the way by which one server is probed: through the budget and the journal, as trials are. What an earlier
 * session learned is not asked again.
 *
 * @throws ModelError from the probe, on a fault that every request would meet
 */
export function makeAskProbe(client: Client, tools: ProbeTools): AskProbe {
  const { policy, journal, budget, around } = tools;
  const { endpoint } = client;
  const { retries } = policy.inference;
  const exchange = makeExchange({ to: 'candidate', endpoint, budget, journal, retries, around });
  const { temperature, topP, seed } = policy.sampling;
  const told = new Map(
    journal.entries.flatMap((entry) => (entry.t === 'checked' ? [[entry.id, entry] as const] : [])),
  );
  return async ({ name, messages, maxTokens }) => {
    const id = `preflight ${endpoint.namedBy} ${name}`;
    const known = told.get(id);
    if (known !== undefined) return known;
    const worst = worstOf(messages, maxTokens);
    if (!tools.takeRoom(worst)) return { kind: 'noRoom' };
    const send = () => client.chat({ messages, temperature, topP, maxTokens, seed }, around.signal);
    const result = await exchange({ id, worst, send });
    if (result.kind === 'refused') return { kind: 'noRoom' };
    if (result.kind === 'fault') return result;
    const { usage, finish, reasoned, text } = result;
    const at = around.now().toISOString();
    const checked: CheckedEntry = {
      t: 'checked',
      id,
      usage,
      finish,
      reasoned,
      empty: text.trim() === '',
      at,
    };
    journal.append(checked);
    told.set(id, checked);
    return checked;
  };
}

/** Nothing has more tokens than bytes; a template adds its opening and marks. */
function worstOf(messages: Probe['messages'], maxTokens: number): Cost {
  const bytes = messages.reduce((sum, { content }) => sum + Buffer.byteLength(content) + 16, 1024);
  return { prompt: bytes, cached: 0, completion: maxTokens };
}

/** What a probe measured; a server that counts nothing says zero. */
export function measure(probe: Probe, { usage }: CheckedEntry) {
  return {
    characters: charactersOf(probe.messages),
    tokens: usage.promptTokens === 0 ? null : usage.promptTokens,
  };
}
