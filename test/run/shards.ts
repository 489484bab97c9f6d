import { join } from 'node:path';
import { silentLog } from '../../src/config/log.ts';
import type { GateResult } from '../../src/run/gate-request.ts';
import { type MergeRequest, mergeShards } from '../../src/run/merge.ts';
import { runShard, type ShardResult } from '../../src/run/run-shard.ts';
import { type GateChange, gateRequest, makeFolder } from './small-gate.ts';

/** Runs one shard into a folder below `folder`, and returns that folder. */
export async function runOneShard(
  change: GateChange,
  shard: { readonly index: number; readonly of: number },
  folder: string,
): Promise<{ readonly dir: string; readonly result: ShardResult }> {
  const dir = join(folder, `shard-${shard.index}`);
  const result = await runShard(
    { ...gateRequest(change), outDir: dir, shard },
    {
      now: change.now ?? (() => new Date()),
      log: silentLog,
      signal: change.signal ?? new AbortController().signal,
    },
  );
  return { dir, result };
}

/** Runs all shards one after the other, the last first: their order must not matter. */
export async function runShards(change: GateChange, of: number): Promise<string[]> {
  const folder = makeFolder();
  const dirs: string[] = [];
  for (let index = of; index >= 1; index -= 1) {
    dirs.push((await runOneShard(change, { index, of }, folder)).dir);
  }
  return dirs;
}

export async function merge(
  change: Partial<MergeRequest> & Pick<MergeRequest, 'policyPath' | 'shardDirs'>,
): Promise<GateResult> {
  return mergeShards({ outDir: join(makeFolder(), 'out'), ...change });
}
