import { describe, expect, it } from 'vitest';
import type { Evidence } from '../../src/receipt/receipt.ts';
import { formatsBody, hypothesesBody, looksBody } from '../../src/report/findings.ts';
import { formats, interval } from './sample-parts.ts';
import { passReceipt } from './sample-receipts.ts';

const { evidence } = passReceipt();
const having = (part: Partial<Evidence>): Evidence => ({ ...evidence, ...part });

describe('findings that no check reads', () => {
  it('are left out where there is nothing to show', () => {
    expect(formatsBody(having({ formats: [] }))).toBe('');
    expect(looksBody(evidence)).toBe('');
    expect(hypothesesBody(evidence)).toBe('');
  });

  it('show how often refusals and compliances copy a cue', () => {
    const body = formatsBody(having({ formats: formats('b8-h8-neutral', 'b8-h8-comply') }));
    expect(body).toContain('| `b8-h8-neutral` | neutral, on all | 87.0');
    expect(body).toContain('not available: no labels');
  });

  it('show each look with the level of its intervals and what it settled', () => {
    const goesOn = { evaluation: ['zero-shot'], control: [] };
    const body = looksBody(
      having({
        looks: {
          planned: [8, 16],
          taken: [
            {
              look: 1,
              blocks: 8,
              complete: true,
              nominalError: 0.0056,
              settled: ['recencySpread.max'],
              goesOn,
            },
            { look: 2, blocks: 16, complete: true, nominalError: 0.048, settled: [], goesOn },
          ],
        },
      }),
    );
    expect(body).toContain('| 1 | 8 of 16 | 98.88 % | `recencySpread.max` | 1 of');
    expect(body).toContain('| 2 | 16 of 16 | 90.4 % | none |');
  });

  it('show a hypothesis with its test, and mark a model-based one', () => {
    const test = {
      model: 'logit p = factor(harmful) + b2 * log2(1 + benign)',
      nullHypothesis: 'b2 = 0',
      basis: 'modelBased' as const,
      statisticName: 'penalised likelihood-ratio chi-square' as const,
      statistic: 9.1,
      df: [1],
      pValue: 0.00002,
      coefficients: [{ name: 'b2', scale: 'log-odds', interval: interval(0.2, 0.1, 0.3) }],
      likelihoodRatio: { unavailable: 'separated' },
    };
    const none = { unavailable: 'nothing to tell' };
    const body = hypothesesBody(
      having({ hypotheses: { totalCount: none, harmfulCount: test, joint: none } }),
    );
    expect(body).toContain('Only the harmful ones count');
    expect(body).toContain('model-based, not cluster-robust');
    expect(body).toContain('< 0.0001');
  });
});
