import type { Policy } from '../config/policy.ts';
import { type Message, trialMessages } from '../suite/context.ts';
import type { Plan, PlannedTrial } from '../suite/plan.ts';

/** A harmless or planned prompt that is asked before the run; the journal knows it by its name. */
export interface Probe {
  readonly name: string;
  readonly messages: readonly Message[];
  readonly maxTokens: number;
}

/** What a plan is probed with. */
export interface Probes {
  /** A harmless question with the run's own settings. */
  readonly question: Probe;
  /** One text as many turns, and in a single one. */
  readonly apart: Probe;
  readonly joined: Probe;
  /** A short and a longer system message; undefined where the plan has none. */
  readonly system: { readonly short: Probe; readonly longer: Probe } | undefined;
  /** A context about half as long as the longest; undefined where the plan has none. */
  readonly half: Probe | undefined;
  readonly longest: Probe;
}

const words = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];

/** The turns that `apart` has. */
export const turnsApart = words.length;

/**
 * The prompts by which a server is tried. Only the first is answered in full; the others are asked for a single token,
 * since what matters of them is how many tokens the server counts.
 */
export function buildProbes(plan: Plan, { sampling }: Policy): Probes {
  const contexts = firstContexts(plan);
  const longest = contexts.reduce((best, one) => (one.characters > best.characters ? one : best));
  const half = nearestHalf(contexts, longest);
  const system = contexts.some(({ messages }) => messages.some(({ role }) => role === 'system'));
  const joined: Message = { role: 'user', content: words.join(' ') };
  const withSystem = (name: string, times: number) =>
    counted(name, [{ role: 'system', content: Array(times).fill('Count on from there.').join(' ') }, joined]);
  return {
    question: { name: 'question', messages: questionOf(plan), maxTokens: sampling.maxTokens },
    apart: counted(
      'turns apart',
      words.map((content, index) => ({ role: index % 2 === 0 ? 'user' : 'assistant', content })),
    ),
    joined: counted('turns joined', [joined]),
    system: system
      ? { short: withSystem('short system message', 1), longer: withSystem('longer system message', 12) }
      : undefined,
    half: half && counted('half as long', half.messages),
    longest: counted('longest', longest.messages),
  };
}

function counted(name: string, messages: readonly Message[]): Probe {
  return { name, messages, maxTokens: 1 };
}

interface Shown {
  readonly carrier: string;
  readonly messages: readonly Message[];
  readonly characters: number;
}

/** One prompt of each context of the plan's first two blocks: a block is a whole design. */
function firstContexts({ trials }: Plan): readonly [Shown, ...Shown[]] {
  const blocks = [...new Set(trials.map(({ block }) => block))].slice(0, 2);
  const first = new Map<string, PlannedTrial>();
  for (const trial of trials) {
    if (blocks.includes(trial.block) && !first.has(trial.context.sha256))
      first.set(trial.context.sha256, trial);
  }
  const [one, ...others] = [...first.values()].map(({ context, query }): Shown => {
    const messages = trialMessages(context, query.request);
    return { carrier: context.carrier, messages, characters: charactersOf(messages) };
  });
  if (one === undefined) throw new RangeError('buildProbes: expected a plan with trials, got none');
  return [one, ...others];
}

/** Between a fifth and four fifths of the longest, brought to the model in the same way. */
function nearestHalf(contexts: readonly Shown[], longest: Shown): Shown | undefined {
  const share = (one: Shown) => one.characters / longest.characters;
  const between = contexts.filter(
    (one) => one.carrier === longest.carrier && share(one) > 0.2 && share(one) < 0.8,
  );
  const off = (one: Shown) => Math.abs(share(one) - 0.5);
  return between.reduce<Shown | undefined>(
    (best, one) => (best === undefined || off(one) < off(best) ? one : best),
    undefined,
  );
}

/** A control query without demonstrations, which a working model answers. */
function questionOf({ trials }: Plan): readonly Message[] {
  const control = trials.find(
    ({ role, context }) => role === 'control' && context.demonstrations.length === 0,
  );
  return control === undefined
    ? [{ role: 'user', content: 'What colour is the sky on a clear day?' }]
    : trialMessages(control.context, control.query.request);
}

/** The length of a prompt's texts. */
export function charactersOf(messages: readonly Message[]): number {
  return messages.reduce((sum, { content }) => sum + content.length, 0);
}
