import { describe, expect, it } from 'vitest';
import { normalQuantile } from '../../src/analysis/normal-distribution.ts';
import type { Check } from '../../src/gate/check.ts';
import { viewEvidence } from '../../src/gate/evidence-view.ts';
import { type HeldChecks, holdChecks, type LookEvidence } from '../../src/gate/hold-checks.ts';
import { decideMaximum } from '../../src/gate/limit.ts';

/**
 * Checks of one quantity whose evidence a test writes down: its estimate at each look, with a standard error of 1 and a
 * limit of 0, so that an estimate of -2 is a z of 2 for a pass.
 */
function check(name: string, estimates: readonly number[]): { check: Check; at: (look: number) => number } {
  const at = (look: number) => estimates[look - 1] ?? estimates.at(-1) ?? 0;
  return {
    at,
    check: {
      name,
      threshold: 0,
      needsBaseline: false,
      reads: { evaluation: [name, 'shared'], control: [] },
      motivation: '',
      remedy: '',
      decide: (_view, errors, limit = 0) =>
        decideMaximum({
          passing: [
            {
              at: name,
              interval: (level) => {
                const half = -normalQuantile((1 - level) / 2);
                const estimate = at(current);
                return { estimate, lower: estimate - half, upper: estimate + half, level, method: 'z' };
              },
            },
          ],
          limit,
          errors,
        }),
    },
  };
}

/** The look whose evidence is being read. */
let current = 0;

function hold(
  estimates: Readonly<Record<string, readonly number[]>>,
  options: {
    readonly ends?: readonly number[];
    readonly evidence?: (look: number) => Partial<LookEvidence>;
    readonly upTo?: number;
  } = {},
): HeldChecks {
  const view = viewEvidence({ trials: [], baseline: [], missing: 'leftOut' });
  return holdChecks({
    checks: Object.entries(estimates).map(([name, list]) => check(name, list).check),
    alpha: 0.05,
    ends: options.ends ?? [8, 16, 24, 32],
    evidenceAt: (look) => {
      current = look;
      return { views: [{ raw: view }], complete: true, fit: true, ...options.evidence?.(look) };
    },
    ...(options.upTo === undefined ? {} : { upTo: options.upTo }),
  });
}

const outcomes = ({ held }: HeldChecks) =>
  Object.fromEntries([...held].map(([name, { outcome, look }]) => [name, `${outcome} ${look}`]));

describe('holding checks look by look', () => {
  it('settles each at the first look whose own error it meets, and ends when all are', () => {
    // Criticals of a pass, one-sided 0.05: 3.75, 2.54, 2.02, 1.72.
    const result = hold({ early: [-3.8], second: [-3.7, -2.6], third: [-2.5, -2.5, -2.1] });
    expect(outcomes(result)).toEqual({ early: 'pass 1', second: 'pass 2', third: 'pass 3' });
    expect(result.taken.map(({ settled }) => settled)).toEqual([['early'], ['second'], ['third']]);
    expect(result.taken.at(-1)?.needs).toBeUndefined();
  });

  it('keeps what is settled, whatever later evidence says', () => {
    expect(outcomes(hold({ early: [-4, 9, 9, 9], open: [0] }))).toEqual({
      early: 'pass 1',
      open: 'inconclusive 4',
    });
  });

  it('asks on only in the conditions of open checks', () => {
    const [first] = hold({ early: [-4], open: [0] }).taken;
    expect([...(first?.needs?.evaluation ?? [])]).toEqual(['open', 'shared']);
  });

  it('ends at a failure: the verdict cannot change any more', () => {
    const result = hold({ bad: [0, 4], open: [0] });
    expect(outcomes(result)).toEqual({ bad: 'fail 2', open: 'inconclusive 2' });
    expect(result.taken).toHaveLength(2);
  });

  it('settles nothing on evidence that is not fit', () => {
    const result = hold({ good: [-4] }, { evidence: (look) => ({ fit: look > 2 }) });
    expect(outcomes(result)).toEqual({ good: 'pass 3' });
    expect(result.held.get('good')?.settled).toBe(true);
  });

  it('takes a look whose trials did not all run for the last, and settles nothing there', () => {
    const result = hold({ good: [-1, -4] }, { evidence: (look) => ({ complete: look < 2 }) });
    expect(result.taken.map(({ look, complete }) => [look, complete])).toEqual([
      [1, true],
      [2, false],
    ]);
    expect(result.held.get('good')).toMatchObject({ outcome: 'pass', settled: false });
  });

  it('takes no look beyond the one that was reached', () => {
    const result = hold({ open: [0] }, { upTo: 2 });
    expect(result.taken.map(({ look }) => look)).toEqual([1, 2]);
    expect(result.taken.at(-1)?.needs?.evaluation.has('open')).toBe(true);
  });
});

describe('failures among several checks', () => {
  const once = { ends: [32] };

  it('share the error: one of two needs half of it', () => {
    // One-sided p of 1.8 is 0.036, of 2.0 it is 0.0228.
    expect(outcomes(hold({ a: [1.8] }, once))).toEqual({ a: 'fail 1' });
    expect(outcomes(hold({ a: [1.8], b: [0] }, once))).toEqual({ a: 'inconclusive 1', b: 'inconclusive 1' });
    expect(outcomes(hold({ a: [2.0], b: [0] }, once))).toEqual({ a: 'fail 1', b: 'inconclusive 1' });
  });

  it('step down: what one failure leaves is spent on the others', () => {
    const result = hold({ a: [2.0], b: [1.8] }, once);
    expect(outcomes(result)).toEqual({ a: 'fail 1', b: 'fail 1' });
    // Both are claimed at the error of the last claim.
    for (const { value } of result.held.values()) expect(value).toMatchObject({ level: 0.9 });
  });

  it('leave passes alone: each has all of alpha', () => {
    expect(outcomes(hold({ a: [-1.7], b: [-1.7], c: [0] }, once))).toEqual({
      a: 'pass 1',
      b: 'pass 1',
      c: 'inconclusive 1',
    });
  });
});

describe('an auditor without the baseline', () => {
  const interval = { estimate: -3, lower: -4, upper: -2, level: 0.9, method: 'z' };
  const recorded = (look: number, outcome: 'pass' | 'inconclusive' = 'pass') =>
    new Map([
      [
        'a',
        {
          name: 'a',
          outcome,
          value: interval,
          threshold: 0,
          look,
          at: '',
          note: '',
          motivation: '',
          remedy: '',
        },
      ],
    ]);
  const audit = (look: number, outcome?: 'pass' | 'inconclusive') =>
    holdChecks({
      checks: [check('a', [0]).check],
      alpha: 0.05,
      ends: [8, 16],
      evidenceAt: () => ({
        views: [{ raw: viewEvidence({ trials: [], baseline: [], missing: 'leftOut' }) }],
        complete: true,
        fit: true,
      }),
      recorded: recorded(look, outcome),
    });

  it('takes a recorded check as settled from the look that the record names', () => {
    expect(audit(1).taken).toHaveLength(1);
    expect(outcomes(audit(2))).toEqual({ a: 'pass 2' });
    expect(outcomes(audit(2, 'inconclusive'))).toEqual({ a: 'inconclusive 2' });
  });
});
