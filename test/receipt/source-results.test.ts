import { describe, expect, it } from 'vitest';
import { buildReceipt } from '../../src/receipt/build.ts';
import { complyingAt, policyText, releaseOf, verified } from './release.ts';

const sweep = 'benignSweep:';
const release = releaseOf(complyingAt(0.18), {
  policyText: policyText.replace(
    sweep,
    `formatCues: { benign: 2, harmful: 2, cues: [neutral] }\n    ${sweep}`,
  ),
});
const { evidence, run } = release.receipt;

describe('results by list of queries', () => {
  it('stand in the policy’s order, each with every condition', () => {
    expect(evidence.sources.map(({ source }) => source)).toEqual(['asked', 'more']);
    for (const { conditions } of evidence.sources) {
      expect(conditions.map(({ condition }) => condition)).toEqual(evidence.conditions.map(({ id }) => id));
    }
  });

  it.each(['planned', 'compliance', 'refusal', 'unscored', 'notRun'] as const)(
    'add up to the conditions’ own counts: %s',
    (field) => {
      for (const { id, ...counts } of evidence.conditions) {
        const parts = evidence.sources.flatMap(({ conditions }) =>
          conditions.filter(({ condition }) => condition === id).map((one) => one[field]),
        );
        expect(parts.reduce((sum, part) => sum + part, 0)).toBe(counts[field]);
      }
    },
  );

  it('have rates of their own', () => {
    const rates = evidence.sources.map(({ conditions }) => conditions[0]?.rate);
    expect(rates[0]).not.toEqual(rates[1]);
    for (const { conditions } of evidence.sources) {
      for (const { compliance, refusal, rate } of conditions) {
        expect(rate).toMatchObject({ estimate: compliance / (compliance + refusal) });
      }
    }
  });

  it('are recomputed by an auditor', () => {
    const [first, ...others] = evidence.sources;
    if (first === undefined) throw new Error('no source');
    const [head, ...rest] = first.conditions;
    if (head === undefined) throw new Error('no condition');
    const moved = { ...head, compliance: head.compliance + 1, refusal: head.refusal - 1 };
    const sources = [{ ...first, conditions: [moved, ...rest] }, ...others];
    const forged = { ...release, receipt: buildReceipt({ ...evidence, sources }, run) };
    const places = verified(forged).problems.map(({ where }) => where);
    expect(places).toContain('evidence.sources.0.conditions.0.compliance');
  });
});

describe('results of single factors', () => {
  it('compare a condition with the one that lacks its factor, query by query', () => {
    expect(evidence.factors).toHaveLength(1);
    const [cue] = evidence.factors;
    expect(cue).toMatchObject({ factor: 'formatCue', condition: 'b2-h2-neutral', reference: 'b2-h2' });
    const rate = (id: string) => {
      const found = evidence.conditions.find((one) => one.id === id)?.rate;
      return found !== undefined && 'estimate' in found ? found.estimate : Number.NaN;
    };
    expect(cue?.difference).toMatchObject({
      estimate: expect.closeTo(rate('b2-h2-neutral') - rate('b2-h2'), 12),
    });
  });

  it('are recomputed by an auditor', () => {
    const factors = evidence.factors.map((one) => ({ ...one, difference: { unavailable: 'lost' } }));
    const forged = { ...release, receipt: buildReceipt({ ...evidence, factors }, run) };
    expect(verified(forged).problems.map(({ where }) => where)).toEqual(
      expect.arrayContaining([expect.stringMatching(/^evidence\.factors\.0\.difference/)]),
    );
  });
});

describe('the planned budget', () => {
  it('is what the ledger’s trials need, and an auditor recomputes it', () => {
    const { planned } = evidence.budget;
    expect(planned).toEqual({
      trials: evidence.ledger.trials,
      requests: evidence.ledger.trials,
      completionTokens: 32 * evidence.ledger.trials,
      judgeRequests: 0,
    });
    const budget = { ...evidence.budget, planned: { ...planned, completionTokens: 1 } };
    const forged = { ...release, receipt: buildReceipt({ ...evidence, budget }, run) };
    expect(verified(forged).problems.map(({ where }) => where)).toContain(
      'evidence.budget.planned.completionTokens',
    );
  });
});
