import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Receipt } from '../receipt/receipt.ts';
import { buildStatement, renderReceipt, type Subject } from '../receipt/statement.ts';
import { renderComment } from '../report/comment.ts';
import { renderReport } from '../report/html.ts';
import { renderSummary } from '../report/summary.ts';
import { writeWhole } from './write-file.ts';

/** Where a run's files stand. */
export interface ReceiptFiles {
  readonly receipt: string;
  readonly ledger: string;
  readonly comment: string;
  readonly summary: string;
  readonly report: string;
  /** The unsigned in-toto statement on receipt and candidate. */
  readonly statement: string;
  /** Its predicate alone, as GitHub's attestation action takes it. */
  readonly predicate: string;
}

export const receiptName = 'receipt.json';

const names = {
  receipt: receiptName,
  ledger: 'ledger.jsonl',
  comment: 'comment.md',
  summary: 'summary.md',
  report: 'report.html',
  statement: 'statement.json',
  predicate: 'predicate.json',
} as const satisfies Record<keyof ReceiptFiles, string>;

/**
 * Takes an earlier run's files away, the receipt first; what else stands in the folder stays. A run that ends in an
 * error must not leave the verdict of another one behind.
 */
export function removeReceiptFiles(outDir: string): void {
  for (const name of Object.values(names)) rmSync(join(outDir, name), { force: true });
}

/** Writes a run's files, the receipt last, and older ones gone first: a folder with a receipt is whole. */
export function writeReceiptFiles(input: {
  readonly outDir: string;
  readonly receipt: Receipt;
  readonly ledger: string;
  /** By name and digest, where a candidate file declared the model. */
  readonly candidateFile?: Subject | undefined;
}): ReceiptFiles {
  const { outDir, receipt, ledger, candidateFile } = input;
  const statement = buildStatement({ receipt, candidateFile });
  removeReceiptFiles(outDir);
  const write = (name: string, text: string) => writeWhole(join(outDir, name), text);
  return {
    ledger: write(names.ledger, ledger),
    comment: write(names.comment, renderComment(receipt)),
    summary: write(names.summary, renderSummary(receipt)),
    report: write(names.report, renderReport(receipt)),
    statement: write(names.statement, `${JSON.stringify(statement, null, 2)}\n`),
    predicate: write(names.predicate, `${JSON.stringify(statement.predicate, null, 2)}\n`),
    receipt: write(names.receipt, renderReceipt(receipt)),
  };
}
