import { describe, expect, it } from 'vitest';
import { EvidenceError } from '../../src/config/errors.ts';
import { compareWithBaseline, differences, parseBaseline } from '../../src/receipt/baseline.ts';
import { buildReceipt } from '../../src/receipt/build.ts';
import { sha256 } from '../../src/receipt/digest.ts';
import type { Evidence, Receipt } from '../../src/receipt/receipt.ts';
import type { LabelledTrial } from '../../src/suite/outcome.ts';
import {
  acceptedBaseline,
  acceptedFiles,
  baselineParts,
  cardParts,
  complyingAt,
  hexOf,
  partsOf,
  releaseOf,
  textOf,
  withNewDigests,
} from './release.ts';
import { reversed } from './reverse-keys.ts';

const release = releaseOf(complyingAt(0.15), baselineParts);
const files = acceptedFiles(release);
const baseline = acceptedBaseline(release);

const failure = (changed: Partial<Parameters<typeof parseBaseline>[0]>): EvidenceError => {
  try {
    parseBaseline({ ...files, ...changed });
  } catch (error) {
    if (error instanceof EvidenceError) return error;
    throw error;
  }
  throw new Error('the baseline was taken');
};

describe('a baseline’s files', () => {
  it('are taken when they belong together', () => {
    expect(baseline.receipt).toEqual(release.receipt);
    expect(baseline.trials).toHaveLength(384);
    expect(baseline.ledgerSha256).toBe(hexOf(release.ledger));
    expect(baseline.acceptance).toMatchObject({ by: 'release-team', reason: 'first release' });
  });

  it('may be a bare run, which nobody accepted', () => {
    expect(parseBaseline({ ...files, acceptance: undefined }).acceptance).toBeNull();
  });

  it('are refused with a ledger of another hash, naming both', () => {
    const error = failure({ ledger: release.ledger.replace('"refusal"', '"compliance"') });
    expect(error.code).toBe('BASELINE_BROKEN');
    expect(error.message).toContain('baseline/ledger.jsonl: expected SHA-256 ');
    expect(error.message).toContain(hexOf(release.ledger));
    expect(error.complaints[0]?.remedy).toContain('restore the baseline');
  });

  it('are refused with an empty or a broken ledger', () => {
    expect(failure({ ledger: '' }).code).toBe('BASELINE_BROKEN');
    const torn = 'not a ledger\n';
    const evidence = {
      ...release.receipt.evidence,
      ledger: { ...release.receipt.evidence.ledger, sha256: hexOf(torn) },
    };
    const receipt = textOf(buildReceipt(evidence, release.receipt.run));
    const error = failure({ ledger: torn, receipt, acceptance: undefined });
    expect(error).toMatchObject({ code: 'LEDGER_BROKEN' });
    expect(error.message).toContain('baseline/ledger.jsonl:1');
  });

  it('are refused with an acceptance of another receipt', () => {
    const error = failure({ acceptance: files.acceptance.replace(release.receipt.digest, hexOf('another')) });
    expect(error.code).toBe('BASELINE_BROKEN');
    expect(error.message).toBe(
      `baseline/accepted.json: expected receipt ${release.receipt.digest}, got ${hexOf('another')}`,
    );
  });

  it.each([
    '{',
    '{}',
    '[]',
    files.acceptance.replace('release-team', ''),
    files.acceptance.replace('{', '{"x":1,'),
  ])('are refused with an acceptance that is none: %s', (acceptance) => {
    expect(failure({ acceptance }).code).toBe('BASELINE_BROKEN');
  });

  it('are refused where a label was flipped and every hash made anew: the counts tell', () => {
    const ledger = files.ledger.replace('"label":"compliance"', '"label":"refusal"');
    expect(ledger).not.toBe(files.ledger);
    const renamed = files.receipt.replace(release.receipt.evidence.ledger.sha256, sha256(ledger));
    const receipt = textOf(JSON.parse(withNewDigests(renamed)));
    expect(failure({ ledger, receipt, acceptance: undefined }).code).toBe('BASELINE_BROKEN');
  });

  it('are refused with a receipt that was changed, or is none', () => {
    const changed = files.receipt.replace('"verdict":"inconclusive"', '"verdict":"pass"');
    expect(changed).not.toBe(files.receipt);
    const error = failure({ receipt: changed });
    expect(error.code).toBe('RECEIPT_CHANGED');
    expect(error.message).toContain('baseline/receipt.json evidenceDigest');
    expect(failure({ receipt: 'hello' }).code).toBe('RECEIPT_BROKEN');
    expect(failure({ receipt: '{}' }).code).toBe('RECEIPT_BROKEN');
  });
});

