import { ConfigError } from '../config/errors.ts';
import type { SourceFormat } from '../config/suite-policy.ts';
import { arrangeRows } from './loaders/arrange.ts';
import { asColumns } from './loaders/field.ts';
import { isJsonArray } from './loaders/json-array.ts';
import { recognizeLayout } from './loaders/layouts.ts';
import { type RawRow, readRawRows, type SourceContent } from './raw-rows.ts';
import { demonstrationRow } from './source-file.ts';

/** Where a row of a file stands, and what is to be said of it; never its text. */
export interface Finding {
  readonly line: number;
  readonly id: string | null;
  readonly what: string;
}

/** A row that a run would take. */
export interface PoolRow {
  readonly line: number;
  readonly id: string;
  readonly request: string;
  readonly response: string;
  readonly category?: string | undefined;
  readonly source?: string | undefined;
  readonly pairedWith?: string | undefined;
}

/** A pool's rows, sorted by whether a run would take them. */
export interface SortedRows {
  readonly good: readonly PoolRow[];
  readonly empty: readonly Finding[];
  readonly malformed: readonly Finding[];
  readonly repeatedIds: readonly Finding[];
  /** Rows that the layout's filter leaves out. */
  readonly leftOut: number;
}

/**
 * Reads a pool as far as it can be read: broken rows are findings, where a run would stop at the first.
 *
 * @throws ConfigError where the file as a whole is no pool: its layout, its CSV, nothing in it
 */
export function sortPoolRows(content: SourceContent, file: string, format: SourceFormat): SortedRows {
  const { read, broken } = readWhatCan(content, file);
  const { rows, leftOut } = arrangeRows(read, { file, format, use: 'demonstrations', code: 'POOL_INVALID' });
  const sorted: Mutable = { good: [], empty: [], malformed: [...broken], repeatedIds: [] };
  const lineOfId = new Map<string, number>();
  for (const row of rows) sortRow(row, lineOfId, sorted);
  const malformed = sorted.malformed.toSorted((a, b) => a.line - b.line);
  return { ...sorted, malformed, leftOut };
}

interface Mutable {
  readonly good: PoolRow[];
  readonly empty: Finding[];
  readonly malformed: Finding[];
  readonly repeatedIds: Finding[];
}

function sortRow({ line, value }: RawRow, lineOfId: Map<string, number>, into: Mutable): void {
  const parsed = demonstrationRow.safeParse(value);
  const row = asColumns(value);
  if (!parsed.success) {
    const fields = [...new Set(parsed.error.issues.map(({ path }) => String(path[0] ?? '')))];
    const id = shownId(row?.id);
    const blank = fields.filter((field) => isBlank(row?.[field]));
    const found = blank.length === fields.length ? into.empty : into.malformed;
    found.push({ line, id, what: fields.map((field) => describeField(field, row?.[field])).join(', ') });
    return;
  }
  const { id } = parsed.data;
  const earlier = lineOfId.get(id);
  if (earlier === undefined) {
    lineOfId.set(id, line);
    into.good.push({ line, ...parsed.data });
  } else {
    into.repeatedIds.push({ line, id: shownId(id), what: `the id of line ${earlier}` });
  }
}

/** JSON lines that do not parse are findings; the others are still rows. */
function readWhatCan(
  content: SourceContent,
  file: string,
): { read: readonly RawRow[]; broken: readonly Finding[] } {
  if (!Buffer.isBuffer(content)) return { read: content.rows, broken: [] };
  try {
    return { read: readRawRows(content, file, 'POOL_INVALID'), broken: [] };
  } catch (error) {
    if (!(error instanceof ConfigError) || /\.csv$/i.test(file) || isJsonArray(content.toString('utf8')))
      throw error;
  }
  const read: RawRow[] = [];
  const broken: Finding[] = [];
  for (const [index, bytesOfLine] of splitLines(content).entries()) {
    const line = index + 1;
    try {
      // The reader of a whole file, so that a line is judged here as it is in a run.
      read.push(...readRawRows(bytesOfLine, file, 'POOL_INVALID').map(({ value }) => ({ line, value })));
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      broken.push({ line, id: null, what: 'no JSON object' });
    }
  }
  return { read, broken };
}

/** Lines as bytes: their encoding is the reader’s to judge. */
function splitLines(bytes: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  for (let start = 0; start <= bytes.length; ) {
    const next = bytes.indexOf(0x0a, start);
    const end = next === -1 ? bytes.length : next;
    lines.push(bytes.subarray(start, end));
    start = end + 1;
  }
  return lines;
}

/** A request that is asked, by the list in which it stands. */
export interface ListedQuery {
  readonly file: string;
  readonly id: string | null;
  readonly request: string;
}

/**
 * Every request of a query list, in whatever layout it stands: a pool must not hold any of them, whichever rows a
 * policy would ask.
 *
 * @throws ConfigError QUERIES_INVALID: a list that is read in part would hide what it shares with the pool
 */
export function readAnyQueries(content: SourceContent, file: string): ListedQuery[] {
  const code = 'QUERIES_INVALID';
  const raw = readRawRows(content, file, code);
  const columns = asColumns(raw[0]?.value) ?? {};
  const layout = columns.request === undefined ? recognizeLayout(Object.keys(columns)) : undefined;
  const { rows } = arrangeRows(raw, { file, format: layout?.format ?? 'mixgate', use: 'anything', code });
  return rows.map(({ line, value }) => {
    const { id, request } = asColumns(value) ?? {};
    if (typeof request === 'string' && request.trim() !== '') return { file, id: shownId(id), request };
    throw new ConfigError({
      code,
      where: `${file}:${line} request`,
      expected: 'a text that is not empty',
      got: isBlank(request) ? 'an empty text' : 'something else',
      remedy: 'correct request in that row, or name a file of queries',
    });
  });
}

function isBlank(value: unknown): boolean {
  return typeof value === 'string' && value.trim() === '';
}

function describeField(field: string, value: unknown): string {
  if (field === '') return 'no object';
  if (value === undefined || value === null) return `${field} is missing`;
  if (typeof value !== 'string') return `${field} is no text`;
  return isBlank(value) ? `${field} is empty` : `${field} has ${value.length} characters`;
}

/** An id as a report may show it: short, and only where it is one. */
export function shownId(id: unknown): string | null {
  if (typeof id === 'number') return String(id);
  return typeof id === 'string' && id !== '' ? id.slice(0, 60) : null;
}
