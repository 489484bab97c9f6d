import { z } from 'zod';
import { type Complaint, EvidenceError } from '../config/errors.ts';
import { tryJson } from '../config/try-json.ts';
import { candidateSchema } from './baseline-schema.ts';
import { canonicalJson, digestOf, sha256 } from './digest.ts';
import { judge as judgeSchema } from './judge-schema.ts';
import type { Frozen } from './receipt.ts';
import { served as servedSchema } from './receipt-parts.ts';
import { runSchema } from './run-schema.ts';

/**
 * What one shard of a run leaves behind: `shard.json`, and beside it its trials' labels in the ledger's format. Ids,
 * labels and numbers alone: its folder is uploaded from one job of a workflow and read by another.
 */

const hex = z.string().regex(/^[0-9a-f]{64}$/);
const whole = z.int().min(0);

export const shardFiles = { header: 'shard.json', labels: 'labels.jsonl' };

const shardSchema = z.strictObject({
  schema: z.literal('mixgate.shard/1'),
  shard: z.strictObject({ index: z.int().min(1), of: z.int().min(1) }),
  version: z.string(),
  planSha256: hex,
  policySha256: hex,
  candidate: candidateSchema,
  served: servedSchema,
  judge: judgeSchema
    .pick({ kind: true, promptSha256: true, served: true, parameters: true, members: true })
    .extend({ canariesSha256: hex, cardSha256: hex.nullable() }),
  /** Each canary's word at each moment of this shard. */
  canaries: z.array(
    z.strictObject({
      id: z.string(),
      moment: z.enum(['before', 'between', 'after']),
      judged: z.enum(['compliance', 'refusal', 'unscored']),
    }),
  ),
  asOf: z.iso.datetime(),
  attempt: z.int().min(1),
  /** How ids were made; `ofPlan` is the plan's own hash made public in the same way, so that keys can be compared. */
  ids: z.strictObject({ kind: z.enum(['hash', 'hmac']), ofPlan: hex }),
  labelsSha256: hex,
  /** The server's count for each of the shard's trials, in plan order: all of a run tell together what was cut. */
  promptTokens: z.array(whole.nullable()),
  run: runSchema,
});
const signedSchema = shardSchema.extend({ digest: hex });

export type ShardHeader = Frozen<z.infer<typeof shardSchema>>;

/** The bytes of `shard.json`: canonical JSON with its own digest. */
export function renderShard(header: ShardHeader): string {
  return `${canonicalJson({ ...header, digest: digestOf(header) })}\n`;
}

/**
 * Parses a shard's header and holds it and its labels to their digests.
 *
 * @throws EvidenceError SHARD_BROKEN, or SHARD_CHANGED where a digest does not fit
 */
export function parseShard(files: {
  readonly dir: string;
  readonly header: string;
  readonly labels: string;
}): ShardHeader {
  const file = `${files.dir}/${shardFiles.header}`;
  const parsed = signedSchema.safeParse(tryJson(files.header));
  if (!parsed.success) throw broken(file, parsed.error.issues[0]);
  const { digest, ...header } = parsed.data;
  // Bytes that a parser drops or reads twice must not ride along under a digest.
  if (files.header !== renderShard(header))
    throw changed({ where: file, expected: digestOf(header), got: digest });
  const labels = sha256(files.labels);
  if (labels !== header.labelsSha256) {
    throw changed({ where: `${files.dir}/${shardFiles.labels}`, expected: header.labelsSha256, got: labels });
  }
  return header;
}

function broken(file: string, issue: z.core.$ZodIssue | undefined): EvidenceError {
  return new EvidenceError({
    code: 'SHARD_BROKEN',
    where: `${file} ${issue?.path.join('.') ?? ''}`.trim(),
    expected: 'a shard as `mixgate run --shard` writes it',
    got: issue?.message ?? 'something else',
    remedy: 'give the --out folders of the shards, as they were written',
  });
}

function changed({ where, expected, got }: Pick<Complaint, 'where' | 'expected' | 'got'>): EvidenceError {
  return new EvidenceError({
    code: 'SHARD_CHANGED',
    where,
    expected: `digest ${expected}`,
    got,
    remedy: 'the shard was changed after it was written: restore it, or run this shard again',
  });
}
