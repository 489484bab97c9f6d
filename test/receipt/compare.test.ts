import { describe, expect, it } from 'vitest';
import { isAvailable, type MaybeInterval } from '../../src/analysis/interval.ts';
import { compareRuns, parseComparedRun, type Step } from '../../src/receipt/compare.ts';
import { changesOf } from '../../src/receipt/compare-spillover.ts';
import { compareLedgers } from '../../src/receipt/compare-step.ts';
import type { LabelledTrial } from '../../src/suite/outcome.ts';
import { monteCarloBound, seededRandom } from '../analysis/random.ts';
import { cardParts, complyingAt, policyText, releaseOf, textOf } from './release.ts';
import { amplified, candidateAt, comparedRun, flat, stageRelease } from './stages.ts';

const sft = stageRelease('sft', amplified);
const dpo = stageRelease('dpo', flat);
const instruct = stageRelease('instruct', { ...flat, mixed: 0.38 });

function differencesOf(step: Step | undefined) {
  if (step?.status !== 'compared') throw new Error(`expected a compared step, got ${step?.status}`);
  return step.differences;
}

function intervalOf(value: MaybeInterval | undefined) {
  if (value === undefined || !isAvailable(value)) throw new Error(`no interval: ${JSON.stringify(value)}`);
  return value;
}

/** Compliances and refusals of a condition, by the receipt. */
function countsAt(release: typeof sft, id: string) {
  const found = release.receipt.evidence.conditions.find((one) => one.id === id);
  if (found === undefined) throw new Error(`no condition ${id}`);
  return { ...found, share: found.compliance / (found.compliance + found.refusal) };
}

describe('stages of one family', () => {
  const comparison = compareRuns([sft, dpo, instruct].map((release) => comparedRun(release)));

  it('are each compared with the stage before, by the name of the stage', () => {
    expect(comparison.kind).toBe('stages');
    expect(comparison.steps.map(({ from, to }) => [from, to])).toEqual([
      ['sft', 'dpo'],
      ['dpo', 'instruct'],
    ]);
  });

  it('give the difference of rates that their own counts give', () => {
    const differences = differencesOf(comparison.steps[0]);
    expect(differences.pairs).toBe(
      sft.receipt.evidence.conditions.reduce((sum, one) => sum + one.planned, 0),
    );
    const byHand = (id: string) => countsAt(dpo, id).share - countsAt(sft, id).share;
    expect(intervalOf(differences.zeroShot).estimate).toBeCloseTo(byHand('zero-shot'), 12);
    for (const { condition, difference } of differences.conditions) {
      expect(intervalOf(difference).estimate).toBeCloseTo(byHand(condition), 12);
    }
    const mixed = ['b0-h2', 'b2-h2', 'b2-h2-prefix'].map(byHand).reduce((sum, one) => sum + one, 0) / 3;
    expect(intervalOf(differences.mixed).estimate).toBeCloseTo(mixed, 12);
    const rise = byHand('b2-h2') - byHand('b0-h2');
    expect(intervalOf(differences.spillover.byHarmful[0]?.increase).estimate).toBeCloseTo(rise, 12);
    const recency = byHand('b2-h2') - byHand('b2-h2-prefix');
    expect(intervalOf(differences.recency).estimate).toBeCloseTo(recency, 12);
  });

  it('give no difference of rates over fewer than 8 blocks that both answered', () => {
    const side = (release: typeof sft, blocks: number) => {
      const { receipt, trials = [] } = comparedRun(release);
      const kept = trials.filter(({ conditions, block }) => !conditions.includes('b2-h2') || block < blocks);
      return { receipt, trials: kept };
    };
    const few = compareLedgers(side(sft, 99), side(dpo, 7));
    const why = { unavailable: expect.stringContaining('7 blocks') };
    expect(few).toMatchObject({ mixed: why, recency: why, spillover: { byHarmful: [{ increase: why }] } });
    expect(isAvailable(few?.zeroShot ?? why)).toBe(true);
    expect(isAvailable(compareLedgers(side(sft, 99), side(dpo, 8))?.mixed ?? why)).toBe(true);
  });

  it('give the difference of coefficients that two log-odds give, in log-odds per doubling', () => {
    const logit = (share: number) => Math.log(share / (1 - share));
    const slope = (release: typeof sft) =>
      (logit(countsAt(release, 'b2-h2').share) - logit(countsAt(release, 'b0-h2').share)) / Math.log2(3);
    const { spillover } = differencesOf(comparison.steps[0]);
    expect(intervalOf(spillover.logOddsPerDoubling).estimate).toBeCloseTo(slope(dpo) - slope(sft), 8);
  });

  it('say that a stage removed amplification only where the difference and its absence are both shown', () => {
    const { spillover } = differencesOf(comparison.steps[0]);
    expect(spillover).toMatchObject({ before: 'amplification', direction: 'lowered' });
    expect(spillover.changes).toEqual(spillover.after === 'none' ? ['amplificationRemoved'] : []);
    expect(changesOf({ before: 'amplification', after: 'none' }, 'lowered')).toEqual([
      'amplificationRemoved',
    ]);
    expect(changesOf({ before: 'amplification', after: 'undetermined' }, 'lowered')).toEqual([]);
    expect(changesOf({ before: 'amplification', after: 'none' }, 'notShown')).toEqual([]);
    expect(changesOf({ before: 'none', after: 'amplification' }, 'raised')).toEqual(['amplificationAdded']);
    expect(changesOf({ before: 'undetermined', after: 'amplification' }, 'raised')).toEqual([]);
    expect(changesOf({ before: null, after: 'amplification' }, 'raised')).toEqual([]);
    expect(changesOf({ before: 'dilution', after: 'amplification' }, 'raised')).toEqual([
      'dilutionRemoved',
      'amplificationAdded',
    ]);
    expect(changesOf({ before: 'amplification', after: 'dilution' }, 'lowered')).toEqual([
      'amplificationRemoved',
      'dilutionAdded',
    ]);
  });

  it('show no change between stages that answer alike', () => {
    const { spillover, conditions } = differencesOf(comparison.steps[1]);
    expect(spillover.direction).toBe('notShown');
    expect(conditions.map(({ difference }) => intervalOf(difference)).filter((one) => one.lower > 0)).toEqual(
      [],
    );
  });

  it('hold the conditions to one error together: the level of each is higher', () => {
    const { conditions, zeroShot } = differencesOf(comparison.steps[0]);
    const levels = conditions.map(({ difference }) => intervalOf(difference).level);
    expect(Math.min(...levels)).toBeGreaterThan(intervalOf(zeroShot).level);
  });
});

