import { join } from 'node:path';
import type { Command } from 'commander';
import { countOf } from '../config/count-of.ts';
import { exitCodeOf } from '../gate/verdict.ts';
import { digestOf } from '../receipt/digest.ts';
import { parseFraction } from '../run/repeat.ts';
import { runGate } from '../run/run-gate.ts';
import { runShard, type ShardResult } from '../run/run-shard.ts';
import { parseShardOption } from '../run/shard.ts';
import { keepHeapLean } from './lean-heap.ts';
import {
  readSecret,
  type ServerOptions,
  wholeNumber,
  withCandidateServer,
  withJudgeServer,
} from './options.ts';
import { describeResult, resultRecord } from './result-text.ts';
import { printResult, stopSignal, terminalLog } from './terminal.ts';

interface RunOptions extends ServerOptions {
  readonly policy: string;
  readonly baseline?: string;
  readonly baselineUrl?: string;
  readonly baselineModel?: string;
  readonly stateDir?: string;
  readonly out: string;
  readonly attempt: number;
  readonly preflight: boolean;
  readonly shard?: string;
  readonly repeatFraction?: string;
  readonly json?: boolean;
}

/** `mixgate run`: the gate, against any OpenAI-compatible server. */
export function addRunCommand(program: Command): void {
  const command = program
    .command('run')
    .description('run the gate against a server; exit code 0 pass, 1 fail, 2 inconclusive, 3 error')
    .requiredOption('--policy <file>', 'policy, YAML');
  withJudgeServer(withCandidateServer(command))
    .option('--baseline <folder>', 'an accepted run to compare with')
    .option(
      '--baseline-url <url>',
      'the baseline’s server: it is measured anew beside the candidate; with --baseline only where that one cannot be compared',
    )
    .option('--baseline-model <name>', 'served name of the model at --baseline-url')
    .option(
      '--state-dir <folder>',
      'answers and progress; start again with it to go on (default: one below mixgate-state for each release)',
    )
    .option('--out <folder>', 'where receipt, ledger, comment, summary and report go', 'mixgate-out')
    .option('--attempt <n>', 'which attempt at this release this is', wholeNumber, 1)
    .option('--no-preflight', 'ask the first trial without having tried the servers')
    .option('--shard <i/n>', 'ask one of n parts of the plan; `mixgate merge` joins them and decides')
    .option(
      '--repeat-fraction <share>',
      'ask this share of the trials again, and tell how many labels change by that alone',
    )
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      '\nKeys come from the environment: MIXGATE_API_KEY, MIXGATE_JUDGE_API_KEY, MIXGATE_BASELINE_API_KEY, MIXGATE_LEDGER_KEY.',
    )
    .action(async (options: RunOptions) => {
      keepHeapLean();
      process.exitCode = await run(options);
    });
}

async function run({
  json,
  policy,
  candidate,
  baseline,
  out,
  stateDir,
  shard,
  repeatFraction,
  ...options
}: RunOptions): Promise<number> {
  const log = terminalLog(process.stderr, Date.now);
  const request = {
    ...options,
    policyPath: policy,
    candidatePath: candidate,
    baselineDir: baseline,
    outDir: out,
    stateDir:
      stateDir ??
      ownStateDir([
        policy,
        candidate,
        baseline,
        options.model,
        options.baseUrl,
        ...[options.baselineUrl, options.baselineModel, shard].filter((one) => one !== undefined),
      ]),
    repeatFraction: repeatFraction === undefined ? undefined : parseFraction(repeatFraction),
    apiKey: readSecret('MIXGATE_API_KEY'),
    judgeApiKey: readSecret('MIXGATE_JUDGE_API_KEY'),
    baselineApiKey: readSecret('MIXGATE_BASELINE_API_KEY'),
    ledgerKey: readSecret('MIXGATE_LEDGER_KEY'),
    github: null,
  };
  const tools = { now: () => new Date(), log, signal: stopSignal() };
  if (shard !== undefined) {
    const result = await runShard({ ...request, shard: parseShardOption(shard) }, tools).finally(log.end);
    printResult(json, result, () => describeShard(result));
    return exitCodeOf('pass');
  }
  const result = await runGate(request, tools).finally(log.end);
  printResult(json, resultRecord(result), () => describeResult(result));
  return exitCodeOf(result.receipt.evidence.verdict);
}

/** The same command finds its state again; another release has its own. */
export function ownStateDir(named: readonly (string | undefined)[]): string {
  return join('mixgate-state', digestOf(named.map((value) => value ?? null)).slice(0, 12));
}

function describeShard({ shard, trials, files }: ShardResult): string {
  return [
    `shard ${shard.index}/${shard.of}: complete, ${countOf(trials, 'trial')}; it decides nothing by itself`,
    `shard:  ${files.header}`,
    `labels: ${files.labels}`,
    'join all of them with `mixgate merge`',
  ].join('\n');
}
