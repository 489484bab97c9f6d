import type { Command } from 'commander';
import { parseIntactReceipt } from '../receipt/read-receipt.ts';
import { renderReport } from '../report/html.ts';
import { writePage } from '../run/output-file.ts';
import { readReceiptText } from './receipt-argument.ts';
import { print } from './terminal.ts';

/** `mixgate report`: the HTML report again, from the receipt alone. */
export function addReportCommand(program: Command): void {
  program
    .command('report')
    .description('render the HTML report of a receipt')
    .argument('<receipt>', 'receipt.json, or its folder')
    .requiredOption('--html <file>', 'where to write it')
    .action((receipt: string, { html }: { html: string }) => {
      const { name, text } = readReceiptText(receipt);
      writePage(html, renderReport(parseIntactReceipt(text, name)), '--html');
      print(`report: ${html}`);
    });
}
