import { type Complaint, ConfigError, EvidenceError } from '../config/errors.ts';
import { differencesBetween } from '../receipt/difference.ts';
import type { ShardHeader } from '../receipt/shard-file.ts';
import type { LabelledTrial } from '../suite/outcome.ts';
import type { Plan } from '../suite/plan.ts';

/** A shard as it lies on the disk, held to its digests. */
export interface LoadedShard {
  readonly dir: string;
  readonly header: ShardHeader;
  readonly trials: readonly LabelledTrial[];
}

/**
 * Holds shards to be all of one run, each once.
 *
 * @returns them in order; at least one
 * @throws ConfigError SHARDS_MISSING; EvidenceError SHARD_TWICE or SHARD_OF_OTHER_RUN naming field and folder
 */
export function requireAllShards(shards: readonly LoadedShard[]): readonly [LoadedShard, ...LoadedShard[]] {
  const [first, ...others] = [...shards].sort((a, b) => a.header.shard.index - b.header.shard.index);
  if (first === undefined) throw missing(['all of them']);
  for (const other of others) requireSameRun(first, other);
  const { of } = first.header.shard;
  const byIndex = new Map<number, LoadedShard>();
  for (const shard of [first, ...others]) {
    const known = byIndex.get(shard.header.shard.index);
    if (known !== undefined) throw twice(known, shard);
    byIndex.set(shard.header.shard.index, shard);
  }
  const absent = Array.from({ length: of }, (_, at) => at + 1).filter((index) => !byIndex.has(index));
  if (absent.length > 0) throw missing(absent.map((index) => `${index}/${of}`));
  requireOneTime([first, ...others]);
  return [first, ...others];
}

const mostHoursApart = 24;

/** Behind the same name and address other weights may stand a day later: a run's own rule for going on holds here too. */
function requireOneTime(shards: readonly LoadedShard[]): void {
  const byEnd = [...shards].sort((a, b) => endOf(a) - endOf(b));
  for (const late of shards) {
    // Each began within a day of the end of one that had begun before it, so that long shards may follow each other.
    const before = byEnd.filter((one) => one !== late && startOf(one) <= startOf(late)).at(-1);
    if (before === undefined || startOf(late) - endOf(before) <= mostHoursApart * 3_600_000) continue;
    throw otherRun({
      where: `${late.dir} asOf`,
      expected: `a start at most ${mostHoursApart} hours after ${before.dir} ended, ${before.header.run.finishedAt}`,
      got: late.header.asOf,
    });
  }
}

function startOf({ header }: LoadedShard): number {
  return Date.parse(header.asOf);
}

function endOf({ header }: LoadedShard): number {
  return Date.parse(header.run.finishedAt);
}

/** What must be the same in all shards of a run, by name. */
function identityOf(header: ShardHeader): Record<string, unknown> {
  const { shard, version, planSha256, policySha256, candidate, judge, attempt, ids } = header;
  // Answers tell these two, and a shard may have none.
  const { answersAs: _a, fingerprint: _f, ...served } = header.served;
  const { requestFields = null, github } = header.run;
  const workflowRun = github?.runId ?? null;
  return {
    shard: { of: shard.of },
    ...{
      version,
      planSha256,
      policySha256,
      candidate,
      served,
      judge,
      attempt,
      ids,
      run: { requestFields, workflowRun },
    },
  };
}

function requireSameRun(first: LoadedShard, other: LoadedShard): void {
  const [difference] = [
    ...differencesBetween(identityOf(first.header), identityOf(other.header), ''),
    ...(['answersAs', 'fingerprint'] as const).flatMap((field) => {
      const [known, found] = [first.header.served[field], other.header.served[field]];
      return known === null || found === null ? [] : differencesBetween(known, found, `served.${field}`);
    }),
  ];
  if (difference === undefined) return;
  throw otherRun({
    where: `${other.dir} ${difference.where}`,
    expected: `${difference.expected}, as in ${first.dir}`,
    got: difference.found,
  });
}

/** @throws EvidenceError SHARD_OF_OTHER_RUN naming the field in which the shards do not fit what is at hand */
export function requireSameInputs(
  [first]: readonly [LoadedShard, ...LoadedShard[]],
  own: {
    readonly policySha256: string;
    readonly planSha256: string;
    readonly canariesSha256: string;
    readonly cardSha256: string | null;
    readonly version: string;
  },
): void {
  const { version, policySha256, planSha256, judge } = first.header;
  const { canariesSha256, cardSha256 } = judge;
  const found = { version, policySha256, canariesSha256, cardSha256, planSha256 };
  const { version: ours, ...files } = own;
  const [difference] = differencesBetween({ version: ours, ...files }, found, '');
  if (difference === undefined) return;
  throw otherRun({
    where: `${first.dir} ${difference.where}`,
    expected: `${difference.expected}, as here`,
    got: difference.found,
  });
}

/**
 * Each row of a shard stands where the plan has its trial. Without the key, HMACs cannot be held to the plan's ids, but
 * role, conditions, block, draw and source can.
 */
export function requireRowsOfPlan(
  own: Plan,
  { dir, header, trials }: LoadedShard,
  publicId: ((id: string) => string) | undefined,
): void {
  const counts = { trials: trials.length, promptTokens: header.promptTokens.length };
  const length = own.trials.length;
  const [short] = differencesBetween({ trials: length, promptTokens: length }, counts, '');
  if (short !== undefined)
    throw otherRun({ where: `${dir} ${short.where}`, expected: short.expected, got: short.found });
  const idOf = header.ids.kind === 'hash' ? (id: string) => id : publicId;
  if (idOf !== undefined && idOf(own.sha256) !== header.ids.ofPlan) {
    throw otherRun({
      where: `${dir} ids`,
      expected: 'ids under the key of this run',
      got: 'ids under another',
    });
  }
  own.trials.forEach(({ trialId, role, conditions, block, draw, source }, index) => {
    const row = trials[index];
    const id = idOf?.(trialId) ?? row?.trialId;
    const planned = { trialId: id, role, conditions, block, draw, source };
    const found = row && {
      trialId: row.trialId,
      role: row.role,
      conditions: row.conditions,
      block: row.block,
      draw: row.draw,
      source: row.source,
    };
    const [difference] = differencesBetween(planned, found, `row ${index + 1}`);
    if (difference !== undefined)
      throw otherRun({
        where: `${dir} ${difference.where}`,
        expected: difference.expected,
        got: difference.found,
      });
  });
}

function otherRun({ where, expected, got }: Pick<Complaint, 'where' | 'expected' | 'got'>): EvidenceError {
  return new EvidenceError({
    code: 'SHARD_OF_OTHER_RUN',
    where,
    expected,
    got,
    remedy: 'merge the shards of one run, under the policy and with the files that they ran with',
  });
}

function twice(known: LoadedShard, again: LoadedShard): EvidenceError {
  const { index, of } = again.header.shard;
  return new EvidenceError({
    code: 'SHARD_TWICE',
    where: again.dir,
    expected: 'each shard once',
    got: `shard ${index}/${of} again, which is in ${known.dir} too`,
    remedy: 'leave one of the two out',
  });
}

function missing(absent: readonly string[]): ConfigError {
  return new ConfigError({
    code: 'SHARDS_MISSING',
    where: 'the folders to merge',
    expected: 'every shard of the run',
    got: `none of ${absent.slice(0, 12).join(', ')}${absent.length > 12 ? ', …' : ''}`,
    remedy: 'run the missing shards, and give the folders of all',
  });
}
