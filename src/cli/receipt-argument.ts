import { statSync } from 'node:fs';
import { join } from 'node:path';
import { readNamedFile } from '../config/read-named-file.ts';
import type { NamedText } from '../receipt/audit.ts';
import { baselineFiles } from '../receipt/baseline.ts';

/** The receipt's file, where a run's folder is named in its place. */
export function receiptFile(named: string): string {
  const isFolder = statSync(named, { throwIfNoEntry: false })?.isDirectory() === true;
  return isFolder ? join(named, baselineFiles.receipt) : named;
}

/** @throws ConfigError FILE_UNREADABLE or FILE_EMPTY */
export function readReceiptText(named: string): NamedText {
  const name = receiptFile(named);
  return {
    name,
    text: readNamedFile(name, { what: 'a receipt', named: 'the first argument' }).toString('utf8'),
  };
}
