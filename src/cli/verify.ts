import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import { readInput } from '../config/read-policy.ts';
import { parseReceipt } from '../receipt/read-receipt.ts';
import { type NamedText, type Verification, verifyReceipt } from '../receipt/verify.ts';
import { verifyComment } from '../report/verify-comment.ts';
import { readBaseline } from '../run/gate-inputs.ts';
import { print } from './terminal.ts';

interface VerifyOptions {
  readonly ledger?: string;
  readonly policy?: string;
  readonly baseline?: string;
  readonly comment?: string;
  readonly json?: boolean;
}

/** `mixgate verify`: an auditor's check, offline. Exit code 0 where all holds, 1 where not. */
export function addVerifyCommand(program: Command): void {
  program
    .command('verify')
    .description('recompute a receipt: digests, counts, estimates, checks and verdict; exit code 0 or 1')
    .argument('<receipt>', 'receipt.json')
    .option('--ledger <file>', 'its ledger (the ledger.jsonl beside the receipt unless given)')
    .option('--policy <file>', 'the policy file that it names')
    .option('--baseline <folder>', 'the baseline that it was compared with')
    .option('--comment <file>', 'a pull-request comment that somebody kept, Markdown')
    .option('--json', 'print the result as JSON')
    .action((receipt: string, options: VerifyOptions) => {
      const result = verifyFiles(receipt, options);
      print(options.json === true ? JSON.stringify(result, null, 2) : describeVerification(result));
      process.exitCode = result.ok ? 0 : 1;
    });
}

function verifyFiles(receiptFile: string, options: VerifyOptions): Verification {
  const beside = join(dirname(receiptFile), 'ledger.jsonl');
  const ledger = options.ledger ?? (existsSync(beside) ? beside : undefined);
  const { policy, baseline, comment } = options;
  const receipt = readNamed(receiptFile, 'a receipt', 'the first argument');
  const found = verifyReceipt({
    receipt,
    ledger: ledger === undefined ? undefined : readNamed(ledger, 'a ledger', '--ledger'),
    policy: policy === undefined ? undefined : readNamed(policy, 'a policy', '--policy'),
    baseline: baseline === undefined ? undefined : readBaseline(baseline),
  });
  if (comment === undefined) return found;
  const kept = readNamed(comment, 'a comment', '--comment');
  // A receipt that does not hold gives nothing to hold a comment against.
  if (!found.ok)
    return { ...found, unchecked: [...found.unchecked, 'the comment: the receipt does not hold'] };
  const held = verifyComment(parseReceipt(receipt.text, receipt.name), kept);
  const problems = [...found.problems, ...held.problems];
  return { ok: problems.length === 0, problems, unchecked: [...found.unchecked, ...held.unchecked] };
}

function readNamed(name: string, what: string, named: string): NamedText {
  return { name, text: readInput(name, what, named).toString('utf8') };
}

function describeVerification({ ok, problems, unchecked }: Verification): string {
  return [
    ok
      ? 'holds: everything that could be recomputed is as the receipt says'
      : `does not hold: ${problems.length} differences`,
    ...problems.map(({ where, expected, found }) => `  ${where}: expected ${expected}, found ${found}`),
    ...unchecked.map((what) => `  not checked: ${what}`),
  ].join('\n');
}
