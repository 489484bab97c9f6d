import { describe, expect, it } from 'vitest';
import { buildReceipt } from '../../src/receipt/build.ts';
import type { Receipt } from '../../src/receipt/receipt.ts';
import { renderComment } from '../../src/report/comment.ts';
import { verifyComment } from '../../src/report/verify-comment.ts';
import { version } from '../../src/version.ts';
import { failReceipt, hostileReceipt, largeReceipt, passReceipt } from './sample-receipts.ts';

/** The samples with digests of their own and this version's name. */
function whole({ evidence, run }: Receipt): Receipt {
  return buildReceipt({ ...evidence, version }, run);
}
const receipt = whole(failReceipt());
const comment = renderComment(receipt);
const held = (text: string, of = receipt) => verifyComment(of, { name: 'comment.md', text });
const nothing = { problems: [], unchecked: [] };

describe('a comment that somebody kept', () => {
  it.each([
    ['fail', failReceipt()],
    ['pass', passReceipt()],
    ['of the largest suite', largeReceipt()],
    ['with hostile names', hostileReceipt()],
  ])('holds as it was written: %s', (_, sample) => {
    const own = whole(sample);
    expect(held(renderComment(own), own)).toEqual(nothing);
  });

  it('holds with the hidden line and the line ends that GitHub gives it', () => {
    const marker = `<!-- mixgate policy=demo run=12.1 body=${'0'.repeat(64)} -->`;
    expect(held(`${marker}\r\n${comment.replaceAll('\n', '\r\n')}`)).toEqual(nothing);
  });

  it.each([
    ['the verdict line', '❌ Blocked', '✅ Passed'],
    ['a digit of the table', '24.1', '4.1'],
    ['a digest', receipt.digest.slice(0, 12), '000000000000'],
    ['a folded count', '| 384 |', '| 383 |'],
  ])('does not hold once %s is changed', (_, from, to) => {
    expect(comment).toContain(from);
    expect(held(comment.replace(from, to)).problems).not.toEqual([]);
  });

  it('does not hold with a line added below or taken away', () => {
    expect(held(`${comment}\nApproved by all.\n`).problems).toHaveLength(1);
    expect(held(comment.split('\n').slice(0, -3).join('\n')).problems).not.toEqual([]);
  });

  it('does not hold against another receipt, and names the fields', () => {
    const other = whole(passReceipt());
    const places = held(comment, other).problems.map(({ where }) => where);
    expect(places).toContain('comment.md compact receipt.verdict');
    expect(places).toContain('comment.md compact receipt.evidenceDigest');
  });

  it('of another version is held to its figures, and its prose is said to be unchecked', () => {
    const old = buildReceipt({ ...receipt.evidence, version: '0.0.1' }, receipt.run);
    const text = renderComment(old).replace('❌ Blocked', '❌ Halted');
    expect(held(text, old)).toEqual({ problems: [], unchecked: [expect.stringContaining('mixgate 0.0.1')] });
    const moved = text.replace('"outcome": "fail"', '"outcome": "pass"');
    expect(held(moved, old).problems).toHaveLength(1);
  });

  it.each(['', 'LGTM', '```json\n{}\n```'])('is asked for where the text is none: %j', (text) => {
    expect(held(text).problems).toEqual([
      { where: 'comment.md', expected: 'a comment with its compact receipt', found: 'none' },
    ]);
  });
});
