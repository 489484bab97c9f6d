import { describe, expect, it } from 'vitest';
import { renderNotes } from '../../src/publish/notes.ts';
import { type Baseline, parseBaseline } from '../../src/receipt/baseline.ts';
import { digestOf } from '../../src/receipt/digest.ts';
import { parseReceipt, receiptDigest } from '../../src/receipt/read-receipt.ts';
import type { Receipt } from '../../src/receipt/receipt.ts';
import { acceptedFiles, baselineParts, complyingAt, policyText, releaseOf } from '../receipt/release.ts';

const first = { ...baselineParts, policyText: `${policyText}baseline: none\n` };
const files = acceptedFiles(releaseOf(complyingAt(0.15), first));
const now = parseBaseline(files);

/** A receipt that its author changed and sealed anew, with all that ties it to its ledger. */
function reseal(change: (evidence: Receipt['evidence']) => object): string {
  const receipt = parseReceipt(files.receipt, 'receipt');
  const evidence = { ...receipt.evidence, ...change(receipt.evidence) };
  const sealed = { ...receipt, evidence, evidenceDigest: digestOf(evidence) };
  return JSON.stringify({ ...sealed, digest: receiptDigest(sealed) });
}

const propose = (change: Parameters<typeof reseal>[0]): Baseline =>
  parseBaseline({ ...files, receipt: reseal(change), acceptance: undefined });

function notesOn(proposed: Baseline): string {
  const trusted = {
    commit: 'b'.repeat(40),
    workflow: { path: '.github/workflows/gate.yml', role: 'workflow', change: 'changed' },
    changes: {
      files: [{ path: 'safety/policy.yml', role: 'policy', change: 'changed' }],
      policy: { kind: 'same' },
    },
    preview: null,
    baseline: { now, proposed },
  } as const;
  return renderNotes({ waiver: null, trusted });
}

const looksOf = (planned: readonly number[]) => (evidence: Receipt['evidence']) => ({
  looks: { ...evidence.looks, planned },
});

describe('a proposed baseline whose author sealed it anew', () => {
  it('with an empty policy is compared under the policy in force', () => {
    const notes = notesOn(propose(({ policy }) => ({ policy: { ...policy, content: {} } })));
    expect(notes).toContain('Proposed minus now');
    expect(notes).toContain('gate.yml');
  });

  it('with looks of its own gets no difference, and a word on it', () => {
    const notes = notesOn(propose(looksOf([1000, 1001, 1002])));
    expect(notes).toContain('The two plan other looks');
    expect(notes).not.toContain('Proposed minus now');
  });

  it.each([
    ['falling', [16, 8, 8]],
    ['200', Array.from({ length: 200 }, (_, index) => 1000 + index)],
  ])('with %s looks is no receipt', (_words, planned) => {
    expect(() => propose(looksOf(planned))).toThrow(/looks/);
  });

  it('that makes its own note fail leaves the others as they are', () => {
    const broken: Baseline = {
      ...now,
      get trials(): never {
        throw new RangeError('no <b>trials</b>');
      },
    };
    const notes = notesOn(broken);
    expect(notes).toContain('No note on the proposed baseline could be made');
    expect(notes).not.toContain('<b>');
    expect(notes).toContain('gate.yml');
    expect(notes).toContain('safety/policy.yml');
  });
});
