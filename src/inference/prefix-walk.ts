import type { Context } from '../suite/context.ts';
import type { PlannedTrial } from '../suite/plan.ts';

/**
 * A context on the way through the tree of prefixes, with what is asked in it. Lengths are in characters: what
 * counts is which stretches contexts share, and how long they are beside each other.
 */
export interface Visit<T> {
  readonly items: readonly T[];
  readonly block: number;
  readonly length: number;
  /** How much of its beginning the visit before it has too. */
  readonly shared: number;
  /** Whether it shows no demonstration that the visit before it shows in the same place. */
  readonly apart: boolean;
  /** Of all contexts that begin with the same demonstration in the same draw. */
  readonly strand: string;
}

/**
 * Walks trials context by context. They stand in prefix order, so what a context shares with any earlier one of its
 * block it shares with all between them, and the stretch shared with the one before tells the whole tree. Found as
 * the walk goes on: a large plan has more contexts than memory has room for their rows.
 */
export function* walkContexts(trials: readonly PlannedTrial[]): Generator<Visit<PlannedTrial>> {
  let before: readonly Step[] = [];
  for (let start = 0; start < trials.length; ) {
    const first = trials[start];
    if (first === undefined) return;
    let end = start + 1;
    while (isSameContext(trials[end], first)) end += 1;
    const items = trials.slice(start, end);
    const steps = stepsOf(first.context);
    const same = countShared(before, steps);
    const shared = lengthOf(steps.slice(0, same));
    const strand = strandOf(first.context);
    yield { items, block: first.block, length: lengthOf(steps), shared, apart: same <= 1, strand };
    before = steps;
    start = end;
  }
}

/** What requests that share a beginning have in common: they are best asked of one replica, slot or rank. */
export function strandOf({ draw, carrier, demonstrations }: Context): string {
  return JSON.stringify([draw, carrier, demonstrations[0]?.request ?? null]);
}

function isSameContext(one: PlannedTrial | undefined, other: PlannedTrial): boolean {
  return one !== undefined && one.block === other.block && one.context.sha256 === other.context.sha256;
}

/** What a template puts around a pair, about. */
const aroundPair = 32;

/** A stretch of a prompt that is shared whole or not at all: the form with the system prompt, then pair after pair. */
interface Step {
  /** Equal where the stretch is: a row is one object, however many contexts show it. */
  readonly key: string | Context['demonstrations'][number];
  readonly length: number;
}

function stepsOf({ carrier, systemPrompt, demonstrations }: Context): Step[] {
  const pairs = demonstrations.map((row): Step => {
    return { key: row, length: row.request.length + row.response.length + aroundPair };
  });
  return [{ key: `${carrier} ${systemPrompt}`, length: systemPrompt.length + aroundPair }, ...pairs];
}

function countShared(before: readonly Step[], steps: readonly Step[]): number {
  const differs = steps.findIndex(({ key }, at) => before[at]?.key !== key);
  return differs < 0 ? steps.length : differs;
}

function lengthOf(steps: readonly Step[]): number {
  return steps.reduce((sum, { length }) => sum + length, 0);
}
