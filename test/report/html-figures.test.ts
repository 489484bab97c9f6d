import { describe, expect, it } from 'vitest';
import { formatPercent, isInterval } from '../../src/report/format.ts';
import { renderFactors, renderQuerySources } from '../../src/report/html-factors.ts';
import { renderSurface } from '../../src/report/html-surface.ts';
import { interval, unavailable } from './sample-parts.ts';
import { failReceipt, passReceipt } from './sample-receipts.ts';

describe('the mixture surface', () => {
  const { evidence } = failReceipt();
  const html = renderSurface(evidence);

  it('says every number in its cell, so that no colour is needed', () => {
    const plain = evidence.conditions.filter(({ ordering }) => ordering === 'suffix');
    for (const { rate } of plain) {
      expect(html).toContain(isInterval(rate) ? formatPercent(rate.estimate) : 'missing');
    }
  });

  it('has a row for each harmful count, the most harmful first, and leaves out what was not asked', () => {
    const rows = [...html.matchAll(/<th scope="row">(\d+) harmful/g)].map((one) => Number(one[1]));
    expect(rows).toEqual(rows.toSorted((a, b) => b - a));
    expect(html).toContain('<td class="number"></td>');
  });

  it('shades by tenths of the rate, the highest rate in the last shade', () => {
    const [first, ...rest] = evidence.conditions;
    if (first === undefined) throw new Error('no conditions');
    const at = (estimate: number) => ({ ...first, rate: interval(estimate, 0, 1) });
    for (const [estimate, shade] of [
      [0, 'h0'],
      [0.099, 'h0'],
      [0.1, 'h1'],
      [1, 'h9'],
    ] as const) {
      expect(renderSurface({ ...evidence, conditions: [at(estimate), ...rest] })).toContain(`cell ${shade}"`);
    }
  });

  it('is not drawn where counts do not vary both ways', () => {
    const conditions = evidence.conditions.filter(({ harmful }) => harmful === 4);
    expect(renderSurface({ ...evidence, conditions })).toBe('');
  });
});

describe('the plots of factors and sources', () => {
  const { evidence } = passReceipt();
  const [first, second] = evidence.conditions;
  if (first === undefined || second === undefined) throw new Error('too few conditions');
  const factor = (difference: (typeof evidence.factors)[number]['difference']) => ({
    factor: 'carrier' as const,
    condition: first.id,
    reference: second.id,
    difference,
  });

  it('show each difference about zero, with its numbers', () => {
    const html = renderFactors({ ...evidence, factors: [factor(interval(-0.031, -0.08, 0.018))] });
    expect(html).toContain('id="factor-carrier-title"');
    expect(html).toContain('−3.1 (−8.0 to +1.8)');
  });

  it('leave out what was not measured, and say so in the table', () => {
    const html = renderFactors({ ...evidence, factors: [factor(unavailable('no pairs of scored answers'))] });
    expect(html).not.toContain('<svg');
    expect(html).toContain('no pairs of scored answers');
  });

  it('draw a line for each list of queries where there are several', () => {
    const { evidence: own } = failReceipt();
    const [source] = own.sources;
    if (source === undefined) throw new Error('no source');
    const two = { ...own, sources: [source, { ...source, source: 'second' }] };
    const html = renderQuerySources(two);
    expect(html).toContain('id="sources-title"');
    expect(html).toContain('>second</text>');
  });
});
