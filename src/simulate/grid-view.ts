import type { BlockSum } from '../analysis/block-t-interval.ts';
import type { CardTables } from '../analysis/card-error.ts';
import { rateOfSums } from '../analysis/compliance-rate.ts';
import { differenceOfSums } from '../analysis/difference-of-differences.ts';
import type { MaybeInterval } from '../analysis/interval.ts';
import { increaseOfSums, type PairTally, tallyRows } from '../analysis/paired-increase.ts';
import { rangeFills, rangeOfRates } from '../analysis/recency.ts';
import type { Fill } from '../analysis/scores.ts';
import { answeredTogether, changedTogether } from '../analysis/together.ts';
import { correctView, type RateTallies } from '../gate/corrected-view.ts';
import { type EvidenceView, type MissingRule, tooFewBlocks } from '../gate/evidence-view.ts';
import type { JudgedView } from '../gate/hold-checks.ts';
import type { DrawnLabels } from './draw-world.ts';
import {
  type CountedPair,
  changesByQuery,
  type PairedTally,
  rowsOf,
  type SidePair,
  type SlotValues,
  slotValues,
  sumsOf,
  tallyPairs,
} from './pair-tally.ts';
import type { TrialGrid } from './trial-grid.ts';

/** Simulated labels as checks see evidence: the same intervals by the same code, from tallies of typed arrays. */
export interface GridEvidence {
  /** @param blocks the blocks that are seen */
  readonly view: (missing: MissingRule, blocks: readonly number[]) => EvidenceView;
  /** The same, and without the judge's error where its card tells it. */
  readonly judged: (
    missing: MissingRule,
    blocks: readonly number[],
    card: CardTables | undefined,
  ) => JudgedView;
  /** Compliance in a condition by block; unscored answers left out. */
  readonly complianceByBlock: (condition: string, blocks: readonly number[]) => readonly BlockSum[];
}

/** The evidence of drawn labels, counted when it is first asked for; valid until the labels are drawn anew. */
export function evidenceOf(grid: TrialGrid, labels: DrawnLabels): GridEvidence {
  const counted = countersOf(grid, labels);
  return {
    view: (missing, blocks) => viewOf(counted, missing, blocks).raw,
    judged: (missing, blocks, card) => {
      const { raw, tallies } = viewOf(counted, missing, blocks);
      return card === undefined ? { raw } : { raw, corrected: correctView({ view: raw, tallies, card }) };
    },
    complianceByBlock: (condition, blocks) =>
      sumsOf(counted.alone('evaluation', condition, 'leftOut'), blocks),
  };
}

type Role = 'evaluation' | 'control';

/** Tallies of one draw, each counted once. */
interface Counters {
  readonly alone: (role: Role, condition: string, fill: Fill) => PairedTally;
  readonly values: (model: keyof DrawnLabels, role: Role, condition: string, fill: Fill) => SlotValues;
  readonly count: (key: string, pair: CountedPair) => PairedTally;
  readonly changes: (key: string, pairs: readonly CountedPair[]) => ReturnType<typeof changesByQuery>;
  readonly sittingsOfQuery: number;
}

const nothing = new Int32Array(0);

function countersOf(grid: TrialGrid, labels: DrawnLabels): Counters {
  const count = remember((_key: string, pair: CountedPair) => tallyPairs(pair, grid));
  const changes = remember((_key: string, pairs: readonly CountedPair[]) => changesByQuery(pairs, grid));
  const gathered = remember(
    (_key: string, model: keyof DrawnLabels, role: Role, condition: string, fill: Fill) =>
      slotValues(grid.cells[role].get(condition) ?? nothing, labels[model], fill),
  );
  const values: Counters['values'] = (model, role, condition, fill) =>
    gathered(`${model} ${role} ${fill} ${condition}`, model, role, condition, fill);
  const zeros = new Uint8Array(grid.blockOfSlot.length);
  const alone: Counters['alone'] = (role, condition, fill) => {
    const first = values('candidate', role, condition, fill);
    return count(`rate ${role} ${condition} ${fill}`, { first, second: zeros });
  };
  return { alone, values, count, changes, sittingsOfQuery: grid.sittingsOfQuery };
}

