import { createHash } from 'node:crypto';
import { parse as parseCsv } from 'csv-parse/sync';
import { z } from 'zod';
import { ConfigError } from '../config/errors.ts';
import { isJsonArray, readJsonArray } from './loaders/json-array.ts';

/** A row before any schema; `line` is that of a text, or the number of a row in a table, from 1. */
export interface RawRow {
  readonly line: number;
  readonly value: unknown;
}

/** The decoded rows of a file in a binary form, with the SHA-256 of the file's own bytes. */
export interface SourceTable {
  readonly sha256: string;
  readonly rows: readonly RawRow[];
}

/** A file as parsers take it: the bytes of a text, or a table that was decoded where waiting is possible. */
export type SourceContent = Buffer | SourceTable;

/** Of the file's bytes, whatever form they have. */
export function sha256Of(content: SourceContent): string {
  return Buffer.isBuffer(content) ? createHash('sha256').update(content).digest('hex') : content.sha256;
}

/** True where bytes are a Parquet file, by the mark with which it begins (`PARE` with an encrypted footer). */
export function isParquet(bytes: Buffer): boolean {
  return ['PAR1', 'PARE'].includes(bytes.toString('latin1', 0, 4));
}

/** A file's rows before any schema: a table, JSONL, a JSON list, or CSV with a header where the name ends so. */
export function readRawRows(content: SourceContent, file: string, code: string): readonly RawRow[] {
  if (!Buffer.isBuffer(content)) return content.rows;
  if (isParquet(content)) throw broken(code, file, ...textAlone);
  const text = decode(content, file, code);
  if (/\.csv$/i.test(file)) return readCsv(text, file, code);
  return isJsonArray(text) ? readJsonArray(text, file, code) : readJsonLines(text, file, code);
}

/** Pools and query lists are decoded before they come here; labels and canaries are texts. */
const textAlone = ['JSONL, a JSON list or CSV', 'a Parquet file', 'write the file out as JSONL'] as const;

/** UTF-8 or nothing: an unknown byte would be replaced in silence, and the model asked something else. */
function decode(bytes: Buffer, file: string, code: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw broken(code, file, 'text in UTF-8', 'other bytes', 'save the file as UTF-8');
  }
}

function readJsonLines(content: string, file: string, code: string): RawRow[] {
  return content
    .split('\n')
    .map((text, index) => ({ text: text.replace(/\r$/, ''), line: index + 1 }))
    .filter(({ text }) => text.trim() !== '')
    .map(({ text, line }) => {
      try {
        return { line, value: JSON.parse(text) as unknown };
      } catch {
        // The parser's own message would quote the row.
        const remedy = 'write one JSON object a line, or name the file .csv';
        throw broken(code, `${file}:${line}`, 'a JSON object on one line', 'something else', remedy);
      }
    });
}

function readCsv(content: string, file: string, code: string): RawRow[] {
  const [header, ...rows] = readCsvRecords(content, file, code);
  if (header === undefined) return [];
  const where = (line: number) => `${file}:${line}`;
  if (new Set(header.fields).size < header.fields.length) {
    throw broken(code, where(header.line), 'each column once', 'a column again', 'rename one of them');
  }
  return rows.map(({ line, fields }) => {
    if (fields.length === header.fields.length) {
      return { line, value: Object.fromEntries(header.fields.map((name, place) => [name, fields[place]])) };
    }
    const expected = `${header.fields.length} fields, as in the header`;
    throw broken(code, where(line), expected, String(fields.length), 'quote fields with commas');
  });
}

const csvRecords = z.array(z.object({ record: z.array(z.string()), info: z.object({ bytes: z.number() }) }));

/** Records with the line on which each begins; the library's own count of lines is off where quoted lines end in CRLF. */
function readCsvRecords(content: string, file: string, code: string): { line: number; fields: string[] }[] {
  const bytes = Buffer.from(content);
  let line = 1;
  let counted = 0;
  const lineAfter = (end: number) => {
    let begin = end;
    while (bytes[begin] === 0x0a || bytes[begin] === 0x0d) begin += 1;
    for (; counted < begin; counted += 1) if (bytes[counted] === 0x0a) line += 1;
    return line;
  };
  let end = 0;
  try {
    const records = csvRecords.parse(
      parseCsv(bytes, { info: true, skip_empty_lines: true, relax_column_count: true }),
    );
    return records.map(({ record, info }) => {
      const begins = lineAfter(end);
      end = info.bytes;
      return { line: begins, fields: record };
    });
  } catch (cause) {
    const line = cause instanceof Error && 'bytes' in cause ? `:${lineAfter(Number(cause.bytes))}` : '';
    const remedy = 'quote a field that holds quotes, doubling them, and close every quote';
    throw broken(code, `${file}${line}`, 'CSV with a header', 'something else', remedy);
  }
}

function broken(code: string, where: string, expected: string, got: string, remedy: string): ConfigError {
  return new ConfigError({ code, where, expected, got, remedy });
}
