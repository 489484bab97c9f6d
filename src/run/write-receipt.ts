import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { canonicalJson } from '../receipt/digest.ts';
import type { Receipt } from '../receipt/receipt.ts';
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
}

export const receiptName = 'receipt.json';

const names = {
  receipt: receiptName,
  ledger: 'ledger.jsonl',
  comment: 'comment.md',
  summary: 'summary.md',
  report: 'report.html',
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
}): ReceiptFiles {
  const { outDir, receipt, ledger } = input;
  removeReceiptFiles(outDir);
  const write = (name: string, text: string) => writeWhole(outDir, name, text);
  return {
    ledger: write(names.ledger, ledger),
    comment: write(names.comment, renderComment(receipt)),
    summary: write(names.summary, renderSummary(receipt)),
    report: write(names.report, renderReport(receipt)),
    receipt: write(names.receipt, `${canonicalJson(receipt)}\n`),
  };
}