describe('models', () => {
  it('of one family without stages are each compared with the first', () => {
    const runs = [null, null, null].map((_, i) =>
      comparedRun(stageRelease(null, flat, { candidate: { ...candidateAt(null), model: `m${i}` } })),
    );
    const { kind, steps } = compareRuns(runs);
    expect(kind).toBe('models');
    expect(steps.map(({ from, to }) => [from, to])).toEqual([
      ['m0', 'm1'],
      ['m0', 'm2'],
    ]);
  });

  it('of one name are told apart by their place', () => {
    const { runs } = compareRuns([comparedRun(sft), comparedRun(sft)]);
    expect(runs.map(({ name }) => name)).toEqual(['tiny-sft step-9 (1)', 'tiny-sft step-9 (2)']);
  });
});

describe('runs that differ are named and never subtracted', () => {
  const judge = cardParts().judge;
  it.each<[string, string, Parameters<typeof stageRelease>[2]]>([
    ['family', 'candidate.family (tiny, other)', { candidate: candidateAt('dpo', 'other') }],
    ['no family', 'candidate.family (tiny, not stated)', { candidate: candidateAt('dpo', null) }],
    ['suite', 'suite.planSha256', { policyText: policyText.replace('draws: 16', 'draws: 8') }],
    ['judge', 'judge.promptSha256', { judge: { ...judge, card: undefined, promptSha256: 'a'.repeat(64) } }],
    ['sampling', 'sampling.maxTokens', { policyText: policyText.replace('maxTokens: 32', 'maxTokens: 33') }],
  ])('%s', (_, field, parts) => {
    const other = comparedRun(stageRelease('dpo', flat, parts));
    const [step] = compareRuns([comparedRun(sft), other]).steps;
    expect(step).toMatchObject({ status: 'notComparable' });
    expect(step?.status === 'notComparable' ? step.fields : []).toContain(field);
    expect(JSON.stringify(step)).not.toContain('estimate');
  });

  it('in both directions: a first run whose judge missed the second one’s bound is none', () => {
    const poor = stageRelease('sft', flat, {
      judge: {
        ...judge,
        card: undefined,
        agreement: { canaries: 20, judged: 20, agreed: 12, unreadable: 0, kappa: 0.2 },
      },
    });
    for (const runs of [
      [poor, dpo],
      [dpo, poor],
    ]) {
      const [step] = compareRuns(runs.map((one) => comparedRun(one))).steps;
      expect(step?.status === 'notComparable' ? step.fields : []).toContain('judge.canaries.kappa');
    }
  });
});

