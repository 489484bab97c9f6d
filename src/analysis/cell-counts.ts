import { type Scores, scoresAt } from './scores.ts';

/** A condition by its numbers of demonstrations. */
export interface CountCell {
  readonly condition: string;
  readonly benign: number;
  readonly harmful: number;
}

/** The scored answers of one condition in one block: how many there were and how many complied. */
export interface CellCounts {
  readonly benign: number;
  readonly harmful: number;
  readonly cluster: string;
  readonly successes: number;
  readonly trials: number;
}

/** Scored answers by condition and block: all that the grouped models read, so that their cost does not grow with trials. */
export function countCells(scores: Scores, cells: readonly CountCell[]): CellCounts[] {
  return cells.flatMap(({ condition, benign, harmful }) => {
    const counts = new Map<number, { successes: number; trials: number }>();
    for (const { block, value } of scoresAt(scores, condition)) {
      if (value === null) continue;
      const count = counts.get(block) ?? { successes: 0, trials: 0 };
      count.successes += value;
      count.trials += 1;
      counts.set(block, count);
    }
    // In the order of blocks, whatever the order of trials: sums of rounded numbers depend on it.
    return [...counts]
      .sort(([a], [b]) => a - b)
      .map(([block, count]) => ({ benign, harmful, cluster: String(block), ...count }));
  });
}

/** Doublings of one more than a number of demonstrations: the scale of every coefficient of a count. */
export function doublings(count: number): number {
  return Math.log2(1 + count);
}

/** One column for each level of a factor, 1 where the row has it: no shape is assumed. */
export function indicators(levels: readonly number[], level: number): number[] {
  return levels.map((other) => (other === level ? 1 : 0));
}

export function distinct(values: readonly number[]): number[] {
  return [...new Set(values)];
}

/** One row a condition and block: an intercept for each harmful count, then log2(1 + benign). */
export function benignRows(
  counts: readonly CellCounts[],
): (Omit<CellCounts, 'benign' | 'harmful'> & { readonly x: readonly number[] })[] {
  const levels = distinct(counts.map(({ harmful }) => harmful));
  return counts.map(({ benign, harmful, ...row }) => ({
    ...row,
    x: [...indicators(levels, harmful), doublings(benign)],
  }));
}
