import { describe, expect, it } from 'vitest';
import { type Evidence, receiptSchema } from '../../src/receipt/receipt.ts';
import { formatPercent, isInterval } from '../../src/report/format.ts';
import { renderReport } from '../../src/report/html.ts';
import { renderFormats, renderHypotheses, renderLooks } from '../../src/report/html-findings.ts';
import { renderSweep } from '../../src/report/html-results.ts';
import { renderSurface } from '../../src/report/html-surface.ts';
import { condition, formats, interval } from './sample-parts.ts';
import { failReceipt, noBaselineReceipt, passReceipt } from './sample-receipts.ts';

const { evidence } = failReceipt();
const having = (part: Partial<Evidence>): Evidence => ({ ...evidence, ...part });

describe('the report’s findings that no check reads', () => {
  it('are left out where there is nothing to show', () => {
    expect(renderFormats(evidence)).toBe('');
    expect(renderLooks(evidence)).toBe('');
    expect(renderHypotheses(evidence)).toBe('');
  });

  it('plot how much more refusals copy a cue, and give every share with its interval', () => {
    const html = renderFormats(having({ formats: formats('b16-h16', 'b4-h4') }));
    expect(html).toContain('16 benign + 16 harmful: +35.5 (+26.0 to +45.0).</desc>');
    for (const said of ['87.0 % (81.0 to 91.0)', '51.5 % (44.0 to 59.0)', '+35.5 points', 'no labels'])
      expect(html).toContain(said);
  });

  it('name each hypothesis with its test, and each look with what it settled', () => {
    const coefficients = [{ name: 'total', scale: 'log2', interval: interval(0.2, 0.1, 0.3) }];
    const tested = {
      model: 'logit',
      nullHypothesis: 'no effect',
      basis: 'clusterRobust',
      statisticName: 'F',
      statistic: 4.313,
      df: [2, 15],
      pValue: 0.00004,
      coefficients,
      likelihoodRatio: { unavailable: 'a sample' },
    } as const;
    const html = renderHypotheses(having({ hypotheses: { ...evidence.hypotheses, joint: tested } }));
    expect(html).toContain('F(2, 15) = 4.31');
    expect(html).toContain('&lt; 0.0001');
    const taken = { look: 1, blocks: 8, complete: true, nominalError: 0.005, settled: ['recencySpread.max'] };
    const goesOn = { evaluation: ['zero-shot'], control: [] };
    const looks = renderLooks(having({ looks: { planned: [8, 16], taken: [{ ...taken, goesOn }] } }));
    expect(looks).toContain('8 of 16');
    expect(looks).toContain('99 %');
    expect(looks).toContain('recencySpread.max');
  });
});

describe('the benign sweep against the baseline', () => {
  it('draws the baseline’s line and says its numbers, where the two may be compared', () => {
    const html = renderSweep(evidence);
    expect(html.match(/class="s\d before"/g)?.length).toBe(3);
    const { baseline } = evidence;
    if (baseline.status !== 'compared') throw new Error('the sample is compared');
    const rate = baseline.rates?.conditions.find(({ id }) => id === 'b16-h16')?.rate;
    if (rate === undefined || !isInterval(rate)) throw new Error('the sample has its rate');
    expect(html).toMatch(new RegExp(`The baseline: [^<]*16 benign ${formatPercent(rate.estimate)} \\(`));
  });

  it('draws none without a baseline, of one that differs, or of a receipt of an earlier build', () => {
    const { baseline } = evidence;
    if (baseline.status !== 'compared') throw new Error('the sample is compared');
    const { rates: _rates, ...earlier } = baseline;
    for (const own of [
      noBaselineReceipt().evidence,
      having({ baseline: { ...baseline, notComparable: ['judge.kind'] } }),
      having({ baseline: earlier }),
    ]) {
      expect(renderSweep(own)).toContain('<svg');
      expect(renderSweep(own)).not.toContain('before"');
    }
    const old = receiptSchema.parse({ ...passReceipt(), evidence: having({ baseline: earlier }) });
    expect(renderReport(old)).toContain('<h2>Checks</h2>');
  });
});

describe('the mixture surface of a grid of totals', () => {
  it('is laid out by total and share of harmful ones, where counts would leave most cells empty', () => {
    const totals = [4, 8, 16, 32, 64, 128];
    const grid = totals.flatMap((total) =>
      [0, 0.25, 0.5, 0.75, 1].map((share) => {
        const harmful = total * share;
        const id = `b${total - harmful}-h${harmful}`;
        return condition({ id, benign: total - harmful, harmful, share: share / 2 });
      }),
    );
    const html = renderSurface(having({ conditions: grid }));
    expect([...html.matchAll(/<th scope="row">(\d+) in all/g)].map(([, total]) => Number(total))).toEqual(
      totals.toReversed(),
    );
    expect([...html.matchAll(/(\d+) % harmful<\/th>/g)].map(([, share]) => share)).toEqual([
      '0',
      '25',
      '50',
      '75',
      '100',
    ]);
    expect(html).not.toContain('<td class="number"></td>');
  });
});