const comparableOf = ({ judge, suite, sampling, served, ledger }: Evidence) => ({
  judge,
  suite,
  sampling,
  served,
  ledgerIds: ledger.ids,
});

describe('what makes two runs comparable', () => {
  const { evidence } = release.receipt;
  const now = comparableOf(evidence);
  const differ = (parts: Partial<typeof now>) => differences({ ...now, ...parts }, release.receipt);
  const judgeServed = { ...evidence.served, model: 'judge-1', root: '/models/judge-1' };

  it('is the same run to itself, whatever the order of its keys on disk', () => {
    expect(differ({})).toEqual([]);
    const receipt = textOf(reversed(release.receipt));
    const other = parseBaseline({ ...files, receipt });
    expect(differences(now, other.receipt)).toEqual([]);
    expect(other.receipt.digest).toBe(release.receipt.digest);
  });

  it.each<[string, Parameters<typeof differ>[0]]>([
    ['suite.planSha256', { suite: { ...now.suite, planSha256: hexOf('other') } }],
    ['judge.kind', { judge: { ...now.judge, kind: 'wildguard' } }],
    ['judge.promptSha256', { judge: { ...now.judge, promptSha256: hexOf('other') } }],
    ['judge.served.model', { judge: { ...now.judge, served: judgeServed } }],
    ['judge.canaries.kappa', { judge: { ...now.judge, minKappa: 0.96 } }],
    ['served.templateSha256', { served: { ...now.served, templateSha256: hexOf('other') } }],
    ['ledger.ids', { ledgerIds: 'hmac' }],
    ['sampling.temperature', { sampling: { ...now.sampling, temperature: 0 } }],
    ['sampling.topP', { sampling: { ...now.sampling, topP: 0.9 } }],
    ['sampling.maxTokens', { sampling: { ...now.sampling, maxTokens: 64 } }],
    ['sampling.minJudgedTokens', { sampling: { ...now.sampling, minJudgedTokens: 9 } }],
    ['sampling.maxReasoningTokens', { sampling: { ...now.sampling, maxReasoningTokens: 0 } }],
    ['sampling.seed', { sampling: { ...now.sampling, seed: 8 } }],
    ['sampling.systemPromptSha256', { sampling: { ...now.sampling, systemPromptSha256: hexOf('other') } }],
  ])('names %s where that differs', (field, parts) => {
    expect(differ(parts)).toEqual([field]);
  });

  it('names the root of a judge that is served under one name from other weights', () => {
    const before = withEvidence({ judge: { ...evidence.judge, served: judgeServed } });
    const judge = { ...now.judge, served: { ...judgeServed, root: '/models/judge-2' } };
    expect(differences({ ...now, judge }, before)).toEqual(['judge.served.root']);
  });

  it('takes what a server does not tell for equal, and another candidate’s name for no difference', () => {
    expect(differ({ served: { ...now.served, templateSha256: null } })).toEqual([]);
    expect(differ({ served: { ...now.served, model: 'candidate-2', root: '/other' } })).toEqual([]);
  });

  it('does not compare with a baseline whose judge failed its canaries', () => {
    for (const kappa of [0.69, -1, null]) {
      const before = withEvidence({
        judge: { ...evidence.judge, canaries: { ...evidence.judge.canaries, kappa } },
      });
      expect(differences(now, before)).toEqual(['judge.canaries.kappa']);
    }
  });

  it('does not compare with a baseline whose judge changed while it was measured', () => {
    const changes = { reference: 'before', most: 4, allowed: 3 } as const;
    const canaries = { ...evidence.judge.canaries, changes };
    expect(differences(now, withEvidence({ judge: { ...evidence.judge, canaries } }))).toEqual([
      'judge.canaries.changes',
    ]);
  });

  it('does not compare judges whose cards have other words for the canaries, or panels of other models', () => {
    const { card } = releaseOf(complyingAt(0.1), cardParts()).receipt.evidence.judge;
    if (card === null) throw new Error('no card');
    const before = withEvidence({ judge: { ...evidence.judge, card } });
    const other = { ...card, canaryLabelsSha256: hexOf('other') };
    expect(differences({ ...now, judge: { ...now.judge, card } }, before)).toEqual([]);
    expect(differences({ ...now, judge: { ...now.judge, card: other } }, before)).toEqual([
      'judge.card.canaryLabelsSha256',
    ]);
    const panel = (model: string) => ({
      ...evidence.judge,
      members: [{ kind: 'wildguard', promptSha256: hexOf('p'), served: { ...judgeServed, model } }],
    });
    expect(differences({ ...now, judge: panel('b') }, withEvidence({ judge: panel('a') }))).toEqual([
      'judge.members.0.served.model',
    ]);
    expect(differences({ ...now, judge: panel('a') }, withEvidence({ judge: panel('a') }))).toEqual([]);
  });

  function withEvidence(parts: Partial<Evidence>): Receipt {
    return { ...release.receipt, evidence: { ...evidence, ...parts } };
  }
});

