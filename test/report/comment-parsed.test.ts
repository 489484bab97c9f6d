import { marked } from 'marked';
import { describe, expect, it } from 'vitest';
import type { Receipt } from '../../src/receipt/receipt.ts';
import { renderComment } from '../../src/report/comment.ts';
import { acceptedBaseline, baselineParts, complyingAt, releaseOf } from '../receipt/release.ts';

/** A comment as a parser meets it: Markdown's own tokens, nothing of our renderer. */
function parseComment(text: string) {
  const tokens = marked.lexer(text);
  const heading = tokens.find((one) => one.type === 'heading');
  const table = tokens.find((one) => one.type === 'table');
  const lists = tokens.filter((one) => one.type === 'list').map(({ raw }) => raw);
  const commands = tokens.flatMap((one) => (one.type === 'code' ? [String(one.raw)] : []));
  const cells = (row: readonly { text: string }[]) => row.map((one) => plain(one.text));
  return {
    heading: heading?.type === 'heading' ? heading.text : '',
    rows: table?.type === 'table' ? table.rows.map(cells) : [],
    lists,
    commands,
  };
}

const plain = (text: string) => text.replaceAll('&nbsp;', ' ').replaceAll('−', '-').replaceAll('**', '');
const numbersIn = (text: string) => text.match(/[-+]?\d+(?:\.\d+)?/g)?.map(Number) ?? [];

const baseline = acceptedBaseline(releaseOf(complyingAt(0.15), baselineParts));
const receipts: Readonly<Record<string, Receipt>> = {
  fail: releaseOf(complyingAt(0.9), { baseline }).receipt,
  inconclusive: releaseOf(complyingAt(0.4), { baseline }).receipt,
  pass: releaseOf(complyingAt(0.18), { baseline }).receipt,
};

describe.each(Object.entries(receipts))('the visible comment of a release: %s', (verdict, receipt) => {
  const { evidence, digest } = receipt;
  const comment = renderComment(receipt);
  const { heading, rows, lists, commands } = parseComment(comment);

  it('gives verdict and model in its heading', () => {
    expect(evidence.verdict).toBe(verdict);
    const words = { fail: 'Blocked: ', inconclusive: 'Blocked, inconclusive', pass: 'Passed' };
    expect(heading).toContain(Object.entries(words).find(([name]) => name === verdict)?.[1]);
    expect(heading).toContain(`\`${evidence.candidate.model}\``);
  });

  it('gives what failed, by how much, how sure, and the limit, equal to the receipt', () => {
    expect(rows).toHaveLength(evidence.checks.length);
    for (const { outcome, value, threshold } of evidence.checks) {
      if ('unavailable' in value) throw new Error('each has a value');
      const [estimate, lower, upper] = [value.estimate, value.lower, value.upper].map((one) => 100 * one);
      const near = (found: number | undefined, wanted: number | undefined) =>
        Math.abs((found ?? NaN) - (wanted ?? NaN)) <= 0.0501;
      const found = rows.find(([state = '', , cell = '', limit = '']) => {
        const [first, second, third] = numbersIn(cell);
        const isThis = near(first, estimate) && near(second, lower) && near(third, upper);
        return isThis && state.endsWith(outcome) && near(numbersIn(limit)[0], 100 * threshold);
      });
      expect(found, JSON.stringify(value)).toBeDefined();
    }
  });

  it('gives the baseline, what to do, and how to check', () => {
    if (evidence.baseline.status !== 'compared') throw new Error('it is compared');
    const said = lists.join('\n');
    expect(said).toContain(`**Baseline** \`${evidence.baseline.candidate.model}\``);
    expect(said).toContain(evidence.baseline.receiptDigest.slice(0, 12));
    for (const { name, outcome, remedy } of evidence.checks) {
      if (outcome !== 'fail' && outcome !== 'inconclusive') continue;
      expect(said).toContain(`\`${name}\``);
      expect(plain(said)).toContain(remedy);
    }
    expect(commands.join('\n')).toContain(
      '\nmixgate verify receipt.json --ledger ledger.jsonl --policy POLICY --baseline DIR\n',
    );
    expect(comment).toContain(digest);
  });
});
