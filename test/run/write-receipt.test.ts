import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { removeReceiptFiles, writeReceiptFiles } from '../../src/run/write-receipt.ts';
import { passReceipt } from '../report/sample-receipts.ts';
import { makeFolder } from './small-gate.ts';

const files = [
  'comment.md',
  'ledger.jsonl',
  'predicate.json',
  'receipt.json',
  'report.html',
  'statement.json',
  'summary.md',
];
const write = (outDir: string) => writeReceiptFiles({ outDir, receipt: passReceipt(), ledger: '{}\n' });

describe('the files of a run', () => {
  it.each(files)('are not written through a link that waits for %s', (name) => {
    const [outDir, elsewhere] = [makeFolder(), makeFolder()];
    const [before, after] = [join(elsewhere, 'before'), join(elsewhere, 'after')];
    for (const file of [before, after]) writeFileSync(file, 'not ours');
    symlinkSync(before, join(outDir, `${name}.new`));
    symlinkSync(after, join(outDir, name));
    write(outDir);
    expect([before, after].map((file) => readFileSync(file, 'utf8'))).toEqual(['not ours', 'not ours']);
    expect(lstatSync(join(outDir, name)).isFile()).toBe(true);
    expect(readdirSync(outDir).sort()).toEqual(files);
  });

  it('are taken away, and nothing else', () => {
    const outDir = makeFolder();
    write(outDir);
    writeFileSync(join(outDir, 'notes.txt'), 'mine');
    mkdirSync(join(outDir, 'state'));
    removeReceiptFiles(outDir);
    expect(readdirSync(outDir).sort()).toEqual(['notes.txt', 'state']);
  });

  it('need not be there to be taken away', () => {
    const nowhere = join(makeFolder(), 'not yet');
    removeReceiptFiles(nowhere);
    expect(existsSync(nowhere)).toBe(false);
  });

  it('of an older run are gone where a new one cannot be written', () => {
    const outDir = makeFolder();
    write(outDir);
    mkdirSync(join(outDir, 'report.html.new'));
    expect(() => write(outDir)).toThrow();
    expect(existsSync(join(outDir, 'receipt.json'))).toBe(false);
    expect(existsSync(join(outDir, 'report.html'))).toBe(false);
  });
});
