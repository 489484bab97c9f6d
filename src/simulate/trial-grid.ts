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
  /** By role and condition: the trials, in the order of slots; a slot is one query in one sitting. -1 where none is. */
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
  const first = (ids: readonly string[]) => places.get(ids[0] ?? '') ?? 0;
  const [blocks, queries, sittings, contexts, slots] = [
    numbering(),
    numbering(),
    numbering(),
    numbering(),
    numbering(),
  ];
  const queryOf = Int32Array.from(trials, ({ role, source, query }) =>
    queries.of(`${role} ${source} ${query.id}`),
  );
  const sittingOf = Int32Array.from(trials, ({ block, draw }) => sittings.of(`${block} ${draw}`));
  const slotOf = sittingOf.map((sitting, index) => slots.of(`${sitting} ${queryOf[index]}`));
  return {
    trials: trials.length,
    isControl: Uint8Array.from(trials, ({ role }) => (role === 'control' ? 1 : 0)),
    conditionOf: Int32Array.from(trials, ({ conditions: ids }) => first(ids)),
    blockOf: Int32Array.from(trials, ({ block }) => blocks.of(block)),
    blocks: blocks.size(),
    queryOf,
    queries: queries.size(),
    sittingOf,
    sittings: sittings.size(),
    contextOf: sittingOf.map((sitting, index) =>
      contexts.of(`${sitting} ${first(trials[index]?.conditions ?? [])}`),
    ),
    contexts: contexts.size(),
    cells: cellsOf(trials, slotOf, slots.size()),
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

/** Gives each thing the number of its first appearance. */
function numbering() {
  const known = new Map<string | number, number>();
  return {
    of: (key: string | number): number => {
      const number = known.get(key) ?? known.size;
      known.set(key, number);
      return number;
    },
    size: () => known.size,
  };
}
