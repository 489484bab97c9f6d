import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { parquetWriteBuffer, type SchemaElement } from 'hyparquet-writer';
import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../src/config/errors.ts';
import { parseCanaries } from '../../src/judge/canaries.ts';
import { decodeSource, type ParquetLimits, parquetLimits } from '../../src/suite/parquet.ts';
import { checkPool } from '../../src/suite/pool-check.ts';
import { readRawRows } from '../../src/suite/raw-rows.ts';
import { parseControlQueries, parsePool, parseQueries } from '../../src/suite/source-file.ts';
import { refusalOf } from '../config/complaints.ts';
import { sampleFiles } from './loaders/sample-files.ts';
import { writeParquet } from './parquet-files.ts';

const pair = (id: string, request = `request ${id}`) => ({ id, request, response: `response ${id}` });
const pairs = [pair('a'), pair('b', 'zwölf “Ä” 😀'), pair('c')];

async function refusalOfDecoding(bytes: Buffer, limits: Partial<ParquetLimits> = {}): Promise<ConfigError> {
  try {
    await decodeSource(bytes, 'pool.parquet', { ...parquetLimits, ...limits });
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('expected a ConfigError, got no error');
}

describe('a Parquet file', () => {
  it.each(['UNCOMPRESSED', 'SNAPPY', 'GZIP', 'BROTLI', 'ZSTD'] as const)(
    'is a pool like any other, compressed by %s',
    async (codec) => {
      const bytes = writeParquet(pairs, { codec });
      const content = await decodeSource(bytes, 'pool.parquet');
      expect(parsePool(content, 'pool.parquet')).toEqual({
        sha256: createHash('sha256').update(bytes).digest('hex'),
        rows: pairs,
      });
    },
  );

  it('is known by its first bytes, whatever it is called; all else passes as it is', async () => {
    const bytes = writeParquet(pairs);
    expect(parsePool(await decodeSource(bytes, 'pool.csv'), 'pool.csv').rows).toEqual(pairs);
    const text = Buffer.from('{"id":"PAR1"}');
    expect(await decodeSource(text, 'pool.parquet')).toBe(text);
  });

  it('keeps the order of rows over groups and pages', async () => {
    const rows = Array.from({ length: 2500 }, (_, index) => pair(`r${index}`));
    const content = await decodeSource(writeParquet(rows, { rowGroupSize: [7, 900], pageSize: 512 }), 'p');
    expect(parsePool(content, 'p').rows).toEqual(rows);
  });

  it('gives whole numbers as numbers where they are exact, else as texts, and null as nothing', async () => {
    const big = 2n ** 60n + 1n;
    const bytes = Buffer.from(
      parquetWriteBuffer({
        columnData: [
          { name: 'id', data: [7n, big], type: 'INT64' },
          { name: 'request', data: ['one', 'two'], type: 'STRING' },
          { name: 'category', data: [null, 'c'], type: 'STRING' },
          { name: 'at', data: [new Date(0), null], type: 'TIMESTAMP' },
        ],
      }),
    );
    const content = await decodeSource(bytes, 'q');
    expect(parseQueries(content, 'q').rows).toEqual([
      { id: '7', request: 'one' },
      { id: String(big), request: 'two' },
    ]);
    expect(readRawRows(content, 'q', 'X')[0]?.value).toEqual({
      id: 7,
      request: 'one',
      category: null,
      at: '1970-01-01T00:00:00.000Z',
    });
  });

  it('gives back any text that was written', async () => {
    const text = fc.string({ unit: 'grapheme' }).filter((one) => one.trim() !== '');
    await fc.assert(
      fc.asyncProperty(fc.array(text, { minLength: 1 }), async (texts) => {
        const rows = texts.map((request, index) => ({ id: `r${index}`, request }));
        expect(parseQueries(await decodeSource(writeParquet(rows), 'q'), 'q').rows).toEqual(rows);
      }),
      { seed: 5 },
    );
  });

  it('names broken rows by their number, and pool check lists them', async () => {
    const content = await decodeSource(writeParquet([pair('a'), { ...pair('b'), response: ' ' }]), 'p');
    expect(refusalOf(() => parsePool(content, 'p')).complaints).toMatchObject([{ where: 'p:2 response' }]);
    const report = checkPool({
      file: 'p',
      content,
      format: 'mixgate',
      licence: null,
      maxChars: 100,
      queryLists: [],
    });
    expect(report).toMatchObject({ rows: 2, usableRows: 1, findings: { empty: [{ line: 2, id: 'b' }] } });
  });

  it('names a column that is not there', async () => {
    const content = await decodeSource(writeParquet([{ id: 'a', reqest: 'x' }]), 'q');
    expect(refusalOf(() => parseQueries(content, 'q')).complaints).toMatchObject([
      { where: 'q:1 request', expected: expect.stringContaining('the row has "reqest"') },
    ]);
  });
});

describe('the published layouts as Parquet', () => {
  for (const { format, file, text, queries, controlQueries, demonstrations } of sampleFiles) {
    it(`${format} (${file}) reads as its text does`, async () => {
      const rows = readRawRows(Buffer.from(text), file, 'X').map(({ value }) => ({ ...Object(value) }));
      const content = await decodeSource(writeParquet(rows), 'data.parquet');
      expect(parseQueries(content, file, format).rows).toEqual(queries);
      expect(parseControlQueries(content, file, format).rows).toEqual(controlQueries);
      if (demonstrations === undefined) {
        expect(refusalOf(() => parsePool(content, file, format)).code).toBe('POOL_WITHOUT_RESPONSES');
      } else {
        expect(parsePool(content, file, format).rows).toMatchObject(demonstrations);
      }
      expect(refusalOf(() => parseQueries(content, file)).code).toBe('FORMAT_UNDECLARED');
    });
  }
});

describe('lists of a Parquet file', () => {
  it('read as lists: the turns of a dialogue, as UltraChat has them', async () => {
    const turns = [
      [
        { role: 'user', content: 'Name a colour.' },
        { role: 'assistant', content: 'Blue.' },
      ],
      [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Name a tree.' },
        { role: 'assistant', content: 'An oak.' },
      ],
    ];
    const text = { type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' } as const;
    const schema: SchemaElement[] = [
      { name: 'root', num_children: 2 },
      { name: 'prompt_id', ...text },
      { name: 'messages', repetition_type: 'OPTIONAL', converted_type: 'LIST', num_children: 1 },
      { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
      { name: 'element', repetition_type: 'OPTIONAL', num_children: 2 },
      { name: 'content', ...text },
      { name: 'role', ...text },
    ];
    const columnData = [
      { name: 'prompt_id', data: ['p1', 'p2'] },
      { name: 'messages', data: turns },
    ];
    const content = await decodeSource(Buffer.from(parquetWriteBuffer({ columnData, schema })), 'u');
    expect(parsePool(content, 'u', 'ultrachat').rows).toMatchObject([
      { id: 'p1', request: 'Name a colour.', response: 'Blue.' },
      { id: 'p2', request: 'Name a tree.', response: 'An oak.' },
    ]);
  });
});

describe('a Parquet file that is refused', () => {
  const whole = writeParquet(pairs);

  it('was cut, wherever', async () => {
    for (let end = 4; end < whole.length; end += 7) {
      expect(await refusalOfDecoding(whole.subarray(0, end))).toMatchObject({ code: 'PARQUET_INVALID' });
    }
  });

  it('has a page of negative size, which would lead the decoder back to itself for ever', async () => {
    const bytes = Buffer.from(writeParquet(pairs, { codec: 'UNCOMPRESSED' }));
    // Head of the first page: type, size, size as compressed, each after a byte 0x15; an odd number is negative.
    expect([bytes[4], bytes[6], bytes[8], (bytes[9] ?? 1) % 2]).toEqual([0x15, 0x15, 0x15, 0]);
    for (const negative of [1, 3, 21, 43]) {
      bytes[9] = negative;
      expect(await refusalOfDecoding(bytes)).toMatchObject({ code: 'PARQUET_INVALID' });
    }
  });

  it('is encrypted', async () => {
    const bytes = Buffer.concat([Buffer.from('PARE'), whole.subarray(4, -4), Buffer.from('PARE')]);
    expect(await refusalOfDecoding(bytes)).toMatchObject({ code: 'PARQUET_ENCRYPTED' });
  });

  it('is compressed as Node cannot read it', async () => {
    const refusal = await refusalOfDecoding(writeParquet(pairs, { codec: 'LZ4_RAW' }));
    expect(refusal).toMatchObject({ code: 'PARQUET_CODEC', message: expect.stringContaining('LZ4_RAW') });
  });

  it('has too many rows, or too many bytes by its own word', async () => {
    expect(await refusalOfDecoding(whole, { maxRows: 2 })).toMatchObject({
      code: 'SOURCE_TOO_LARGE',
      message: 'pool.parquet: expected at most 2 rows, got 3',
    });
    expect(await refusalOfDecoding(whole, { maxBytes: 20 })).toMatchObject({ code: 'SOURCE_TOO_LARGE' });
    await expect(decodeSource(whole, 'p', { ...parquetLimits, maxRows: 3 })).resolves.toBeDefined();
  });

  it('unpacks to more than it says', async () => {
    const bomb = new Uint8Array(gzipSync(Buffer.alloc(1_000_000)));
    const bytes = writeParquet(pairs, { codec: 'GZIP', compressors: { GZIP: () => bomb } });
    expect(await refusalOfDecoding(bytes)).toMatchObject({ code: 'PARQUET_INVALID' });
  });

  it('is not UTF-8, rather than read with other letters', async () => {
    const latin1 = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'));
    const columnData = [
      { name: 'id', data: ['a'], type: 'STRING' as const },
      { name: 'request', data: [latin1('caf\u00e9')], type: 'BYTE_ARRAY' as const },
    ];
    const bytes = Buffer.from(parquetWriteBuffer({ columnData }));
    expect(await refusalOfDecoding(bytes)).toMatchObject({ code: 'PARQUET_INVALID' });
  });

  it('stands where labels are read, which are texts', () => {
    expect(refusalOf(() => parseCanaries(whole, 'labels.parquet'))).toMatchObject({
      code: 'CANARIES_INVALID',
      message: expect.stringContaining('Parquet'),
    });
  });
});
