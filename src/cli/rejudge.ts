import { type Command, Option } from 'commander';
import { type JudgeKind, judgeKinds } from '../config/judge-policy.ts';
import { exitCodeOf } from '../gate/verdict.ts';
import { rejudge } from '../run/rejudge.ts';
import { readSecret, withJudgeServer } from './options.ts';
import { describeResult, resultRecord } from './result-text.ts';
import { printResult, stopSignal, terminalLog } from './terminal.ts';

interface RejudgeOptions {
  readonly policy: string;
  readonly judge?: JudgeKind;
  readonly judgeBaseUrl?: string;
  readonly judgeModel?: string;
  readonly candidate?: string;
  readonly model?: string;
  readonly baseline?: string;
  readonly baselineState?: string;
  readonly out: string;
  readonly json?: boolean;
}

/** `mixgate rejudge`: another judge on saved answers, so that its change is not read as one of the model. */
export function addRejudgeCommand(program: Command): void {
  const command = program
    .command('rejudge')
    .description('label the saved answers of a run with another judge; exit codes as of run')
    .argument('<state>', 'state directory of a run under a policy with retention: text')
    .requiredOption('--policy <file>', 'the policy of that run; its judge may be another')
    .addOption(new Option('--judge <kind>', 'the judge, where it is not the policy’s').choices(judgeKinds));
  withJudgeServer(command)
    .option('--model <name>', 'served name of the candidate, as in that run (or the model of --candidate)')
    .option('--candidate <file>', 'candidate file of that run')
    .option('--baseline <folder>', 'the baseline to compare with')
    .option(
      '--baseline-state <folder>',
      'state directory of the baseline’s run, to label its answers anew too',
    )
    .requiredOption('--out <folder>', 'where receipt, ledger, comment, summary and report go')
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      '\nKeys come from the environment: MIXGATE_JUDGE_API_KEY, MIXGATE_LEDGER_KEY. Nothing is asked of the candidate.',
    )
    .action(async (state: string, options: RejudgeOptions) => {
      const log = terminalLog(process.stderr, Date.now);
      const result = await rejudge(
        {
          stateDir: state,
          policyPath: options.policy,
          judgeKind: options.judge,
          judgeBaseUrl: options.judgeBaseUrl,
          judgeModel: options.judgeModel,
          judgeApiKey: readSecret('MIXGATE_JUDGE_API_KEY'),
          candidatePath: options.candidate,
          model: options.model,
          baselineDir: options.baseline,
          baselineStateDir: options.baselineState,
          ledgerKey: readSecret('MIXGATE_LEDGER_KEY'),
          outDir: options.out,
        },
        { now: () => new Date(), log, signal: stopSignal() },
      ).finally(log.end);
      printResult(options.json, resultRecord(result), () => describeResult(result));
      process.exitCode = exitCodeOf(result.receipt.evidence.verdict);
    });
}
