import { closeSync, existsSync, openSync, readdirSync, rmSync, writeSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { type Complaint, ConfigError } from '../config/errors.ts';
import type { Log } from '../config/log.ts';
import { makeFolder } from '../config/make-folder.ts';
import { type BatchAsking, renderBatchLine } from '../inference/batch-file.ts';
import { type Engine, profileOf } from '../inference/engine.ts';
import { presetOf } from '../inference/presets.ts';
import { Prompts } from '../inference/prompts.ts';
import { shardFiles } from '../receipt/shard-file.ts';
import type { PlannedTrial } from '../suite/plan.ts';
import { keepOutOfGit, requireFolder } from './folders.ts';
import { readSuite } from './gate-inputs.ts';
import { orUnwritable } from './output-file.ts';
import { receiptName } from './write-receipt.ts';

/** Which suite is written, for whom, and where. */
export interface BatchExportRequest {
  readonly policyPath: string;
  /** Name under which the batch service or engine knows the model. */
  readonly model: string;
  /** Whose parameters a request sets: each engine takes others, and refuses or ignores the rest. */
  readonly engine: Engine;
  /** Requests in one file at the most; a context that is larger has a file of its own. */
  readonly shardSize: number;
  readonly outDir: string;
}

/** What was written. */
export interface BatchExport {
  readonly files: readonly { readonly file: string; readonly requests: number }[];
  readonly requests: number;
}

/**
 * Writes the suite in the OpenAI batch file format, in prefix order, whole contexts to a file. The files hold prompts:
 * they are their owner's alone, and stand in no folder that is uploaded with a receipt.
 *
 * @throws ConfigError on the policy, or BATCH_FOLDER
 */
export async function exportBatch(request: BatchExportRequest, log: Log): Promise<BatchExport> {
  const { policyPath, outDir, shardSize } = request;
  const { loaded, plan } = await readSuite(policyPath);
  refuseReceiptFolder(outDir);
  requireFolder(outDir, '--out', 0o700);
  refuseUsedFolder(outDir);
  keepOutOfGit(outDir);
  log.warn(
    `the files in ${outDir} hold every prompt of the suite: keep them to yourself, and delete them after use`,
  );
  const asking = askingOf(request, loaded.policy.sampling);
  const files = cutIntoFiles(plan.trials, shardSize).map((trials, index) => {
    const file = join(outDir, `batch-${String(index + 1).padStart(4, '0')}.jsonl`);
    writeBatch({ file, named: '--out', trials, asking });
    return { file, requests: trials.length };
  });
  return { files, requests: plan.trials.length };
}

/** How trials are asked of a model that stands behind a batch: nothing is known of its server. */
export function askingOf(
  { model, engine }: Pick<BatchExportRequest, 'model' | 'engine'>,
  sampling: BatchAsking['sampling'],
): BatchAsking {
  return { model, manner: { profile: profileOf(engine), preset: presetOf([model]) }, sampling };
}

/** Requests for one file of a batch. */
export interface BatchToWrite {
  readonly file: string;
  /** The flag that names the file or its folder. */
  readonly named: '--out' | '--missing-out';
  readonly trials: readonly PlannedTrial[];
  readonly asking: BatchAsking;
  /** Ids of trials that need room for reasoning. */
  readonly reasoned?: ReadonlySet<string>;
}

/** @throws ConfigError BATCH_FOLDER where the file is there already; OUTPUT_UNWRITABLE */
export function writeBatch({ file, named, trials, asking, reasoned }: BatchToWrite): void {
  if (existsSync(file))
    throw folderError({ where: file, expected: 'a file that is not there yet', got: 'an earlier one' });
  orUnwritable(file, named, () => {
    makeFolder(dirname(resolve(file)), 0o700);
    const handle = openSync(file, 'wx', 0o600);
    try {
      const prompts = new Prompts();
      for (const trial of trials) {
        const needsRoom = reasoned?.has(trial.trialId) === true;
        const line = Buffer.from(renderBatchLine(trial, asking, prompts, needsRoom));
        for (let written = 0; written < line.length; ) written += writeSync(handle, line, written);
      }
    } catch (error) {
      // Half of a batch must not pass for a whole one.
      rmSync(file, { force: true });
      throw error;
    } finally {
      closeSync(handle);
    }
  });
}

/** Whole contexts, in plan order: each file keeps its prefix order, and no context is computed in two places. */
function cutIntoFiles(trials: readonly PlannedTrial[], most: number): PlannedTrial[][] {
  const files: PlannedTrial[][] = [];
  let start = 0;
  while (start < trials.length) {
    let end = start;
    while (end < trials.length && trials[end]?.context === trials[start]?.context) end += 1;
    const last = files.at(-1);
    const own = trials.slice(start, end);
    if (last !== undefined && last.length + own.length <= most) last.push(...own);
    else files.push(own);
    start = end;
  }
  return files;
}

/** In a used folder exports could mix, or git be made blind to other files. */
function refuseUsedFolder(outDir: string): void {
  if (readdirSync(outDir).length > 0)
    throw folderError({ where: outDir, expected: 'a new or an empty folder', got: 'one with files in it' });
}

/** @throws ConfigError BATCH_FOLDER where a receipt or a shard stands in the folder or above it */
export function refuseReceiptFolder(outDir: string): void {
  for (let folder = resolve(outDir); ; folder = dirname(folder)) {
    const found = [receiptName, shardFiles.header].find((name) => existsSync(join(folder, name)));
    if (found !== undefined)
      throw folderError({
        where: outDir,
        expected: 'a folder apart from receipts',
        got: `${found} in ${folder}`,
      });
    if (folder === dirname(folder)) return;
  }
}

function folderError({ where, expected, got }: Pick<Complaint, 'where' | 'expected' | 'got'>): ConfigError {
  return new ConfigError({
    code: 'BATCH_FOLDER',
    where,
    expected,
    got,
    remedy: 'name a new folder: batch files hold prompts, and are never published',
  });
}