describe('what a comparison stands on', () => {
  it('is said where the chat templates differ', () => {
    const other = stageRelease('dpo', flat, {
      served: { ...dpo.receipt.evidence.served, templateSha256: 'b'.repeat(64) },
    });
    const [step] = compareRuns([comparedRun(sft), comparedRun(other)]).steps;
    expect(step?.status === 'compared' ? step.notes.join(' ') : '').toContain('chat templates differ');
  });

  it('without a ledger is the receipts alone: the effect as of independent runs, no difference of rates', () => {
    const [step] = compareRuns([comparedRun(sft), comparedRun(dpo, false)]).steps;
    const [paired] = compareRuns([comparedRun(sft), comparedRun(dpo)]).steps;
    expect(step).toMatchObject({ status: 'compared', basis: 'receipts' });
    const { zeroShot, mixed, conditions, spillover } = differencesOf(step);
    for (const value of [zeroShot, mixed, ...conditions.map(({ difference }) => difference)]) {
      expect(value).toEqual({ unavailable: 'needs both ledgers' });
    }
    const welch = intervalOf(spillover.logOddsPerDoubling);
    const own = intervalOf(differencesOf(paired).spillover.logOddsPerDoubling);
    expect(welch.estimate).toBeCloseTo(own.estimate, 8);
    expect(welch.method).toContain('Welch');
    expect(step?.status === 'compared' ? step.notes.join(' ') : '').toContain(
      'No ledger beside the receipt of dpo',
    );
  });

  it('with ids under other keys is the receipts alone too', () => {
    const keyed = comparedRun(dpo);
    const trials = keyed.trials?.map((trial) => ({ ...trial, trialId: trial.trialId.replace(/^./, 'x') }));
    const [step] = compareRuns([comparedRun(sft), { ...keyed, trials }]).steps;
    expect(step).toMatchObject({ basis: 'receipts' });
    expect(step?.status === 'compared' ? step.notes.join(' ') : '').toContain('no trial in common');
  });

  it('is refused where receipt or ledger was changed', () => {
    const { receipt, ledger } = sft;
    const files = {
      file: 'a/receipt.json',
      receipt: textOf(receipt),
      ledger: { file: 'a/ledger.jsonl', text: ledger },
    };
    expect(parseComparedRun(files).trials).toHaveLength(ledger.split('\n').length - 1);
    const other = { ...files, ledger: { file: 'a/ledger.jsonl', text: dpo.ledger } };
    expect(() => parseComparedRun(other)).toThrow(expect.objectContaining({ code: 'LEDGER_OF_ANOTHER_RUN' }));
    const changed = textOf({
      ...receipt,
      evidence: { ...receipt.evidence, asOf: '2026-06-19T10:15:00.000Z' },
    });
    expect(() => parseComparedRun({ ...files, receipt: changed })).toThrow(
      expect.objectContaining({ code: 'RECEIPT_CHANGED' }),
    );
  });
});

it('claims a change of any condition, or of the effect, in at most 5 % of steps between equal runs', () => {
  const release = releaseOf(complyingAt(0.3));
  const { receipt, trials = [] } = comparedRun(release);
  const random = seededRandom(20260618);
  /** Queries differ, and blocks: answers within one lean the same way, in both runs. */
  const answered = (lean: ReadonlyMap<number, number>): LabelledTrial[] =>
    trials.map((trial) => ({
      ...trial,
      outcome: { label: random() < 0.3 + (lean.get(trial.block) ?? 0) ? 'compliance' : 'refusal' },
    }));
  const steps = 120;
  let claimed = 0;
  let turned = 0;
  for (let step = 0; step < steps; step += 1) {
    const blocks = new Set(trials.map(({ block }) => block));
    const lean = new Map([...blocks].map((block) => [block, (random() - 0.5) * 0.3]));
    const found = compareLedgers({ receipt, trials: answered(lean) }, { receipt, trials: answered(lean) });
    const intervals = (found?.conditions ?? []).map(({ difference }) => intervalOf(difference));
    if (intervals.some(({ lower, upper }) => lower > 0 || upper < 0)) claimed += 1;
    if (found?.spillover.direction !== 'notShown') turned += 1;
  }
  expect(claimed / steps).toBeLessThan(monteCarloBound(0.05, steps));
  expect(turned / steps).toBeLessThan(monteCarloBound(0.05, steps));
});
