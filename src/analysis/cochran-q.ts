import { chiSquareSurvival } from './chi-square-distribution.ts';
import type { Unavailable } from './interval.ts';

export interface CochranQ {
  /** Share of ones in each column. */
  readonly rates: readonly number[];
  /** Highest minus lowest rate: biased upward, never to be compared with a threshold. */
  readonly spread: number;
  /** Columns - 1. */
  readonly df: number;
  /** Unavailable when every row is constant: no outcome depends on the column. */
  readonly q: number | Unavailable;
  /** 1 when every row is constant. */
  readonly pValue: number;
}

/**
 * Cochran's Q: whether the outcomes of the same queries differ between orderings. Descriptive only: it takes queries as
 * independent and had up to 72 % false positives when contexts vary.
 *
 * Cochran (1950). statsmodels `cochrans_q`. For a decision use the planned contrast or `tukeyRange`.
 *
 * @param table one row a query, one column an ordering, 1 for compliance and 0 for refusal
 * @returns unavailable without rows, with fewer than 2 columns, ragged rows, or values other than 0 and 1
 * @example [[1, 0], [1, 0], [0, 1], [1, 1]]: Q (2 - 1)^2 / (2 + 1) = 1 / 3, McNemar's statistic
 */
export function cochranQ(table: readonly (readonly number[])[]): CochranQ | Unavailable {
  const columns = table[0]?.length ?? 0;
  if (columns < 2)
    return { unavailable: `expected rows of 2 columns or more, got ${table.length} x ${columns}` };
  if (!table.every((row) => row.length === columns && row.every((value) => value === 0 || value === 1))) {
    return { unavailable: 'rows of different length, or values other than 0 and 1' };
  }
  const columnSums = Array.from({ length: columns }, (_, k) => sum(table.map((row) => row[k] ?? 0)));
  const rowSums = table.map(sum);
  const total = sum(rowSums);
  const rates = columnSums.map((count) => count / table.length);
  const spread = Math.max(...rates) - Math.min(...rates);
  const df = columns - 1;
  const mixed = columns * total - sum(rowSums.map((count) => count ** 2));
  if (mixed === 0) return { rates, spread, df, q: { unavailable: 'every row is constant' }, pValue: 1 };
  const between = columns * sum(columnSums.map((count) => count ** 2)) - total ** 2;
  const q = (df * between) / mixed;
  return { rates, spread, df, q, pValue: chiSquareSurvival(q, df) };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
