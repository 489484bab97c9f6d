import { dirname } from 'node:path';
import { exitCodeOf } from '../gate/verdict.ts';
import type { ShardResult } from '../run/run-shard.ts';
import { type Env, readInput } from './inputs.ts';
import { type Publishing, tolerate } from './session.ts';

/** Whether this job asks a part of the plan: what it finds is said by the job that merges, and by nobody before. */
export function asksShard(env: Env): boolean {
  return readInput(env, 'shard') !== undefined;
}

/** A shard that is complete: green, its folder told, no verdict. */
export function publishShard({ runner }: Publishing, { shard, trials, files }: ShardResult): number {
  runner.log.info(
    `shard ${shard.index}/${shard.of} is complete: ${trials} trials; it decides nothing by itself`,
  );
  tolerate(runner, 'outputs', () => runner.setOutput('shard-path', dirname(files.header)));
  tolerate(runner, 'job summary', () =>
    runner.writeSummary(
      `## Shard ${shard.index} of ${shard.of}\n\n${trials} trials were asked and judged. The verdict is that of the job which merges all shards.\n`,
    ),
  );
  return exitCodeOf('pass');
}
