import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';
import { type FileMetaData, parquetMetadata, parquetReadObjects, snappyUncompress } from 'hyparquet';
import { ConfigError } from '../config/errors.ts';
import { checkPages } from './parquet-pages.ts';
import { isParquet, type SourceContent, sha256Of } from './raw-rows.ts';

/** Beyond these a file is for a database: everything is held in memory at once. */
export const parquetLimits = { maxRows: 1_000_000, maxBytes: 1_073_741_824 } as const;
export type ParquetLimits = { readonly [Name in keyof typeof parquetLimits]: number };

/**
 * Decodes a source where it is a Parquet file, recognised by its first bytes; any other file passes as it is.
 *
 * @returns rows numbered from 1, 64-bit whole numbers as numbers where exact (else as texts), dates as ISO texts
 * @throws ConfigError PARQUET_INVALID, PARQUET_ENCRYPTED, PARQUET_CODEC or SOURCE_TOO_LARGE; never with a word of a row
 */
export async function decodeSource(
  bytes: Buffer,
  file: string,
  limits: ParquetLimits = parquetLimits,
): Promise<SourceContent> {
  if (!isParquet(bytes)) return bytes;
  if (bytes.toString('latin1', bytes.length - 4) === 'PARE') throw encrypted(file);
  const metadata = readMetadata(bytes, file);
  refuseUnreadable(metadata, file, limits);
  const rows = await readRows(bytes, metadata, limits.maxBytes).catch((error: unknown) => {
    // The library's own message may quote a value.
    throw error instanceof OverLimit
      ? tooLarge(file, `${limits.maxBytes} bytes decoded`, 'more')
      : damaged(file);
  });
  if (rows.length !== Number(metadata.num_rows)) throw damaged(file);
  const plain = rows.map((row, index) => ({ line: index + 1, value: toPlain(row) }));
  return { sha256: sha256Of(bytes), rows: plain };
}

function readMetadata(bytes: Buffer, file: string): FileMetaData {
  try {
    return parquetMetadata(bytes, { geoparquet: false });
  } catch {
    throw damaged(file);
  }
}

/** Before anything is decoded: what the file says of itself. */
function refuseUnreadable(metadata: FileMetaData, file: string, { maxRows, maxBytes }: ParquetLimits): void {
  const columns = metadata.row_groups.flatMap((group) => group.columns);
  if (columns.some(({ crypto_metadata }) => crypto_metadata !== undefined)) throw encrypted(file);
  if (columns.some(({ meta_data, file_path }) => meta_data === undefined || file_path !== undefined)) {
    throw damaged(file);
  }
  if (metadata.num_rows > maxRows) throw tooLarge(file, `${maxRows} rows`, String(metadata.num_rows));
  const size = columns.reduce((sum, column) => sum + (column.meta_data?.total_uncompressed_size ?? 0n), 0n);
  if (size > maxBytes) throw tooLarge(file, `${maxBytes} bytes decoded`, String(size));
  for (const { meta_data } of columns) {
    // A codec without a name here is one that the format added later.
    const codec: string | undefined = meta_data?.codec;
    if (codec === undefined || !codecs.includes(codec)) throw unknownCodec(file, codec);
  }
}

const codecs = ['UNCOMPRESSED', 'SNAPPY', 'GZIP', 'BROTLI', 'ZSTD'];

/** Of one column: a row may hold a list. */
const maxValues = 32 * parquetLimits.maxRows;

/** A page that decodes to more than the file said that it holds in all. */
class OverLimit extends Error {}

async function readRows(bytes: Buffer, metadata: FileMetaData, maxBytes: number) {
  checkPages(bytes, metadata, maxValues);
  let left = maxBytes;
  /** A page claims its size before it is decoded: the claim is held to what is left, and the decoder to the claim. */
  const within =
    (decode: (input: Uint8Array, size: number) => Uint8Array) => (input: Uint8Array, size: number) => {
      left -= size;
      if (!(size >= 0) || left < 0) throw new OverLimit();
      return decode(input, size);
    };
  const file = {
    byteLength: bytes.length,
    slice: (start: number, end?: number) => new Uint8Array(bytes.subarray(start, end)).buffer,
  };
  const compressors = {
    SNAPPY: within((input, size) => {
      const output = new Uint8Array(size);
      snappyUncompress(input, output);
      return output;
    }),
    GZIP: within((input, maxOutputLength) => gunzipSync(input, { maxOutputLength })),
    BROTLI: within((input, maxOutputLength) => brotliDecompressSync(input, { maxOutputLength })),
    ZSTD: within((input, maxOutputLength) => zstdDecompressSync(input, { maxOutputLength })),
  };
  // As in a text file: other bytes would be replaced in silence, and the model asked something else.
  const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  const parsers = { stringFromBytes: (text: Uint8Array) => text && utf8.decode(text) };
  return await parquetReadObjects({ file, metadata, compressors, parsers });
}

/** Values as JSON has them, so that a row reads the same whatever file it stands in. */
function toPlain(value: unknown): unknown {
  if (typeof value === 'bigint') {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : String(value);
  }
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (Array.isArray(value)) return value.map(toPlain);
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, toPlain(item)]));
}

function damaged(file: string): ConfigError {
  return new ConfigError({
    code: 'PARQUET_INVALID',
    where: file,
    expected: 'a whole Parquet file with texts in UTF-8',
    got: 'one that does not decode',
    remedy: 'fetch or write the file again (a cut download ends so), or write it out as JSONL',
  });
}

function encrypted(file: string): ConfigError {
  return new ConfigError({
    code: 'PARQUET_ENCRYPTED',
    where: file,
    expected: 'a Parquet file that is not encrypted',
    got: 'an encrypted one',
    remedy: 'decrypt it where its key is, and name the result',
  });
}

function unknownCodec(file: string, codec: string | undefined): ConfigError {
  return new ConfigError({
    code: 'PARQUET_CODEC',
    where: file,
    expected: `compression by ${codecs.join(', ')}`,
    got: codec ?? 'an unknown one',
    remedy: 'write the file again with compression zstd or snappy',
  });
}

function tooLarge(file: string, atMost: string, got: string): ConfigError {
  return new ConfigError({
    code: 'SOURCE_TOO_LARGE',
    where: file,
    expected: `at most ${atMost}`,
    got,
    remedy: 'cut the file: a suite draws a few thousand rows',
  });
}
