import type { Command } from 'commander';
import { exitCodeOf } from '../gate/verdict.ts';
import { mergeShards } from '../run/merge.ts';
import { readSecret } from './options.ts';
import { describeResult, resultRecord } from './result-text.ts';
import { printResult } from './terminal.ts';

interface MergeOptions {
  readonly policy: string;
  readonly baseline?: string;
  readonly out: string;
  readonly json?: boolean;
}

/** `mixgate merge`: the shards of one run joined and decided upon, offline. */
export function addMergeCommand(program: Command): void {
  program
    .command('merge')
    .description('join the shards of a run and decide; exit code 0 pass, 1 fail, 2 inconclusive, 3 error')
    .argument('<folders...>', 'the --out folders of all shards')
    .requiredOption('--policy <file>', 'the policy that the shards ran under')
    .option('--baseline <folder>', 'an accepted run to compare with')
    .option('--out <folder>', 'where receipt, ledger, comment, summary and report go', 'mixgate-out')
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      '\nWith MIXGATE_LEDGER_KEY in the environment the shards’ ids are held to the plan one by one.',
    )
    .action(async (shardDirs: string[], { policy, baseline, out, json }: MergeOptions) => {
      const result = await mergeShards({
        policyPath: policy,
        shardDirs,
        baselineDir: baseline,
        ledgerKey: readSecret('MIXGATE_LEDGER_KEY'),
        outDir: out,
      });
      printResult(json, resultRecord(result), () => describeResult(result));
      process.exitCode = exitCodeOf(result.receipt.evidence.verdict);
    });
}
