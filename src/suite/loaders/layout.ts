import type { SourceFormat } from '../../config/suite-policy.ts';
import type { Columns, Field } from './field.ts';

/** What a file of a policy is for: it decides which rows of a published data set are meant. */
export type SourceUse = 'queries' | 'controlQueries' | 'demonstrations';

/** All rows, whatever they are good for: what a pool must not repeat. */
export type AnyUse = SourceUse | 'anything';

/** A part of a data set: where a paper or a use takes only some of its rows. */
export interface RowFilter {
  readonly columns: readonly string[];
  /** In words, for messages and docs. */
  readonly says: string;
  readonly keep: (row: Columns) => boolean;
}

/** How a published data set stands in its files: what its columns mean, and what it can be used for. */
export interface Layout {
  readonly format: Exclude<SourceFormat, 'mixgate'>;
  readonly title: string;
  /** Repository or data set card from which the columns are known. */
  readonly source: string;
  /** Sets of columns, one of which tells this layout from the others. */
  readonly knownBy: readonly (readonly string[])[];
  /** Columns of `knownBy` may stand among any others, or are all that there are. */
  readonly knownExactly?: true;
  readonly id?: Field;
  readonly request: Field;
  /** Absent where the data set holds requests alone. */
  readonly response?: Field;
  readonly category?: Field;
  readonly origin?: Field;
  readonly filters: Readonly<Partial<Record<AnyUse, RowFilter>>>;
  /** Why there are no demonstrations in it, where a reader may think that there are. */
  readonly whyNoPool?: string;
}

/** Keeps the rows in which a column says one thing: an unlabelled row is not what its label would be. */
export function whereColumn(name: string, value: string): RowFilter {
  return { columns: [name], says: `${name} is "${value}"`, keep: (row) => row[name] === value };
}

/** The same, for a column that not every edition has: where it is absent, every row is meant. */
export function whereColumnIfThere(name: string, value: string): RowFilter {
  const { columns, says, keep } = whereColumn(name, value);
  return { columns, says, keep: (row) => row[name] === undefined || keep(row) };
}

/** Keeps the rows of which all filters are true. */
export function whereAll(...filters: readonly RowFilter[]): RowFilter {
  return {
    columns: filters.flatMap(({ columns }) => columns),
    says: filters.map(({ says }) => says).join(' and '),
    keep: (row) => filters.every(({ keep }) => keep(row)),
  };
}

export function givesDemonstrations(layout: Layout): boolean {
  return layout.response !== undefined;
}