describe('a comparison', () => {
  const parts = partsOf(complyingAt(0.15));
  const compare = (trials: readonly LabelledTrial[], asOf: string, against = baseline) =>
    compareWithBaseline({
      baseline: against,
      candidate: comparableOf(release.receipt.evidence),
      trials,
      asOf,
    });

  it('counts whole days of age, and none where the baseline’s clock was ahead', () => {
    const age = (asOf: string) => compare(parts.trials, asOf).record;
    expect(age('2026-06-18T10:14:59.999Z')).toMatchObject({ ageDays: 9 });
    expect(age('2026-06-18T10:15:00.000Z')).toMatchObject({ ageDays: 10 });
    expect(age('2026-06-08T10:14:00.000Z')).toMatchObject({ ageDays: 0 });
  });

  it('counts the trials that both scored', () => {
    const hidden = parts.trials.map(
      (trial, index): LabelledTrial =>
        index < 5 ? { ...trial, outcome: { label: 'unscored', reason: 'empty' } } : trial,
    );
    expect(compare(hidden, parts.asOf).record).toMatchObject({ pairs: 379, notComparable: [] });
  });

  it('is none where no trial is common, as after a change of the ledger key', () => {
    const others = parts.trials.map((trial) => ({ ...trial, trialId: hexOf(trial.trialId) }));
    expect(compare(others, parts.asOf).standing).toMatchObject({
      notComparable: ['ledger (no common trials)'],
    });
  });

  it('says who accepted the baseline, when and why', () => {
    expect(compare(parts.trials, parts.asOf).record).toMatchObject({
      acceptedBy: 'release-team',
      reason: 'first release',
      acceptedAt: '2026-06-09T08:00:00.000Z',
      receiptDigest: release.receipt.digest,
      ledgerSha256: hexOf(release.ledger),
    });
    const bare = parseBaseline({ ...files, acceptance: undefined });
    expect(compare(parts.trials, parts.asOf, bare).record).toMatchObject({ acceptedBy: null });
  });
});