/** A pair of sides with a name of its own. */
type NamedPair = CountedPair & { readonly name: string };

/** How pairs came in the given blocks, conditions weighing alike. */
function tallyNamed(
  { count, changes, sittingsOfQuery }: Counters,
  pairs: readonly NamedPair[],
  blocks: readonly number[],
): PairTally {
  const rows = pairs.map((pair) => rowsOf(count(pair.name, pair), blocks));
  const most = pairs.length * sittingsOfQuery;
  return tallyRows(rows, (shared) => {
    if (most === 1) return 1;
    const byBlock = changes(pairs.map(({ name }) => name).join(' '), pairs);
    return changedTogether(
      shared.flatMap((block) => byBlock[block] ?? []),
      most,
    );
  });
}

function viewOf(
  counters: Counters,
  missing: MissingRule,
  blocks: readonly number[],
): { readonly raw: EvidenceView; readonly tallies: RateTallies } {
  const { alone, values } = counters;
  const { added, taken } = fills(missing);
  const own = (condition: string, fill: Fill, role: Role = 'evaluation') =>
    values('candidate', role, condition, fill);
  const before = (condition: string, fill: Fill, role: Role = 'evaluation') =>
    values('baseline', role, condition, fill);
  const answers = remember((_key: string, role: Role, condition: string) => {
    const sums = sumsOf(alone(role, condition, added), blocks);
    return { blocks: sums, together: togetherIn(sums, counters) };
  });
  const tallies: RateTallies = (role, condition) => answers(`${role} ${condition}`, role, condition);
  const rate = (role: Role, condition: string, level: number) =>
    rateOfSums({ ...tallies(role, condition), level });
  const tallied = remember((_key: string, pairs: () => readonly NamedPair[]) =>
    tallyNamed(counters, pairs(), blocks),
  );
  /** Checks ask for the same interval again: to pass, and whether a rise is certain. */
  const known = remember((_key: string) => new Map<number, MaybeInterval>());
  const interval = (key: string, level: number, compute: () => MaybeInterval): MaybeInterval => {
    const levels = known(key);
    const value = levels.get(level) ?? compute();
    levels.set(level, value);
    return value;
  };
  const within = (key: string, level: number, pairs: () => readonly NamedPair[]) =>
    interval(key, level, () => increaseOfSums({ ...tallied(key, pairs), level }));
  const compared = (key: string, level: number, pairs: () => readonly NamedPair[]) =>
    tooFewBlocks(tallied(key, pairs)) ?? within(key, level, pairs);
  /** Sums by block of each condition, with unscored answers where they make the range widest, or narrowest. */
  const columnsOf = (conditions: readonly string[]) => {
    const scored = conditions.map((one) => sumsOf(alone('evaluation', one, 'leftOut'), blocks));
    if (missing === 'leftOut') return scored;
    const filled = rangeFills(scored.map(meanOf), missing);
    return conditions.map((one, column) =>
      sumsOf(alone('evaluation', one, filled[column] ?? 'leftOut'), blocks),
    );
  };
  /** (a1 - a0) - (b1 - b0) over the slots that have all four. */
  const double = (key: string, a: SidePair, b: SidePair, level: number) =>
    interval(key, level, () => {
      const part = (name: string, { first, second }: SidePair, other: SidePair) =>
        tallied(name, () => [
          { first, second, also: [other.first, other.second], name: `${name} ${missing}` },
        ]);
      return differenceOf(part(`${key} first`, a, b), part(`${key} second`, b, a), level);
    });
  const contrast = (high: string, low: string, level: number) =>
    within(`contrast ${high} ${low}`, level, () => [
      { first: own(high, added), second: own(low, taken), name: `contrast ${high} ${low} ${missing}` },
    ]);
  const raw: EvidenceView = {
    rate: (condition, level) => rate('evaluation', condition, level),
    controlRate: (condition, level) =>
      tooFewBlocks(tallies('control', condition)) ?? rate('control', condition, level),
    increase: (conditions, level) =>
      compared(`increase ${conditions.join(' ')}`, level, () =>
        conditions.map((one) => ({
          first: own(one, added),
          second: before(one, taken),
          name: `increase ${one} ${missing}`,
        })),
      ),
    controlDecrease: (conditions, level) =>
      compared(`decrease ${conditions.join(' ')}`, level, () =>
        conditions.map((one) => ({
          first: before(one, added, 'control'),
          second: own(one, taken, 'control'),
          name: `decrease ${one} ${missing}`,
        })),
      ),
    contrast,
    contrastIncrease: (high, low, level) =>
      double(
        `rise ${high} ${low}`,
        { first: own(high, added), second: before(high, taken) },
        { first: own(low, taken), second: before(low, added) },
        level,
      ),
    contrastSum: (high, low, level) =>
      double(
        `across ${high} ${low}`,
        { first: own(high, added), second: before(low, taken) },
        { first: own(low, taken), second: before(high, added) },
        level,
      ),
    range: (orderings, level) => {
      const conditions = orderings.map(({ condition }) => condition);
      return interval(`range ${conditions.join(' ')}`, level, () =>
        rangeOfRates({ table: wholeRows(columnsOf(conditions)), conditions, level, contrast }),
      );
    },
  };
  return { raw, tallies };
}

