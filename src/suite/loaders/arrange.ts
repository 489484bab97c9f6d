import { ConfigError } from '../../config/errors.ts';
import { nearestOf } from '../../config/parse-strict.ts';
import type { SourceFormat } from '../../config/suite-policy.ts';
import type { RawRow } from '../raw-rows.ts';
import { asColumns, type Columns } from './field.ts';
import { type AnyUse, givesDemonstrations, type Layout } from './layout.ts';
import { layoutOf, recognizeLayout } from './layouts.ts';

/** What a file is read as; `code` is that of the errors about its rows. */
export interface Arrangement {
  readonly file: string;
  readonly format: SourceFormat;
  readonly use: AnyUse;
  readonly code: string;
}

/** A file's rows in mixgate's own columns, and how many the layout's filter left out. */
export interface ArrangedRows {
  readonly rows: readonly RawRow[];
  readonly leftOut: number;
}

/**
 * Turns the rows of a published layout into mixgate's own (`id`, `request`, `response`, `category`, `source`),
 * each with the line that it stands on; rows in mixgate's layout pass as they are.
 *
 * @throws ConfigError FORMAT_UNDECLARED, FORMAT_MISMATCH, POOL_WITHOUT_RESPONSES, or `code` where no row is meant
 */
export function arrangeRows(raw: readonly RawRow[], as: Arrangement): ArrangedRows {
  const recognized = recognizeLayout(columnsOf(raw));
  if (as.format === 'mixgate') {
    if (recognized !== undefined && !raw.some(({ value }) => asColumns(value)?.request !== undefined)) {
      throw undeclared(recognized, as);
    }
    if (as.use === 'demonstrations' && holdsRequestsAlone(raw)) {
      const near = nearestOf('response', columnsOf(raw));
      const hint = near === undefined ? '' : `; the first has ${JSON.stringify(near)}`;
      throw withoutResponses('a list of requests', `no row has a response${hint}`, as.file);
    }
    return { rows: raw, leftOut: 0 };
  }
  const layout = layoutOf(as.format);
  if (as.use === 'demonstrations' && !givesDemonstrations(layout))
    throw layoutWithoutResponses(layout, as.file);
  if (raw.length > 0 && !raw.some(({ value }) => hasRequest(layout, value)))
    throw mismatch(layout, recognized, as.file);
  const rows = raw.flatMap((row, index) => arrangeRow(layout, row, index, as.use));
  if (raw.length > 0 && rows.length === 0) throw nothingMeant(layout, raw.length, as);
  return { rows, leftOut: raw.length - rows.length };
}

/** The columns of the first row that has any: editions do not change them within a file. */
function columnsOf(raw: readonly RawRow[]): string[] {
  for (const { value } of raw) {
    const row = asColumns(value);
    if (row !== undefined) return Object.keys(row);
  }
  return [];
}

function holdsRequestsAlone(raw: readonly RawRow[]): boolean {
  const rows = raw.map(({ value }) => asColumns(value)).filter((row) => row !== undefined);
  return (
    rows.some(({ request }) => request !== undefined) && rows.every(({ response }) => response === undefined)
  );
}

function hasRequest(layout: Layout, value: unknown): boolean {
  const row = asColumns(value);
  return row !== undefined && layout.request.read(row) !== undefined;
}

/** Ids of rows that have none count the file's rows, those included that a filter leaves out. */
function arrangeRow(layout: Layout, { line, value }: RawRow, index: number, use: AnyUse): RawRow[] {
  const row = asColumns(value);
  // What is no object cannot be filtered: it goes on as it is, and the schema says what is wrong with it.
  if (row === undefined) return [{ line, value }];
  if (layout.filters[use]?.keep(row) === false) return [];
  return [{ line, value: mixgateRow(layout, row, `${layout.format}-${index + 1}`) }];
}

function mixgateRow(layout: Layout, row: Columns, ownId: string): Columns {
  const id = layout.id?.read(row);
  const named = id === undefined || id === null || id === '' ? ownId : id;
  const fields = {
    request: layout.request.read(row),
    response: layout.response?.read(row),
    category: readLabel(layout.category?.read(row)),
    source: readLabel(layout.origin?.read(row)),
  };
  const filled = Object.entries(fields).filter(([, value]) => value !== undefined);
  return { id: named, ...Object.fromEntries(filled) };
}

/** Data sets write categories as names or as numbers. */
function readLabel(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function undeclared(layout: Layout, { file, use }: Arrangement): ConfigError {
  if (use === 'demonstrations' && !givesDemonstrations(layout)) return layoutWithoutResponses(layout, file);
  return new ConfigError({
    code: 'FORMAT_UNDECLARED',
    where: file,
    expected: 'the columns id and request (mixgate’s own layout)',
    got: `the columns of ${layout.title}`,
    remedy: `this looks like ${layout.title}: add format: ${layout.format} to this source in the policy (--format ${layout.format} on the command line)`,
  });
}

function layoutWithoutResponses({ title, whyNoPool }: Layout, file: string): ConfigError {
  return withoutResponses(title, whyNoPool ?? 'it publishes requests alone', file);
}

function withoutResponses(what: string, why: string, file: string): ConfigError {
  return new ConfigError({
    code: 'POOL_WITHOUT_RESPONSES',
    where: file,
    expected: 'demonstrations: requests with their responses',
    got: `${what}: ${why}`,
    remedy:
      'responses come from your own file: write id, request, response as JSONL and name that as the pool (docs/pools.md); this file can be a query list',
  });
}

/** The file's own column names stay out of it: in a CSV without a header they are a row's text. */
function mismatch(layout: Layout, recognized: Layout | undefined, file: string): ConfigError {
  const other = recognized === undefined || recognized === layout ? undefined : recognized;
  return new ConfigError({
    code: 'FORMAT_MISMATCH',
    where: file,
    expected: `the columns of ${layout.title} (${layout.request.columns.join(' or ')} for the request)`,
    got: other === undefined ? 'other columns' : `the columns of ${other.title}`,
    remedy:
      other === undefined
        ? `name the file as ${layout.source} publishes it, with its header, or drop format and write id and request`
        : `write format: ${other.format}`,
  });
}

function nothingMeant(layout: Layout, total: number, { file, use, code }: Arrangement): ConfigError {
  return new ConfigError({
    code,
    where: file,
    expected: `at least one row in which ${layout.filters[use]?.says ?? 'there is a request'}`,
    got: `${total} ${total === 1 ? 'row' : 'rows'}, none of them so`,
    remedy: `name the file of ${layout.title} that holds such rows`,
  });
}
