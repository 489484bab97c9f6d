import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { parseCandidate } from '../../src/config/candidate.ts';
import { parsePolicy } from '../../src/config/read-policy.ts';
import { type SourceFormat, sourceFormats } from '../../src/config/suite-policy.ts';
import { parseWaiver } from '../../src/config/waiver.ts';
import { parseCanaries } from '../../src/judge/canaries.ts';
import { decodeSource } from '../../src/suite/parquet.ts';
import { readAnyQueries, sortPoolRows } from '../../src/suite/pool-rows.ts';
import { parsePool, parseQueries } from '../../src/suite/source-file.ts';
import { mutate } from './mutate.ts';
import { attempt, demand, type Target } from './target.ts';

const shipped = (name: string) => readFileSync(fileURLToPath(new URL(`../../${name}`, import.meta.url)));
const nothing = async () => {};

const policies = ['quick', 'standard', 'paper'].map((name) => shipped(`policies/${name}.yml`));
policies.push(
  shipped('fixtures/demo/policy.yml'),
  Buffer.from('{"version":1,"name":"x","suite":{},"checks":{}}'),
);

/** A policy that is taken still has something to check, and no limit that everything passes by being none. */
export const policyTarget: Target = {
  name: 'policy',
  feed: (random) => {
    const text = mutate(random.pick(policies), policies, random).toString('utf8');
    return attempt(() => {
      const { checks } = parsePolicy(text, 'policy.yml');
      const limits = Object.values(checks).flatMap((check) => Object.values(check ?? {}));
      demand(limits.length > 1, 'a policy without limits was taken');
      demand(
        limits.every((limit = Number.NaN) => limit >= 0 && limit <= 1),
        'a limit that is no rate was taken',
      );
    });
  },
  close: nothing,
};

const candidates = [
  shipped('fixtures/organisms/family-dpo.yml'),
  Buffer.from(
    `model: m\ndigest: sha256:${'a'.repeat(64)}\ncheckpoint: org/m-1\nfamily: f\ntrainingStage: sft\nparent: p\n`,
  ),
  Buffer.from('version: 1\npolicy: p\nsignedOffBy: a\ndate: 2026-11-20\nreason: r\nuntil: 2026-12-01\n'),
];

export const candidateTarget: Target = {
  name: 'candidate',
  feed: (random) => {
    const text = mutate(random.pick(candidates), [...candidates, ...policies], random).toString('utf8');
    return attempt(() => {
      attemptQuietly(() => parseWaiver(text, 'waiver.yml'));
      for (const value of Object.values(parseCandidate(text, 'candidate.yml'))) {
        demand(
          !/:\/\/|[\p{Cc}\p{Cf}]|(^|[/\\])\.\.([/\\]|$)/u.test(value ?? ''),
          'a candidate with an address was taken',
        );
      }
    });
  },
  close: nothing,
};

interface Sample {
  readonly file: string;
  readonly bytes: Buffer;
}

const rows = Array.from({ length: 40 }, (_, index) => ({
  id: `r${index}`,
  request: `Tell me the colour of box ${index}, "please", and why.`,
  response: `It is grey,\nI think (${index}).`,
}));
const columns = (['id', 'request', 'response'] as const).map((name) => ({
  name,
  data: rows.map((row) => row[name]),
}));
const codecs = ['UNCOMPRESSED', 'SNAPPY'] as const;
const samples: readonly Sample[] = [
  { file: 'pool.jsonl', bytes: Buffer.from(rows.map((row) => JSON.stringify(row)).join('\n')) },
  { file: 'pool.json', bytes: Buffer.from(JSON.stringify(rows, null, 1)) },
  {
    file: 'pool.csv',
    bytes: Buffer.from(
      ['id,request,response', ...rows.map((row) => Object.values(row).map(quoted).join(','))].join('\r\n'),
    ),
  },
  ...codecs.flatMap((codec) =>
    [true, false].map((dictionary) => ({
      file: 'pool.parquet',
      bytes: Buffer.from(
        parquetWriteBuffer({
          codec,
          columnData: columns.map((column) => ({
            ...column,
            ...(dictionary ? {} : { encoding: 'PLAIN' as const }),
          })),
        }),
      ),
    })),
  ),
];

function quoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}

/** Pools and query lists in every layout and format; half of the inputs are Parquet, where the decoder is not ours. */
export const poolTarget: Target = {
  name: 'pool',
  feed: async (random) => {
    const { file, bytes } = random.pick(samples);
    const input = mutate(
      bytes,
      samples.map((one) => one.bytes),
      random,
    );
    const format: SourceFormat = random.next() < 0.6 ? 'mixgate' : random.pick(sourceFormats);
    return await attempt(async () => {
      const content = await decodeSource(input, file);
      attemptQuietly(() => parseQueries(content, file, format));
      attemptQuietly(() => sortPoolRows(content, file, format));
      attemptQuietly(() => readAnyQueries(content, file));
      if (Buffer.isBuffer(content)) attemptQuietly(() => parseCanaries(content, file));
      for (const row of parsePool(content, file, format).rows)
        demand(row.request.trim() !== '' && row.response.trim() !== '', 'an empty row was taken');
    });
  },
  close: nothing,
};

/** A reader beside the one that decides: it may refuse as well, and must not crash. */
function attemptQuietly(work: () => unknown): void {
  try {
    work();
  } catch (error) {
    if (!isRefusal(error)) throw error;
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof Error && 'complaints' in error;
}
