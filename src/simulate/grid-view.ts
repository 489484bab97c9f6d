import type { BlockSum } from '../analysis/block-t-interval.ts';
import { rateOfSums } from '../analysis/compliance-rate.ts';
import { differenceOfSums } from '../analysis/difference-of-differences.ts';
import type { MaybeInterval } from '../analysis/interval.ts';
import { changedTogether, increaseOfSums } from '../analysis/paired-increase.ts';
import { rangeFills, rangeOfRates } from '../analysis/recency.ts';
import type { Fill } from '../analysis/scores.ts';
import type { EvidenceView, MissingRule } from '../gate/evidence-view.ts';
import type { DrawnLabels } from './draw-world.ts';
import {
  armsOf,
  changesOf,
  countsOf,
  type PairedTally,
  type Side,
  type SidePair,
  sumsOf,
  tallyPairs,
} from './pair-tally.ts';
import type { TrialGrid } from './trial-grid.ts';

/** Simulated labels as checks see evidence: the same intervals by the same code, from tallies of typed arrays. */
export interface GridEvidence {
  /** @param blocks the blocks that are seen */
  readonly view: (missing: MissingRule, blocks: readonly number[]) => EvidenceView;
  /** Compliance in a condition by block; unscored answers left out. */
  readonly complianceByBlock: (condition: string, blocks: readonly number[]) => readonly BlockSum[];
}

const none = new Int32Array(0);

/** The evidence of drawn labels, counted when it is first asked for; valid until the labels are drawn anew. */
export function evidenceOf(grid: TrialGrid, { candidate, baseline }: DrawnLabels): GridEvidence {
  const tallies = new Map<string, PairedTally>();
  const count = (key: string, sides: () => Counted): PairedTally => {
    const tally = tallies.get(key) ?? tallyPairs({ ...sides(), blockOf: grid.blockOf, blocks: grid.blocks });
    tallies.set(key, tally);
    return tally;
  };
  const zeros = new Uint8Array(grid.trials);
  const at = (role: Role, condition: string) => grid.cells[role].get(condition) ?? none;
  const own = (condition: string, fill: Fill, role: Role = 'evaluation'): Side => ({
    trials: at(role, condition),
    labels: candidate,
    fill,
  });
  const before = (condition: string, fill: Fill, role: Role = 'evaluation'): Side => ({
    trials: at(role, condition),
    labels: baseline,
    fill,
  });
  const alone = (role: Role, condition: string, fill: Fill) =>
    count(`rate ${role} ${condition} ${fill}`, () => {
      const first = own(condition, fill, role);
      return { pairs: [{ first, second: { trials: first.trials, labels: zeros, fill: 0 } }] };
    });
  const view = (missing: MissingRule, blocks: readonly number[]): EvidenceView => {
    const { added, taken } = fills(missing);
    const rate = (role: Role, condition: string, level: number) =>
      rateOfSums({ blocks: sumsOf(alone(role, condition, added), blocks), level });
    const paired = (tally: PairedTally, level: number, conditions = 1) =>
      increaseOfSums({
        blocks: sumsOf(tally, blocks),
        arms: armsOf(tally, blocks),
        counts: countsOf(tally, blocks),
        together: conditions === 1 ? 1 : changedTogether(changesOf(tally, blocks), conditions),
        level,
      });
    /** (a1 - a0) - (b1 - b0) over the slots that have all four. */
    const double = (key: string, a: SidePair, b: SidePair, level: number) => {
      const first = count(`${key} first ${missing}`, () => ({ pairs: [a], also: [b.first, b.second] }));
      const second = count(`${key} second ${missing}`, () => ({ pairs: [b], also: [a.first, a.second] }));
      return differenceOf(first, second, blocks, level);
    };
    return {
      rate: (condition, level) => rate('evaluation', condition, level),
      controlRate: (condition, level) => rate('control', condition, level),
      increase: (conditions, level) => {
        const pairs = () => conditions.map((one) => ({ first: own(one, added), second: before(one, taken) }));
        const tally = count(`increase ${conditions.join(' ')} ${missing}`, () => ({ pairs: pairs() }));
        return paired(tally, level, conditions.length);
      },
      controlDecrease: (conditions, level) => {
        const pairs = () =>
          conditions.map((one) => ({
            first: before(one, added, 'control'),
            second: own(one, taken, 'control'),
          }));
        const tally = count(`decrease ${conditions.join(' ')} ${missing}`, () => ({ pairs: pairs() }));
        return paired(tally, level, conditions.length);
      },
      contrast: (high, low, level) => {
        const pair = () => ({ first: own(high, added), second: own(low, taken) });
        return paired(
          count(`contrast ${high} ${low} ${missing}`, () => ({ pairs: [pair()] })),
          level,
        );
      },
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
        const scored = conditions.map((one) => sumsOf(alone('evaluation', one, 'leftOut'), blocks));
        const filled = rangeFills(scored.map(meanOf), missing);
        const columns = conditions.map((one, column) =>
          sumsOf(alone('evaluation', one, filled[column] ?? 'leftOut'), blocks),
        );
        return rangeOfRates(wholeRows(columns), level);
      },
    };
  };
  return {
    view,
    complianceByBlock: (condition, blocks) => sumsOf(alone('evaluation', condition, 'leftOut'), blocks),
  };
}

type Role = 'evaluation' | 'control';
type Counted = Omit<Parameters<typeof tallyPairs>[0], 'blockOf' | 'blocks'>;

function meanOf(sums: readonly BlockSum[]): number {
  const total = (of: 'sum' | 'count') => sums.reduce((all, block) => all + block[of], 0);
  return total('sum') / total('count');
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

function differenceOf(
  first: PairedTally,
  second: PairedTally,
  blocks: readonly number[],
  level: number,
): MaybeInterval {
  const others = sumsOf(second, blocks);
  const sums = sumsOf(first, blocks).map(({ sum, absolute, count }, block) => ({
    sum: sum - (others[block]?.sum ?? 0),
    // Only serves to tell rounding from variation: the sum of both bounds that of the differences.
    absolute: absolute + (others[block]?.absolute ?? 0),
    count,
  }));
  return differenceOfSums({
    blocks: sums,
    first: countsOf(first, blocks),
    second: countsOf(second, blocks),
    level,
  });
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
