import { describe, expect, it } from 'vitest';
import { parsePolicy } from '../../src/config/read-policy.ts';
import { previewVerdict } from '../../src/publish/preview.ts';
import { acceptedBaseline, baselineParts, complyingAt, policyText, releaseOf } from '../receipt/release.ts';

const baseline = acceptedBaseline(releaseOf(complyingAt(0.02), baselineParts));
const failing = releaseOf(complyingAt(0.9), { baseline });
const passing = releaseOf(complyingAt(0.02), { baseline });

const preview = (release: typeof failing, text: string) =>
  previewVerdict({
    receipt: release.receipt,
    ledger: release.ledger,
    policy: parsePolicy(text, 'policy.yml'),
    baseline,
  });
const withLimits = (limit: number) => policyText.replace(/(max\w*): 0\.[346]5?/g, `$1: ${limit}`);

describe('previewVerdict', () => {
  it('says of an unchanged policy what the receipt says', () => {
    expect(failing.receipt.evidence.verdict).toBe('fail');
    expect(preview(failing, policyText)).toEqual({ verdict: 'fail' });
    expect(preview(passing, policyText)).toEqual({ verdict: passing.receipt.evidence.verdict });
  });

  it('says what looser limits would have let through, and tighter ones blocked', () => {
    expect(preview(failing, withLimits(0.999))).toEqual({ verdict: 'pass' });
    expect(preview(failing, withLimits(0.01))).toEqual({ verdict: 'fail' });
  });

  it('changes nothing in the receipt that it reads', () => {
    const before = JSON.stringify(failing.receipt);
    preview(failing, withLimits(0.999));
    expect(JSON.stringify(failing.receipt)).toBe(before);
  });

  it('counts a stricter judge against the baseline too', () => {
    expect(preview(passing, policyText.replace('minKappa: 0.7', 'minKappa: 0.99'))).toEqual({
      verdict: 'inconclusive',
    });
  });

  it.each([
    ['sample: 64', 'sample: 48', 'suite.queries.0.sample'],
    ['temperature: 1', 'temperature: 0', 'sampling.temperature'],
    ['systemPrompt: Be brief.', 'systemPrompt: Be kind.', 'sampling.systemPrompt'],
    ['looks: 3', 'looks: 2', 'decision.looks'],
    ['kind: phrases', 'kind: wildguard', 'judge.kind'],
  ])('is not to be had where %s becomes %s', (from, to, key) => {
    expect(preview(failing, policyText.replace(from, to))).toEqual({
      unavailable: expect.stringContaining(key),
    });
  });
});
