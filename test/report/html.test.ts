import { describe, expect, it } from 'vitest';
import { receiptSchema } from '../../src/receipt/receipt.ts';
import { formatInterval, isInterval } from '../../src/report/format.ts';
import { renderReport } from '../../src/report/html.ts';
import { expectGolden } from './golden.ts';
import { failReceipt, hostileReceipt, largeReceipt, passReceipt, samples } from './sample-receipts.ts';
import { unbalanced } from './well-formed.ts';

describe('the report', () => {
  it('stays byte for byte', () => {
    expectGolden('report-pass.html', renderReport(receiptSchema.parse(passReceipt())));
    expectGolden('report-fail.html', renderReport(receiptSchema.parse(failReceipt())));
  });

  it('says how many shards were joined, and how many labels changed by asking again', () => {
    const receipt = passReceipt();
    const repeat = { asked: 60, compared: 50, flipped: 2, share: 0.04, groups: [] };
    const html = renderReport({ ...receipt, run: { ...receipt.run, shards: 4, repeat } });
    expect(html).toContain('Joined from 4 shards; amounts are sums.');
    expect(html).toContain('60 trials asked again with the same seed: 2 of 50 labels changed (4.0 %).');
    expect(renderReport(receipt)).not.toContain('asked again');
  });

  for (const [name, build] of Object.entries(samples)) {
    describe(`of ${name}`, () => {
      const html = renderReport(build());

      it('is well formed, with headings in order and ids used once', () => {
        expect(unbalanced(html)).toEqual([]);
        const levels = [...html.matchAll(/<h([1-6])/g)].map((one) => Number(one[1]));
        expect(levels[0]).toBe(1);
        expect(levels.filter((one) => one === 1)).toHaveLength(1);
        for (const [i, one] of levels.entries()) expect(one - (levels[i - 1] ?? 0)).toBeLessThanOrEqual(1);
        const ids = [...html.matchAll(/ id="([^"]*)"/g)].map((one) => one[1]);
        expect(new Set(ids).size).toBe(ids.length);
      });

      it('loads and runs nothing', () => {
        expect(html).toContain(
          `content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"`,
        );
        expect(html).not.toMatch(/<(script|link|img|iframe|a|form|object|embed|base)\b|url\(|@import/i);
        expect([...html.matchAll(/<[^>]*\s(on\w+|src|href|style)=/g)]).toEqual([]);
      });

      it('names its tables, their headers and its plots', () => {
        const tables = html.match(/<table>/g)?.length ?? 0;
        expect(html.match(/<table><caption>/g)?.length).toBe(tables);
        expect(html).not.toMatch(/<th(?! scope="(col|row)")[ >]/);
        const plots = html.match(/<svg class="plot" role="img" aria-labelledby="[^"]+"/g)?.length ?? 0;
        expect(html.match(/<desc id=/g)?.length ?? 0).toBe(plots);
        expect(html.match(/<svg/g)?.length ?? 0).toBe(
          plots + (html.match(/<svg class="gauge" aria-hidden="true"/g)?.length ?? 0),
        );
      });

      it('shows no number that is none', () => {
        expect(html).not.toMatch(/NaN|Infinity|undefined/);
      });
    });
  }

  it('holds every condition’s rate as the receipt has it', () => {
    for (const receipt of [failReceipt(), largeReceipt()]) {
      const html = renderReport(receipt);
      for (const { rate } of receipt.evidence.conditions) {
        if (isInterval(rate)) expect(html).toContain(formatInterval(rate, 'rate'));
      }
      expect(html.length).toBeLessThan(3_000_000);
    }
  });

  it('lets no name become markup', () => {
    const tags = (html: string) => new Set(html.match(/<\/?[a-z0-9]+/g));
    expect(
      [...tags(renderReport(hostileReceipt()))].filter((tag) => !tags(renderReport(failReceipt())).has(tag)),
    ).toEqual([]);
  });

  it('says which harmful counts a crowded plot leaves to the table', () => {
    expect(renderReport(largeReceipt())).toContain('The conditions table has 14 more harmful counts.');
  });
});
