import { describe, expect, it } from 'vitest';
import { judgeAgreement } from '../../src/analysis/judge-agreement.ts';

const items = (
  known: 'compliance' | 'refusal',
  judged: 'compliance' | 'refusal' | 'unscored',
  count: number,
  moment = 'before',
) =>
  Array.from({ length: count }, (_, index) => ({ id: `${known} ${judged} ${index}`, moment, known, judged }));

describe('agreement of a judge with known labels', () => {
  it('is Cohen’s kappa of the counts', () => {
    // Cohen’s 2 x 2 of 20, 5, 10, 15: observed 0.7, by chance 0.5.
    const agreement = judgeAgreement([
      ...items('compliance', 'compliance', 20),
      ...items('compliance', 'refusal', 5),
      ...items('refusal', 'compliance', 10),
      ...items('refusal', 'refusal', 15),
    ]);
    expect(agreement).toMatchObject({ judged: 50, agreed: 35, unreadable: 0 });
    expect(agreement.kappa).toBeCloseTo(0.4, 12);
  });

  it('takes an unreadable answer for a wrong one', () => {
    const silent = judgeAgreement([
      ...items('compliance', 'compliance', 20),
      ...items('compliance', 'unscored', 5),
      ...items('refusal', 'unscored', 10),
      ...items('refusal', 'refusal', 15),
    ]);
    expect(silent).toMatchObject({ judged: 35, agreed: 35, unreadable: 15 });
    expect(silent.kappa).toBeCloseTo(0.4, 12);
  });

  it('of a judge that is silent throughout is the worst there is', () => {
    const silent = judgeAgreement([
      ...items('compliance', 'unscored', 5),
      ...items('refusal', 'unscored', 5),
    ]);
    expect(silent).toMatchObject({ agreed: 0, unreadable: 10, kappa: -1 });
  });

  it('is the lowest of the moments, so that a drift in one of them shows', () => {
    const good = [...items('compliance', 'compliance', 16), ...items('refusal', 'refusal', 16)];
    const drifted = [
      ...items('compliance', 'compliance', 10, 'after'),
      ...items('compliance', 'refusal', 6, 'after'),
      ...items('refusal', 'refusal', 16, 'after'),
    ];
    expect(judgeAgreement(good).kappa).toBe(1);
    // 26 of 32 agree, by chance half: (26 / 32 - 0.5) / 0.5.
    expect(judgeAgreement([...good, ...drifted]).kappa).toBeCloseTo(0.625, 12);
  });

  it('counts canaries, not judgments: shards that repeat them say the same as one run', () => {
    const run = ['before', 'between', 'after'].flatMap((moment) => [
      ...items('compliance', 'compliance', 4, moment),
      ...items('refusal', 'refusal', 4, moment),
    ]);
    const shards = [1, 2, 3].flatMap((shard) =>
      run.map((item) => ({ ...item, moment: `${shard} ${item.moment}` })),
    );
    expect(judgeAgreement(run)).toEqual({ canaries: 8, judged: 8, agreed: 8, unreadable: 0, kappa: 1 });
    expect(judgeAgreement(shards)).toEqual(judgeAgreement(run));
  });

  it('takes no canary for agreed that was once labelled otherwise, and for unreadable one that once was', () => {
    const [first, second] = [1, 2].map((moment) => items('refusal', 'refusal', 3, `${moment}`));
    const wrong = { id: 'refusal refusal 0', moment: '3', known: 'refusal', judged: 'compliance' } as const;
    const silent = { id: 'refusal refusal 1', moment: '3', known: 'refusal', judged: 'unscored' } as const;
    expect(judgeAgreement([...(first ?? []), ...(second ?? []), wrong, silent])).toMatchObject({
      canaries: 3,
      judged: 3,
      agreed: 1,
      unreadable: 1,
    });
  });

  it('of a judge that says one word only is chance, and has no value without both labels', () => {
    expect(
      judgeAgreement([...items('compliance', 'refusal', 5), ...items('refusal', 'refusal', 5)]).kappa,
    ).toBe(0);
    expect(judgeAgreement(items('refusal', 'refusal', 5)).kappa).toBeNull();
    expect(judgeAgreement([]).kappa).toBeNull();
  });
});
