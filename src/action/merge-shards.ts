import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError, EvidenceError } from '../config/errors.ts';
import { differencesBetween } from '../receipt/difference.ts';
import { shardFiles } from '../receipt/shard-file.ts';
import { pickCandidate } from '../run/gate-inputs.ts';
import type { GateRequest, GateResult } from '../run/gate-request.ts';
import { mergeShards } from '../run/merge.ts';
import { removeReceiptFiles } from '../run/write-receipt.ts';

const mostShards = 1000;

/**
 * Joins the shards that earlier jobs of this workflow run have asked, and decides.
 *
 * @throws ConfigError SHARDS_MISSING; EvidenceError SHARD_OF_OTHER_RUN where the shards are of another workflow run,
 *   another commit or another candidate; and what `mergeShards` throws
 */
export async function mergeJobShards(folder: string, request: GateRequest): Promise<GateResult> {
  const { policyPath, baselineDir, ledgerKey, outDir } = request;
  const result = await mergeShards({
    policyPath,
    shardDirs: listShards(folder),
    baselineDir,
    ledgerKey,
    outDir,
  });
  try {
    requireThisRelease(folder, request, result);
  } catch (error) {
    // A pass for another release must not lie where this one's is uploaded from.
    removeReceiptFiles(outDir);
    throw error;
  }
  return result;
}

/** The folder of each shard: artifacts come one folder each, or a single one without. */
function listShards(folder: string): string[] {
  const inside = existsSync(folder) ? readdirSync(folder, { withFileTypes: true }) : [];
  const folders = inside.filter((entry) => entry.isDirectory()).map(({ name }) => join(folder, name));
  const found = [folder, ...folders.sort()].filter((one) => existsSync(join(one, shardFiles.header)));
  if (found.length > 0 && found.length <= mostShards) return found;
  throw new ConfigError({
    code: 'SHARDS_MISSING',
    where: 'input merge',
    expected: 'a folder with the folders of all shards',
    got: found.length === 0 ? `none with ${shardFiles.header}` : `${found.length} of them`,
    remedy: 'download the artifacts of all shards into it, each into a folder of its own',
  });
}

/** Where the shards say nothing of a workflow, they were not asked in one. */
const ofOneRun = ['repository', 'runId', 'headSha', 'trustedSha'] as const;

function requireThisRelease(folder: string, request: GateRequest, { receipt }: GateResult): void {
  const ran = receipt.run.github;
  const own = Object.fromEntries(ofOneRun.map((key) => [key, request.github?.[key] ?? null]));
  const told = Object.fromEntries(ofOneRun.map((key) => [key, ran?.[key] ?? null]));
  const { candidatePath, model } = request;
  const named = candidatePath !== undefined || model !== undefined;
  const { candidate: found } = receipt.evidence;
  const [difference] = differencesBetween(
    { github: own, candidate: named ? pickCandidate({ candidatePath, model }) : found },
    { github: told, candidate: found },
    '',
  );
  if (difference === undefined) return;
  throw new EvidenceError({
    code: 'SHARD_OF_OTHER_RUN',
    where: `${folder} ${difference.where}`,
    expected: `${difference.expected}, as in this job`,
    got: difference.found,
    remedy: 'merge what the jobs of this workflow run uploaded, for this head',
  });
}
