import { type Command, InvalidArgumentError } from 'commander';
import { countOf } from '../config/count-of.ts';
import { exitCodeOf } from '../gate/verdict.ts';
import { type Engine, engines } from '../inference/engine.ts';
import { type BatchExport, exportBatch } from '../run/batch-export.ts';
import { importBatch } from '../run/batch-import.ts';
import { readSecret, wholeNumber, withJudgeServer } from './options.ts';
import { describeResult, resultRecord } from './result-text.ts';
import { ownStateDir } from './run.ts';
import { printResult, stopSignal, terminalLog } from './terminal.ts';

interface ExportOptions {
  readonly policy: string;
  readonly model: string;
  readonly engine: Engine;
  readonly shardSize: number;
  readonly out: string;
  readonly json?: boolean;
}

interface ImportOptions {
  readonly policy: string;
  readonly model?: string;
  readonly candidate?: string;
  readonly engine: Engine;
  readonly judgeBaseUrl?: string;
  readonly judgeModel?: string;
  readonly baseline?: string;
  readonly stateDir?: string;
  readonly out: string;
  readonly attempt: number;
  readonly missingOut?: string;
  readonly missingUnscored?: boolean;
  readonly json?: boolean;
}

/** `mixgate batch`: the suite for batch engines and services, and their answers back. */
export function addBatchCommand(program: Command): void {
  const batch = program
    .command('batch')
    .description('the suite in the OpenAI batch file format, for engines and services that read it');
  addExport(batch);
  addImport(batch);
}

function addExport(batch: Command): void {
  batch
    .command('export')
    .description('write the suite as batch files; they hold every prompt')
    .requiredOption('--policy <file>', 'policy, YAML')
    .requiredOption('--model <name>', 'name of the model in the batch')
    .option('--engine <name>', `whose parameters to set: ${engines.join(', ')}`, engineName, 'unknown')
    .option('--shard-size <n>', 'requests in one file at the most; contexts stay whole', wholeNumber, 10_000)
    .requiredOption('--out <folder>', 'a new folder for the files')
    .option('--json', 'print what was written as JSON')
    .action(async ({ policy, out, json, ...options }: ExportOptions) => {
      const log = terminalLog(process.stderr, Date.now);
      const result = await exportBatch({ ...options, policyPath: policy, outDir: out }, log);
      printResult(json, result, () => describeExport(result));
    });
}

function addImport(batch: Command): void {
  const command = batch
    .command('import')
    .description(
      'match a batch’s answers, judge them and decide; exit code 0 pass, 1 fail, 2 inconclusive, 3 error',
    )
    .argument('<files...>', 'output and error files of the batches')
    .requiredOption('--policy <file>', 'the policy that was exported')
    .option('--model <name>', 'name of the candidate (or the model of --candidate)')
    .option('--candidate <file>', 'candidate file, YAML')
    .option('--engine <name>', 'as at the export', engineName, 'unknown');
  withJudgeServer(command)
    .option('--baseline <folder>', 'an accepted run to compare with')
    .option('--state-dir <folder>', 'answers and progress, as for `mixgate run`')
    .option('--out <folder>', 'where receipt, ledger, comment, summary and report go', 'mixgate-out')
    .option('--attempt <n>', 'which attempt at this release this is', wholeNumber, 1)
    .option('--missing-out <file>', 'write what has to be asked again as a batch file')
    .option('--missing-unscored', 'count missing answers as unscored instead of stopping')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', '\nKeys come from the environment: MIXGATE_JUDGE_API_KEY, MIXGATE_LEDGER_KEY.')
    .action(async (files: string[], options: ImportOptions) => {
      process.exitCode = await runImport(files, options);
    });
}

async function runImport(
  files: readonly string[],
  { policy, candidate, baseline, stateDir, out, json, ...options }: ImportOptions,
): Promise<number> {
  const log = terminalLog(process.stderr, Date.now);
  const request = {
    ...options,
    files,
    policyPath: policy,
    candidatePath: candidate,
    baselineDir: baseline,
    outDir: out,
    stateDir: stateDir ?? ownStateDir([policy, candidate, baseline, options.model, ...files]),
    judgeApiKey: readSecret('MIXGATE_JUDGE_API_KEY'),
    ledgerKey: readSecret('MIXGATE_LEDGER_KEY'),
    github: null,
  };
  const tools = { now: () => new Date(), log, signal: stopSignal() };
  const result = await importBatch(request, tools).finally(log.end);
  printResult(json, resultRecord(result), () => describeResult(result));
  return exitCodeOf(result.receipt.evidence.verdict);
}

function engineName(text: string): Engine {
  const engine = engines.find((one) => one === text);
  if (engine !== undefined) return engine;
  throw new InvalidArgumentError(`expected one of ${engines.join(', ')}`);
}

function describeExport({ files, requests }: BatchExport): string {
  return [
    `${countOf(requests, 'request')} in ${countOf(files.length, 'file')}`,
    ...files.map((one) => `  ${one.file}: ${one.requests}`),
    'run each as a batch, then give all results to `mixgate batch import`',
  ].join('\n');
}
