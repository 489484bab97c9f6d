import type { Plan } from '../suite/plan.ts';

/** A plan as a simulation needs it: numbers for trials, blocks, queries and contexts, without their texts. */
export interface TrialGrid {
  readonly trials: number;
  readonly isControl: Uint8Array;
  /** Place of the trial’s first condition in the plan’s list: conditions that share a trial share its messages. */
  readonly conditionOf: Int32Array;
  readonly blockOf: Int32Array;
  readonly blocks: number;
  /** A query of its role and source, in whatever draw it is asked. */
  readonly queryOf: Int32Array;
  readonly queries: number;
  /** One draw of demonstrations: a block under `block`, a query and draw under `perQuery`. */
  readonly sittingOf: Int32Array;
  readonly sittings: number;
  /** One condition filled from one draw. */
  readonly contextOf: Int32Array;
  readonly contexts: number;
  /** By slot: one query in one sitting. */
  readonly blockOfSlot: Int32Array;
  readonly queryOfSlot: Int32Array;
  /** In how many sittings a query is asked: 1 under `block`, the draws under `perQuery`, whose blocks are queries. */
  readonly sittingsOfQuery: number;
  /** By role and condition: the trials, in the order of slots. -1 where none is. */
  readonly cells: Readonly<Record<'evaluation' | 'control', ReadonlyMap<string, Int32Array>>>;
}

/** The parts of a plan that say where its trials stand. */
export type Layout = Pick<Plan, 'conditions'> & {
  readonly trials: readonly (Pick<
    Plan['trials'][number],
    'role' | 'conditions' | 'block' | 'draw' | 'source'
  > & {
    readonly query: { readonly id: string };
  })[];
};

export function gridOf({ conditions, trials }: Layout): TrialGrid {
  const places = new Map(conditions.map(({ id }, index) => [id, index]));
  const conditionOf = Int32Array.from(trials, ({ conditions: ids }) => places.get(ids[0] ?? '') ?? 0);
  const isControl = Uint8Array.from(trials, ({ role }) => (role === 'control' ? 1 : 0));
  const blocks = numberEach(trials, ({ block }) => block);
  const queries = numberEach(trials, queryKeys());
  const draws = numberEach(trials, ({ draw }) => draw);
  // Pairs of numbers as one: keys of text would take most of the time that a large plan's simulation has.
  const sittings = numberPairs(blocks.of, draws);
  const contexts = numberPairs(sittings.of, { of: conditionOf, count: conditions.length });
  const slots = numberPairs(sittings.of, queries);
  const blockOfSlot = new Int32Array(slots.count);
  const queryOfSlot = new Int32Array(slots.count);
  slots.of.forEach((slot, trial) => {
    blockOfSlot[slot] = blocks.of[trial] ?? 0;
    queryOfSlot[slot] = queries.of[trial] ?? 0;
  });
  return {
    trials: trials.length,
    isControl,
    conditionOf,
    blockOf: blocks.of,
    blocks: blocks.count,
    queryOf: queries.of,
    queries: queries.count,
    sittingOf: sittings.of,
    sittings: sittings.count,
    contextOf: contexts.of,
    contexts: contexts.count,
    blockOfSlot,
    queryOfSlot,
    sittingsOfQuery: largestShare(queryOfSlot, queries.count),
    cells: cellsOf(trials, slots.of, slots.count),
  };
}

function cellsOf(trials: Layout['trials'], slotOf: Int32Array, slots: number): TrialGrid['cells'] {
  const cells = { evaluation: new Map<string, Int32Array>(), control: new Map<string, Int32Array>() };
  trials.forEach(({ role, conditions }, index) => {
    for (const condition of conditions) {
      const cell = cells[role].get(condition) ?? new Int32Array(slots).fill(-1);
      cells[role].set(condition, cell);
      cell[slotOf[index] ?? 0] = index;
    }
  });
  return cells;
}

function largestShare(of: Int32Array, count: number): number {
  const shares = new Int32Array(count);
  for (const one of of) shares[one] = (shares[one] ?? 0) + 1;
  return shares.reduce((largest, share) => Math.max(largest, share), 1);
}

/** Numbers of things, each that of its first appearance, and how many things there are. */
interface Numbers {
  readonly of: Int32Array;
  readonly count: number;
}

function numberEach<T>(things: readonly T[], keyOf: (thing: T) => number): Numbers {
  const known = new Map<number, number>();
  const of = Int32Array.from(things, (thing) => numberOf(known, keyOf(thing)));
  return { of, count: known.size };
}

function numberPairs(first: Int32Array, second: Numbers): Numbers {
  const known = new Map<number, number>();
  const of = first.map((one, index) => numberOf(known, one * second.count + (second.of[index] ?? 0)));
  return { of, count: known.size };
}

function numberOf<Key>(known: Map<Key, number>, key: Key): number {
  const number = known.get(key);
  if (number !== undefined) return number;
  known.set(key, known.size);
  return known.size - 1;
}

/** A number for each query of its role and source. */
function queryKeys(): (trial: Layout['trials'][number]) => number {
  const lists = new Map<string, Map<string, number>>();
  let count = 0;
  return ({ role, source, query }) => {
    const list = lists.get(`${role} ${source}`) ?? new Map<string, number>();
    lists.set(`${role} ${source}`, list);
    const known = list.get(query.id) ?? count++;
    list.set(query.id, known);
    return known;
  };
}
