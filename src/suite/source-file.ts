import { z } from 'zod';
import { type Complaint, ConfigError } from '../config/errors.ts';
import { configErrorOf, nearestOf } from '../config/parse-strict.ts';
import type { SourceFormat } from '../config/suite-policy.ts';
import { arrangeRows } from './loaders/arrange.ts';
import type { SourceUse } from './loaders/layout.ts';
import { readRawRows, type SourceContent, sha256Of } from './raw-rows.ts';

/** One in-context pair. `category` and `source` come from the pool's row where it states them. */
export interface Demonstration {
  readonly id: string;
  readonly request: string;
  readonly response: string;
  readonly category?: string | undefined;
  readonly source?: string | undefined;
  /** The harmful demonstration of which this benign one is a rewrite, by its id. */
  readonly pairedWith?: string | undefined;
}

/** A request that is asked; harmful for evaluation, harmless for control. */
export interface Query {
  readonly id: string;
  readonly request: string;
}

/** A file's rows with its hash; rows keep the file's order. */
export interface SourceRows<Row> {
  readonly sha256: string;
  readonly rows: readonly Row[];
}

const id = z.union(
  [z.string().min(1).max(200), z.int().transform(String)],
  'a text of 1 to 200 characters, or a whole number',
);
const text = z
  .string()
  .max(1_000_000)
  .refine((value) => value.trim() !== '');
/** Optional columns: an empty cell of a CSV file says nothing. */
const label = z
  .union([z.string().max(200), z.int().transform(String), z.null()], 'a text of at most 200 characters')
  .optional()
  .transform((value) => value?.trim() || undefined);
export const demonstrationRow = z.object({
  id,
  request: text,
  response: text,
  category: label,
  source: label,
  pairedWith: label,
});
const queryRow = z.object({ id, request: text });
const maxComplaints = 10;

/** @throws ConfigError POOL_INVALID with the file, the lines and the fields; never a row's text */
export function parsePool(
  content: SourceContent,
  file: string,
  format: SourceFormat = 'mixgate',
): SourceRows<Demonstration> {
  return parseRows(content, file, demonstrationRow, 'POOL_INVALID', { format, use: 'demonstrations' });
}

/** @throws ConfigError QUERIES_INVALID with the file, the lines and the fields; never a row's text */
export function parseQueries(
  content: SourceContent,
  file: string,
  format: SourceFormat = 'mixgate',
  use: SourceUse = 'queries',
): SourceRows<Query> {
  return parseRows(content, file, queryRow, 'QUERIES_INVALID', { format, use });
}

/** Control queries: of a data set with both kinds, the harmless ones. */
export function parseControlQueries(
  content: SourceContent,
  file: string,
  format?: SourceFormat,
): SourceRows<Query> {
  return parseQueries(content, file, format, 'controlQueries');
}

/** Rows by a schema, in mixgate's own layout unless `as` names another. */
export function parseRows<Row extends { readonly id: string }>(
  content: SourceContent,
  file: string,
  schema: z.ZodType<Row>,
  code: string,
  as?: { readonly format: SourceFormat; readonly use: SourceUse },
): SourceRows<Row> {
  const read = readRawRows(content, file, code);
  const raw = as === undefined ? read : arrangeRows(read, { file, code, ...as }).rows;
  const rows: Row[] = [];
  const complaints: Complaint[] = [];
  const lineOfId = new Map<string, number>();
  for (const { line, value } of raw) {
    const parsed = schema.safeParse(value);
    if (!parsed.success) {
      complaints.push(
        ...parsed.error.issues.map((issue) => fieldComplaint(issue, value, `${file}:${line}`, code)),
      );
      continue;
    }
    const earlier = lineOfId.get(parsed.data.id);
    if (earlier !== undefined) complaints.push(duplicateId(parsed.data.id, `${file}:${line}`, earlier, code));
    else lineOfId.set(parsed.data.id, line);
    rows.push(parsed.data);
  }
  if (complaints.length > 0) throw configErrorOf(complaints.slice(0, maxComplaints));
  if (rows.length === 0) {
    const remedy = 'fill the file';
    throw new ConfigError({ code, where: file, expected: 'at least one row', got: 'none', remedy });
  }
  return { sha256: sha256Of(content), rows };
}

/** Names what is wrong with a field by its kind and length alone: its text stays where it is. */
function fieldComplaint(issue: z.core.$ZodIssue, value: unknown, where: string, code: string): Complaint {
  const [field] = issue.path;
  if (field === undefined) {
    const remedy = 'write the row as a JSON object';
    return { code, where, expected: 'a JSON object', got: describeKind(value), remedy };
  }
  const name = String(field);
  const isRow = typeof value === 'object' && value !== null;
  const got = isRow ? Reflect.get(value, name) : value;
  const near = isRow && got === undefined ? nearestOf(name, Object.keys(value)) : undefined;
  const hint = near === undefined ? '' : `; the row has ${JSON.stringify(near)}`;
  return {
    code,
    where: `${where} ${name}`,
    expected: `${expectationOf(issue)}${hint}`,
    got: describeKind(got),
    remedy: `correct ${name} in that row`,
  };
}

function expectationOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'too_big':
      return `at most ${issue.maximum} characters`;
    case 'invalid_value':
      return issue.values.map((value) => JSON.stringify(value)).join(' or ');
    case 'invalid_union':
      return issue.message;
    default:
      return 'a text that is not empty';
  }
}

function describeKind(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'string') return value.trim() === '' ? 'an empty text' : `${value.length} characters`;
  if (Array.isArray(value)) return 'a list';
  return value === null ? 'null' : `a value of type ${typeof value}`;
}

function duplicateId(duplicate: string, where: string, earlier: number, code: string): Complaint {
  const got = `${JSON.stringify(duplicate.slice(0, 60))} again (first on line ${earlier})`;
  return { code, where: `${where} id`, expected: 'an id used once', got, remedy: 'give the row another id' };
}
