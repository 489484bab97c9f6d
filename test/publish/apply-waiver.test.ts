import { describe, expect, it } from 'vitest';
import { parseWaiver, type Waiver } from '../../src/config/waiver.ts';
import { applyWaiver } from '../../src/publish/apply-waiver.ts';
import { buildReceipt } from '../../src/receipt/build.ts';
import type { Evidence, Receipt } from '../../src/receipt/receipt.ts';
import { failReceipt, passReceipt } from '../report/sample-receipts.ts';

const { evidence, run } = failReceipt();
const receiptOf = (change: Partial<Evidence> = {}) => buildReceipt({ ...evidence, ...change }, run);
const failed = receiptOf();
const signed: Waiver = {
  version: 1,
  policy: 'standard',
  signedOffBy: 'Ada Example',
  date: '2026-11-20',
  reason: 'reviewed',
  evidenceDigest: failed.evidenceDigest,
  until: '2026-11-27',
};
const at = (moment: string) => new Date(moment);
const apply = (change: { waiver?: Partial<Waiver>; receipt?: Receipt; waived?: Receipt; now?: Date } = {}) =>
  applyWaiver({
    waiver: { ...signed, ...change.waiver },
    receipt: change.receipt ?? failed,
    policyName: 'standard',
    waived: change.waived,
    now: change.now ?? at('2026-11-21T12:00:00Z'),
  });
const none = (words: string) => ({ kind: 'noEffect', reason: expect.stringContaining(words) });

describe('applyWaiver', () => {
  it('holds for its evidence, from the first moment of its date to the last of its end', () => {
    expect(apply()).toMatchObject({ kind: 'holds' });
    expect(apply({ now: at('2026-11-20T00:00:00Z') })).toMatchObject({ kind: 'holds' });
    expect(apply({ now: at('2026-11-27T23:59:59Z') })).toMatchObject({ kind: 'holds' });
    expect(apply({ now: at('2026-11-19T23:59:59Z') })).toEqual(none('still to come'));
    expect(apply({ now: at('2026-11-28T00:00:00Z') })).toEqual(none('ended on 2026-11-27'));
  });

  it('holds where a later attempt shows the same evidence again, and never for an earlier one', () => {
    expect(apply({ receipt: receiptOf({ attempt: evidence.attempt + 2 }) })).toMatchObject({ kind: 'holds' });
    const later = receiptOf({ attempt: evidence.attempt + 2 });
    expect(apply({ waiver: { evidenceDigest: later.evidenceDigest } })).toEqual(none('it is for evidence'));
  });

  it.each([
    ['other evidence', { waiver: { evidenceDigest: 'f'.repeat(64) } }, 'it is for evidence ffffffffffff'],
    ['another policy', { waiver: { policy: 'quick' } }, 'for policy quick'],
    [
      'an end before its date',
      { waiver: { date: '2026-11-21', until: '2026-11-20' }, now: at('2026-11-21T00:00:00Z') },
      '2026-11-20',
    ],
    ['more than 92 days', { waiver: { until: '2027-03-01' } }, 'more than 92 days'],
    [
      'a verdict that is no fail',
      { receipt: buildReceipt(passReceipt().evidence, run) },
      'the verdict is pass',
    ],
  ])('has no effect under %s', (_, change, words) => {
    expect(apply(change)).toEqual(none(words));
  });

  it('holds for the release measured again, where it brings the receipt it waives', () => {
    expect(apply({ receipt: receiptOf({ asOf: '2026-11-21T00:00:00Z' }), waived: failed })).toMatchObject({
      kind: 'holds',
    });
  });

  it.each<[string, Partial<Evidence>, string]>([
    [
      'another candidate',
      { candidate: { ...evidence.candidate, digest: `sha256:${'0'.repeat(64)}` } },
      'candidate.digest',
    ],
    ['another served model', { served: { ...evidence.served, root: 'elsewhere' } }, 'served.root'],
    ['another policy text', { policy: { ...evidence.policy, sha256: '0'.repeat(64) } }, 'policySha256'],
    ['another suite', { suite: { ...evidence.suite, planSha256: '0'.repeat(64) } }, 'planSha256'],
    [
      'a failure that is new',
      {
        checks: evidence.checks.map((one) => ({
          ...one,
          outcome: 'fail' as const,
          at: `${one.at} elsewhere`,
        })),
      },
      'failed now and had not',
    ],
  ])('has no effect on %s', (_, change, words) => {
    const again = receiptOf({ asOf: '2026-11-21T00:00:00Z', ...change });
    expect(apply({ receipt: again, waived: failed })).toEqual(none(words));
  });

  it('has no effect where its receipt is of other evidence than it says', () => {
    const again = receiptOf({ asOf: '2026-11-21T00:00:00Z' });
    const waived = receiptOf({ asOf: '2026-11-19T00:00:00Z' });
    expect(apply({ receipt: again, waived })).toEqual(none('of other evidence than it says'));
  });
});

describe('parseWaiver', () => {
  const text = (change: Record<string, unknown> = {}) => JSON.stringify({ ...signed, ...change });

  it('reads who, why, which evidence and until when', () => {
    expect(parseWaiver(text(), 'waiver.yml')).toEqual(signed);
  });

  it.each([
    { signedOffBy: undefined },
    { reason: ' ' },
    { reason: 'two\nlines' },
    { until: 'next week' },
    { date: '2026-13-01' },
    { evidenceDigest: 'abc' },
    { version: 2 },
    { forever: true },
  ])('refuses %j', (change) => {
    expect(() => parseWaiver(text(change), 'waiver.yml')).toThrowError(
      expect.objectContaining({ code: 'WAIVER_INVALID' }),
    );
  });
});
