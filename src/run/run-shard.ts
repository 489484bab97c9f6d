import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError } from '../config/errors.ts';
import { labelEach, promptTokensOf, publicIds } from '../judge/label-trials.ts';
import { sha256 } from '../receipt/digest.ts';
import { renderLedger } from '../receipt/ledger.ts';
import { renderShard, type ShardHeader, shardFiles } from '../receipt/shard-file.ts';
import { version } from '../version.ts';
import type { Measured } from './ask-and-judge.ts';
import { readGateInputs } from './gate-inputs.ts';
import type { GateRequest, GateTools, Shard } from './gate-request.ts';
import { describeJudges } from './judge-servers.ts';
import { measure } from './measure.ts';
import { judgesServed } from './parts.ts';
import { inputsOfShard } from './shard.ts';
import { judgeOf } from './stage.ts';
import { writeWhole } from './write-file.ts';
import { removeReceiptFiles } from './write-receipt.ts';

/** A shard that is complete: its trials are asked and judged, its files written. */
export interface ShardResult {
  readonly shard: Shard;
  readonly trials: number;
  readonly files: { readonly header: string; readonly labels: string };
}

/**
 * Asks and judges one shard of the plan and writes what `mergeShards` needs of it: ids and labels, never text. It
 * concludes nothing: only all shards together do.
 *
 * @throws MixgateError as `runGate`; ConfigError SHARD_BASELINE
 */
export async function runShard(
  request: GateRequest & { readonly shard: Shard },
  tools: GateTools,
): Promise<ShardResult> {
  if ((request.baselineDir ?? request.baselineUrl) !== undefined) throw baselineOfShard();
  const inputs = inputsOfShard(await readGateInputs(request, tools.signal), request.shard);
  return measure({ request, inputs, tools, clear: removeOwnFiles, compared: 'later' }, (measured) =>
    writeShard(measured, request.shard),
  );
}

function baselineOfShard(): ConfigError {
  return new ConfigError({
    code: 'SHARD_BASELINE',
    where: '--baseline',
    expected: 'no baseline: a shard is compared with nothing',
    got: 'one',
    remedy: 'give --baseline to `mixgate merge`',
  });
}

/** What a folder holds of an earlier run, whole or in shards. */
function removeOwnFiles(outDir: string): void {
  removeReceiptFiles(outDir);
  for (const name of Object.values(shardFiles)) rmSync(join(outDir, name), { force: true });
}

/** Writes labels, then the header: a folder with a header is whole. */
function writeShard(measured: Measured, shard: Shard): ShardResult {
  const { request, inputs } = measured.stage;
  const { plan } = inputs;
  const publicId = publicIds(request.ledgerKey);
  const labels = renderLedger(
    labelEach({ plan, asked: measured.asked, rulings: measured.judged.rulings, publicId }),
  );
  const header = headerOf(measured, { shard, labelsSha256: sha256(labels), ofPlan: publicId(plan.sha256) });
  const write = (name: string, text: string) => writeWhole(join(request.outDir, name), text);
  const files = {
    labels: write(shardFiles.labels, labels),
    header: write(shardFiles.header, renderShard(header)),
  };
  return { shard, trials: plan.trials.length, files };
}

function headerOf(
  { stage, state, asked, judged, served, run }: Measured,
  own: { readonly shard: Shard; readonly labelsSha256: string; readonly ofPlan: string },
): ShardHeader {
  const { request, inputs } = stage;
  const promptTokens = promptTokensOf(asked);
  return {
    schema: 'mixgate.shard/1',
    shard: { ...own.shard },
    version,
    planSha256: inputs.plan.sha256,
    policySha256: inputs.loaded.sha256,
    candidate: inputs.candidate,
    served,
    judge: {
      kind: judged.kind,
      promptSha256: judged.promptSha256,
      ...(judged.parameters === undefined ? {} : { parameters: judged.parameters }),
      ...describeJudges(judgeOf(stage, undefined), judgesServed(stage, state)),
      canariesSha256: inputs.canaries.sha256,
      cardSha256: inputs.card?.sha256 ?? null,
    },
    canaries: judged.canaries.map(({ id, moment, judged: word }) => ({ id, moment, judged: word })),
    asOf: state.header.asOf,
    attempt: request.attempt,
    ids: { kind: request.ledgerKey === undefined ? 'hash' : 'hmac', ofPlan: own.ofPlan },
    labelsSha256: own.labelsSha256,
    promptTokens: inputs.plan.trials.map(({ trialId }) => promptTokens.get(trialId) ?? null),
    run,
  };
}
