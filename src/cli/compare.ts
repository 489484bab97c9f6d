import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import { ConfigError } from '../config/errors.ts';
import { readNamedFile } from '../config/read-named-file.ts';
import { baselineFiles } from '../receipt/baseline.ts';
import { type ComparedRun, type Comparison, compareRuns, parseComparedRun } from '../receipt/compare.ts';
import { describeComparison } from '../report/compare-text.ts';
import { renderComparison } from '../report/html-compare.ts';
import { writePage } from '../run/output-file.ts';
import { receiptFile } from './receipt-argument.ts';
import { printResult } from './terminal.ts';

/** `mixgate compare`: receipts side by side, offline; differences only between runs that may be compared. */
export function addCompareCommand(program: Command): void {
  program
    .command('compare')
    .description('put receipts side by side: models, or the training stages of one family')
    .argument('<receipts...>', 'receipt.json files or their folders, in the order of the stages')
    .option('--json', 'print the comparison as JSON')
    .option('--html <file>', 'write it as a page with plots')
    .action((files: readonly string[], options: { json?: boolean; html?: string }) => {
      if (files.length < 2) throw tooFew(files.length);
      const comparison = compareRuns(files.map(readRun));
      if (options.html !== undefined) writePage(options.html, renderComparison(comparison), '--html');
      printResult(options.json, comparisonRecord(comparison), () => describeComparison(comparison));
    });
}

/** Reads a receipt, and the ledger beside it where there is one. */
function readRun(named: string): ComparedRun {
  const file = receiptFile(named);
  const ledger = join(dirname(file), baselineFiles.ledger);
  const read = (path: string, what: string) =>
    readNamedFile(path, { what, named: 'the arguments' }).toString('utf8');
  return parseComparedRun({
    file,
    receipt: read(file, 'a receipt'),
    ledger: existsSync(ledger) ? { file: ledger, text: read(ledger, 'a ledger') } : undefined,
  });
}

/** What other programs read: each run by its digest and its own figures, then the steps as they are. */
function comparisonRecord({ kind, runs, steps }: Comparison): unknown {
  return {
    schema: 'mixgate.comparison/1',
    kind,
    runs: runs.map(({ name, file, receipt, trials }) => {
      const { candidate, verdict, asOf, binding, judge, zeroShot, conditions, effect, recency } =
        receipt.evidence;
      return {
        name,
        file,
        digest: receipt.digest,
        ledger: trials !== undefined,
        candidate,
        verdict,
        asOf,
        binding,
        judge: { kind: judge.kind, model: judge.served?.model ?? null },
        zeroShot,
        effect,
        recency,
        conditions: conditions.map(({ id, rate }) => ({ id, rate })),
      };
    }),
    steps,
  };
}

function tooFew(given: number): ConfigError {
  return new ConfigError({
    code: 'TOO_FEW_RECEIPTS',
    where: 'mixgate compare',
    expected: 'at least two receipts',
    got: String(given),
    remedy: 'name the receipts one after the other: mixgate compare sft/receipt.json dpo/receipt.json',
  });
}
