import { describe, expect, it } from 'vitest';
import { compareRuns } from '../../src/receipt/compare.ts';
import { describeComparison } from '../../src/report/compare-text.ts';
import { formatInterval, isInterval } from '../../src/report/format.ts';
import { renderComparison } from '../../src/report/html-compare.ts';
import { policyText } from '../receipt/release.ts';
import { amplified, candidateAt, comparedRun, flat, stageRelease } from '../receipt/stages.ts';
import { unbalanced } from './well-formed.ts';

const sft = comparedRun(stageRelease('sft', amplified));
const dpo = comparedRun(stageRelease('dpo', flat));
const hostile = '<script>alert(1)</script> & "x"';
const strange = comparedRun(
  stageRelease('dpo', flat, { candidate: { ...candidateAt(hostile, hostile), model: hostile } }),
);
const pages = {
  stages: compareRuns([sft, dpo]),
  'receipts alone': compareRuns([sft, { ...dpo, trials: undefined }]),
  'other suites': compareRuns([
    sft,
    comparedRun(stageRelease('dpo', flat, { policyText: policyText.replace('draws: 16', 'draws: 8') })),
  ]),
  'hostile names': compareRuns([strange, sft]),
};

describe.each(Object.entries(pages))('the page of %s', (_, comparison) => {
  const html = renderComparison(comparison);

  it('is well formed, with headings in order and ids used once', () => {
    expect(unbalanced(html)).toEqual([]);
    const levels = [...html.matchAll(/<h([1-6])/g)].map((one) => Number(one[1]));
    for (const [i, one] of levels.entries()) expect(one - (levels[i - 1] ?? 0)).toBeLessThanOrEqual(1);
    const ids = [...html.matchAll(/ id="([^"]*)"/g)].map((one) => one[1]);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('loads and runs nothing', () => {
    expect(html).toContain(`content="default-src 'none'; style-src 'unsafe-inline'`);
    expect(html).not.toMatch(/<(script|link|img|iframe|a|form|object|embed|base)\b|url\(|@import/i);
    expect([...html.matchAll(/<[^>]*\s(on\w+|src|href|style)=/g)]).toEqual([]);
  });
});

it('shows every difference of the comparison, as its numbers say', () => {
  const html = renderComparison(pages.stages);
  const [step] = pages.stages.steps;
  if (step?.status !== 'compared') throw new Error('expected a compared step');
  const { zeroShot, mixed, recency, conditions } = step.differences;
  const values = [zeroShot, mixed, recency, ...conditions.map(({ difference }) => difference)];
  expect(values.filter(isInterval)).toHaveLength(values.length);
  for (const value of values) {
    expect(html).toContain(isInterval(value) ? formatInterval(value, 'points') : 'missing');
  }
});

it('names the fields that differ and gives no difference, on page and terminal', () => {
  const html = renderComparison(pages['other suites']);
  expect(html).toContain('suite.planSha256');
  expect(html).not.toContain('Second minus first');
  const text = describeComparison(pages['other suites']);
  expect(text).toContain('dpo is not compared with sft: they do not agree in suite.planSha256');
  expect(text).not.toContain('points');
});