/** The function, computing once for each key, its first argument. */
function remember<Rest extends readonly unknown[], Value>(
  compute: (key: string, ...rest: Rest) => Value,
): (key: string, ...rest: Rest) => Value {
  const known = new Map<string, { readonly value: Value }>();
  return (key, ...rest) => {
    const kept = known.get(key) ?? { value: compute(key, ...rest) };
    known.set(key, kept);
    return kept.value;
  };
}

function meanOf(sums: readonly BlockSum[]): number {
  let [total, answers] = [0, 0];
  for (const { sum, count } of sums) {
    total += sum;
    answers += count;
  }
  return total / answers;
}

/** `added` fills what a quantity adds up, `taken` what it subtracts. */
function fills(missing: MissingRule): { readonly added: Fill; readonly taken: Fill } {
  switch (missing) {
    case 'leftOut':
      return { added: 'leftOut', taken: 'leftOut' };
    case 'highest':
      return { added: 1, taken: 0 };
    case 'lowest':
      return { added: 0, taken: 1 };
  }
}

/** Under `perQuery` a block is a query with all its answers; else each query has one. */
function togetherIn(sums: readonly BlockSum[], { sittingsOfQuery }: Counters): number {
  if (sittingsOfQuery === 1) return 1;
  const asked = sums.filter(({ count }) => count > 0);
  return answeredTogether(asked.map(({ sum, count }) => ({ complied: sum, answers: count })));
}

function differenceOf(first: PairTally, second: PairTally, level: number): MaybeInterval {
  const blocks = first.blocks.map(({ sum, absolute, count }, block) => ({
    sum: sum - (second.blocks[block]?.sum ?? 0),
    // Only serves to tell rounding from variation: the sum of both bounds that of the differences.
    absolute: absolute + (second.blocks[block]?.absolute ?? 0),
    count,
  }));
  return tooFewBlocks({ blocks }) ?? differenceOfSums({ blocks, first, second, level });
}

/** Rates of the blocks that have them in every column. */
function wholeRows(columns: readonly (readonly BlockSum[])[]): number[][] {
  return Array.from({ length: columns[0]?.length ?? 0 }, (_, block) => block).flatMap((block) => {
    const row = columns.flatMap((column) => {
      const { sum = 0, count = 0 } = column[block] ?? {};
      return count > 0 ? [sum / count] : [];
    });
    return row.length === columns.length ? [row] : [];
  });
}
