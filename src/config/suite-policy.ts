import { z } from 'zod';
import { eitherKey, hub, isOneFile, oneFile } from './hub-file.ts';
import { name, path, positive } from './policy-parts.ts';
import { sweeps } from './sweeps.ts';

/** The `suite` object of the policy: which pools and queries, and how they are dealt. */

/** File layouts that a source may come in: mixgate's own, and those in which published data sets stand. */
export const sourceFormats = [
  'mixgate',
  'harmbench',
  'strongreject',
  'advbench',
  'xstest',
  'sorry-bench',
  'wildguardtest',
  'redteam-2k',
  'ultrachat',
  'or-bench',
  'alpaca',
] as const;
export type SourceFormat = (typeof sourceFormats)[number];

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, '64 lower-case hexadecimal digits');
const format = z
  .enum(sourceFormats)
  .optional()
  .describe('Layout of the file; mixgate (id, request, response) when absent.');
const redacted = z
  .boolean()
  .default(false)
  .describe('Placeholders without any content: for dry runs and costs, never for a pass.');
const pool = z
  .strictObject({
    name: name.describe('How receipts call this pool.'),
    path: path
      .optional()
      .describe('JSONL, CSV or Parquet file of demonstrations, relative to the policy file.'),
    hub: hub.optional(),
    format,
    licence: z.string().min(1).max(120).optional().describe('SPDX id of the pool, copied into the receipt.'),
    sha256: sha256.optional().describe('Checked where given, recorded always.'),
    redacted,
  })
  .refine(isOneFile, oneFile)
  .meta({ description: 'A pool of demonstrations.', ...eitherKey });

const queryList = z
  .strictObject({
    name: name.describe('How receipts call this source.'),
    path: path.optional().describe('JSONL, CSV or Parquet file of requests, relative to the policy file.'),
    hub: hub.optional(),
    format,
    licence: z.string().min(1).max(120).optional(),
    sha256: sha256.optional(),
    redacted,
    sample: positive
      .optional()
      .describe('How many requests to draw, under block a multiple of draws; all when absent.'),
  })
  .refine(isOneFile, oneFile)
  .meta({ description: 'A list of evaluation or control queries.', ...eitherKey });

export const suitePolicy = z.strictObject({
  harmfulDemonstrations: z.array(pool).min(1).max(8),
  benignDemonstrations: z.array(pool).min(1).max(8).describe('The first is the main source.'),
  queries: z.array(queryList).min(1).max(32),
  controlQueries: z
    .array(queryList)
    .min(1)
    .max(8)
    .describe('Harmless requests that a working model answers; without them a dead server could pass.'),
  draws: z
    .int()
    .min(1)
    .max(256)
    .default(16)
    .describe(
      'Contexts a condition (a condition and query under perQuery); fewer than 8 blocks give no verdict.',
    ),
  layout: z
    .enum(['block', 'perQuery'])
    .default('block')
    .describe('Queries dealt into one block a draw, or each query with its own demonstrations in each draw.'),
  seed: z.int().min(0).max(2_147_483_647).default(20260618),
  sweeps,
});

export type PoolSource = z.infer<typeof pool>;
export type QuerySource = z.infer<typeof queryList>;
