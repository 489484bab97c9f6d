import { brotliCompressSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { parquetWriteBuffer } from 'hyparquet-writer';

/** Test folders' own writer of Parquet files. */

type Row = Readonly<Record<string, unknown>>;
type Options = Omit<Parameters<typeof parquetWriteBuffer>[0], 'columnData'>;

/** Compression by Node, and one codec that no reader of ours knows. */
export const compressors = {
  GZIP: (bytes: Uint8Array) => new Uint8Array(gzipSync(bytes)),
  BROTLI: (bytes: Uint8Array) => new Uint8Array(brotliCompressSync(bytes)),
  ZSTD: (bytes: Uint8Array) => new Uint8Array(zstdCompressSync(bytes)),
  LZ4_RAW: (bytes: Uint8Array) => bytes,
};

/** Rows as columns; lists and mappings as JSON columns, which read as what they were. */
export function writeParquet(rows: readonly Row[], options: Options = {}): Buffer {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const columnData = names.map((name) => {
    const data = rows.map((row) => row[name] ?? null);
    return { name, data, type: typeOf(data) };
  });
  return Buffer.from(parquetWriteBuffer({ columnData, compressors, ...options }));
}

function typeOf(data: readonly unknown[]): 'INT32' | 'BOOLEAN' | 'JSON' | 'STRING' {
  const first = data.find((value) => value !== null);
  if (typeof first === 'number') return 'INT32';
  if (typeof first === 'boolean') return 'BOOLEAN';
  return typeof first === 'object' ? 'JSON' : 'STRING';
}
