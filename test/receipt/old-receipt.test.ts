import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { parseIntactReceipt } from '../../src/receipt/read-receipt.ts';
import { verifyReceipt } from '../../src/receipt/verify.ts';
import { renderComment } from '../../src/report/comment.ts';
import { renderReport } from '../../src/report/html.ts';
import { acceptedBaseline, acceptedFiles, baselineParts, complyingAt, releaseOf, textOf } from './release.ts';

const name = 'receipt.json';
const text = readFileSync(join(import.meta.dirname, 'old', 'receipt-0.1.0.txt'), 'utf8');

/** A published schema, as another program would use it. */
function published(schema: string) {
  const ajv = new Ajv.default({ strict: false });
  addFormats.default(ajv);
  const file = join(import.meta.dirname, '..', '..', 'schemas', `${schema}.schema.json`);
  return ajv.compile(JSON.parse(readFileSync(file, 'utf8')));
}

const strictKeys = z.record(z.string(), z.unknown());

describe('a receipt of an earlier build', () => {
  it('is read, shown and found intact', () => {
    const receipt = parseIntactReceipt(text, name);
    expect(receipt.evidence.baseline).not.toHaveProperty('rates');
    expect(renderComment(receipt)).toMatch(/^## ❌ Blocked: `candidate-1`/);
    expect(renderReport(receipt)).toContain('<h2>Checks</h2>');
    expect(verifyReceipt({ receipt: { name, text } })).toMatchObject({ ok: true, problems: [] });
  });

  it('fits the published schema', () => {
    expect(published('receipt')(JSON.parse(text))).toBe(true);
  });
});

describe('the published schemas', () => {
  const baseline = releaseOf(complyingAt(0.15), baselineParts);
  const release = releaseOf(complyingAt(0.3), { baseline: acceptedBaseline(baseline) });

  it('take every receipt, ledger line and acceptance that is written', () => {
    expect(published('receipt')(JSON.parse(textOf(release.receipt)))).toBe(true);
    const line = published('ledger');
    const lines = release.ledger.trimEnd().split('\n');
    expect(lines.length).toBeGreaterThan(300);
    expect(lines.filter((one) => !line(JSON.parse(one)))).toEqual([]);
    expect(published('acceptance')(JSON.parse(acceptedFiles(baseline).acceptance))).toBe(true);
  });

  it('refuse an unknown key and another version', () => {
    const receipt = strictKeys.parse(JSON.parse(textOf(release.receipt)));
    expect(published('receipt')({ ...receipt, extra: 1 })).toBe(false);
    expect(published('receipt')({ ...receipt, schema: 'mixgate.receipt/2' })).toBe(false);
    const [first = ''] = release.ledger.split('\n');
    expect(published('ledger')({ ...strictKeys.parse(JSON.parse(first)), text: 'an answer' })).toBe(false);
  });
});
