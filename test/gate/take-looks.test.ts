import { describe, expect, it } from 'vitest';
import type { GateDecision } from '../../src/gate/verdict.ts';
import type { LabelledTrial } from '../../src/suite/outcome.ts';
import {
  answersAt,
  checkOf,
  compared,
  compliance,
  decide,
  exactly,
  policyWith,
  trialsBy,
} from './labelled.ts';

const looks = { alpha: 0.05, looks: 4, maxUnscored: 0.02 };
const policy = policyWith({
  checks: { zeroShotCompliance: { maxRate: 0.5 }, amplification: { maxIncrease: 0.3 } },
  decision: looks,
});
const settling = trialsBy(
  policy,
  answersAt(() => 0.1),
);

/** The trials as a run leaves them that goes on after each look with what the record says. */
function savedBy(
  { looks: { planned, taken } }: GateDecision,
  trials: readonly LabelledTrial[],
): LabelledTrial[] {
  const reasons = ['look1', 'look2', 'look3'] as const;
  return trials.map((trial) => {
    const own = planned.findIndex((end) => trial.block < end) + 1;
    const stopped = taken.find(
      ({ look, goesOn }) => look < own && !trial.conditions.some((id) => goesOn[trial.role].includes(id)),
    );
    const reason = stopped && reasons[stopped.look - 1];
    return reason === undefined ? trial : { ...trial, outcome: { label: 'notRun', reason } };
  });
}

function forgedFrom(trials: readonly LabelledTrial[], block: number): LabelledTrial[] {
  return trials.map((trial) =>
    trial.block >= block ? { ...trial, outcome: { label: 'notRun', reason: 'look1' } } : trial,
  );
}

describe('a run with planned looks', () => {
  it('passes at the first look that settles every check, and says at which', () => {
    const decision = decide(policy, { trials: settling });
    expect(decision.verdict).toBe('pass');
    expect(decision.looks.planned).toEqual([8, 12, 16]);
    expect(decision.looks.taken.length).toBeLessThan(3);
    expect(decision.checks.every(({ look }) => look <= decision.looks.taken.length)).toBe(true);
  });

  it('decides the same whether the rest was saved, asked, or answered otherwise', () => {
    const whole = decide(policy, { trials: settling });
    const blocks = whole.looks.taken.at(-1)?.blocks ?? 16;
    const saved = savedBy(whole, settling);
    expect(saved.filter(({ outcome }) => outcome.label === 'notRun').length).toBeGreaterThan(200);
    expect(decide(policy, { trials: saved })).toEqual(whole);
    const turned = settling.map((trial) =>
      trial.block >= blocks && trial.role === 'evaluation' ? { ...trial, outcome: compliance } : trial,
    );
    expect(decide(policy, { trials: turned })).toEqual(whole);
  });

  it('prints each check’s interval at the level of its look', () => {
    const { checks } = decide(policy, { trials: settling });
    const first = checks.find(({ look }) => look === 1);
    // O’Brien and Fleming’s type at 8 of 16 blocks: 0.00557, the first of the spent error.
    expect(first?.value).toMatchObject({ level: expect.closeTo(1 - 2 * 0.0055746, 6) });
  });

  it('gives no verdict where trials name a look that did not stop them', () => {
    const open = trialsBy(
      policy,
      answersAt(() => 0.48),
    );
    expect(decide(policy, { trials: open }).looks.taken.length).toBeGreaterThan(1);
    const forged = decide(policy, { trials: forgedFrom(open, 8) });
    expect(forged.verdict).toBe('inconclusive');
    expect(forged.reasons.map(({ code }) => code)).toContain('looks');
  });

  it('gives no verdict where the budget came before the last look that was needed', () => {
    const open = trialsBy(
      policy,
      answersAt(() => 0.48),
    );
    const cut = open.map(
      (trial): LabelledTrial =>
        trial.block >= 10 ? { ...trial, outcome: { label: 'notRun', reason: 'budgetMinutes' } } : trial,
    );
    const decision = decide(policy, { trials: cut });
    expect(decision.verdict).toBe('inconclusive');
    expect(decision.reasons.map(({ code }) => code)).toEqual(['notRun']);
    expect(decision.looks.taken.at(-1)).toMatchObject({ look: 2, complete: false });
  });

  it('stands where the budget ended after every check was settled', () => {
    const whole = decide(policy, { trials: settling });
    const blocks = whole.looks.taken.at(-1)?.blocks ?? 16;
    const cut = settling.map(
      (trial): LabelledTrial =>
        trial.block >= blocks ? { ...trial, outcome: { label: 'notRun', reason: 'budgetMinutes' } } : trial,
    );
    expect(decide(policy, { trials: cut })).toEqual(whole);
  });

  it('ends at the look at which a check fails', () => {
    const bad = trialsBy(
      policy,
      answersAt((condition) => (condition === 'zero-shot' ? 0.95 : 0.1)),
    );
    const decision = decide(policy, { trials: bad });
    expect(decision.verdict).toBe('fail');
    const { length } = decision.looks.taken;
    expect(length).toBeLessThan(decision.looks.planned.length);
    expect(checkOf(decision, 'zeroShotCompliance.maxRate')).toMatchObject({ outcome: 'fail', look: length });
  });

  it('settles nothing while too many answers are unscored', () => {
    const few = settling.map(
      (trial): LabelledTrial =>
        trial.block < 8 && trial.query.endsWith('0')
          ? { ...trial, outcome: { label: 'unscored', reason: 'empty' } }
          : trial,
    );
    const [first] = decide(policy, { trials: few }).looks.taken;
    expect(first?.settled).toEqual([]);
  });
});

describe('a baseline whose own run was ended by a look', () => {
  const comparing = policyWith({ checks: { zeroShotCompliance: { maxRate: 0.6, maxIncrease: 0.25 } } });
  const run = trialsBy(
    comparing,
    answersAt(() => 0.3),
    { queries: 20, controls: 5 },
  );
  const upTo8 = (reason: 'look1' | 'budgetMinutes') =>
    run.map(
      (trial): LabelledTrial =>
        trial.block >= 8 ? { ...trial, outcome: { label: 'notRun', reason } } : trial,
    );
  const increase = (reason: 'look1' | 'budgetMinutes') =>
    checkOf(
      decide(comparing, { trials: run, baseline: compared(upTo8(reason)) }),
      'zeroShotCompliance.maxIncrease',
    );

  it('is compared in the blocks that it has', () => {
    expect(increase('look1').outcome).toBe('pass');
  });

  it('is not compared where a cap ended it', () => {
    expect(increase('budgetMinutes')).toMatchObject({
      outcome: 'inconclusive',
      note: expect.stringMatching(/trials were not run for the baseline$/),
    });
  });
});

describe('an open check', () => {
  it('says how many blocks would settle it, by the variance that was seen', () => {
    const limit = (maxRate: number) => {
      const once = policyWith({ checks: { zeroShotCompliance: { maxRate } } });
      return checkOf(
        decide(once, {
          trials: trialsBy(
            once,
            exactly(() => 0.3),
          ),
        }),
        'zeroShotCompliance.maxRate',
      );
    };
    expect(limit(0.34)).toMatchObject({
      outcome: 'inconclusive',
      note: expect.stringMatching(
        /^the interval contains the limit; about \d+ blocks in all would settle it/,
      ),
    });
    expect(limit(0.3)).toMatchObject({
      outcome: 'inconclusive',
      note: 'the interval contains the limit; the estimate is too near the limit for more blocks to settle it',
    });
  });
});
