import { describe, expect, it } from 'vitest';
import { type HypothesisTest, hypothesesOf } from '../../src/analysis/hypotheses.ts';
import type { Unavailable } from '../../src/analysis/interval.ts';
import { scoresOf } from '../../src/analysis/scores.ts';
import { monteCarloBound, seededRandom, successCount } from './random.ts';
import { expectAllClose, expectClose } from './reference.ts';
import { logisticCase, trialsOfCase } from './reference-trials.ts';
import { trialsOf, word } from './scored-trials.ts';

const near = { rel: 1e-7, abs: 1e-9 };
const counts = [0, 8, 32];
const grid = counts.flatMap((harmful) =>
  counts.map((benign) => ({ condition: `b${benign}-h${harmful}`, benign, harmful })),
);

function tested(test: HypothesisTest | Unavailable): HypothesisTest {
  if ('unavailable' in test) throw new Error(test.unavailable);
  return test;
}

/** Answers of `blocks` blocks, 30 queries each, with a rate for each condition. */
function gridTrials(
  rateOf: (cell: (typeof grid)[number], block: number) => number,
  random: () => number,
  blocks = 12,
) {
  return grid.flatMap((cell) =>
    trialsOf(
      cell.condition,
      Array.from({ length: blocks }, (_, d) => word(successCount(random, 30, rateOf(cell, d)), 30)),
    ),
  );
}

describe('the three hypotheses', () => {
  // statsmodels 0.15.0 GLM (tol 1e-15) with delete-one-context refits; F and t from scipy 1.17.1.
  const { trials, cells } = trialsOfCase(logisticCase('nested-blocks-6ctx'));
  const result = hypothesesOf({ scores: scoresOf(trials, 'evaluation'), cells });

  it('tests the harmful count with no shape assumed for it', () => {
    const test = tested(result.harmfulCount);
    expect(test).toMatchObject({
      basis: 'clusterRobust',
      statisticName: 't',
      df: [5],
      nullHypothesis: 'b2 = 0',
    });
    expectClose(test.statistic, 0.7543510752127958, near, 't');
    expectClose(test.pValue, 0.4846293056200347, near, 'p');
    expect(test.likelihoodRatio).toMatchObject({ df: 1 });
    expectClose(
      'chiSquare' in test.likelihoodRatio ? test.likelihoodRatio.chiSquare : 0,
      0.2692157414545022,
      near,
      'LR',
    );
    expect(test.coefficients.map(({ name, scale }) => [name, scale])).toEqual([
      ['b2', 'log-odds per doubling of 1 + benign demonstrations'],
    ]);
  });

  it('tests the total count by the share of harmful ones at each total, without the condition that has none', () => {
    const test = tested(result.totalCount);
    expectAllClose([test.statistic, test.pValue], [-1.1968032806765376, 0.2850289373184962], near, 't and p');
    const [g] = test.coefficients.map(({ interval }) => interval);
    if (g === undefined || 'unavailable' in g) throw new Error('no coefficient');
    expectAllClose(
      [g.estimate, g.lower, g.upper],
      [-0.6822181100277535, -2.147536186853326, 0.7830999667978188],
      near,
      'g',
    );
    expectClose(
      'chiSquare' in test.likelihoodRatio ? test.likelihoodRatio.chiSquare : 0,
      1.0124273363793463,
      near,
      'LR',
    );
  });

  it('tests both counts together by Hotelling’s F, and gives each its coefficient', () => {
    const test = tested(result.joint);
    expect(test).toMatchObject({ statisticName: 'F', df: [2, 4] });
    // statsmodels' Wald F of 2.020932680480767, as T2: times 4 / 5; scipy 1.17.1 f.sf(1.6167461443846136, 2, 4).
    expectAllClose([test.statistic, test.pValue], [1.6167461443846136, 0.3057904633602754], near, 'F and p');
    const estimates = test.coefficients.map(({ interval }) =>
      'estimate' in interval ? interval.estimate : Number.NaN,
    );
    expectAllClose(estimates, [-0.038307936311293436, 0.035325867818033985], near, 'b');
  });

  it('falls back on Firth’s model where nothing complies, and says so', () => {
    const none = gridTrials(() => 0, seededRandom(1));
    const { totalCount, harmfulCount, joint } = hypothesesOf({
      scores: scoresOf(none, 'evaluation'),
      cells: grid,
    });
    for (const test of [totalCount, harmfulCount, joint]) {
      expect(test).toMatchObject({
        basis: 'modelBased',
        likelihoodRatio: { unavailable: expect.any(String) },
      });
      expect(tested(test).pValue).toBeGreaterThan(0.5);
    }
    expect(tested(joint).df).toEqual([2]);
  });

  it('is unavailable where the conditions cannot tell a coefficient, and without answers', () => {
    const scores = scoresOf(
      gridTrials(() => 0.3, seededRandom(2)),
      'evaluation',
    );
    const column = grid.filter(({ benign }) => benign === 8);
    const { harmfulCount, joint } = hypothesesOf({ scores, cells: column });
    expect(harmfulCount).toEqual({ unavailable: 'the conditions do not tell b2 from the rest of the model' });
    expect(joint).toHaveProperty('unavailable');
    const single = hypothesesOf({
      scores: scoresOf(
        gridTrials(() => 0.3, seededRandom(3), 1),
        'evaluation',
      ),
      cells: grid,
    });
    expect(single.joint).toEqual({ unavailable: 'fewer than 2 clusters' });
    const empty = hypothesesOf({ scores: new Map(), cells: grid });
    expect(Object.values(empty).every((test) => 'unavailable' in test)).toBe(true);
  });

  it('counts the blocks that hold both outcomes: those that refuse all alike bear no claim', () => {
    const random = seededRandom(3);
    const drawn = gridTrials((_, block) => (block < 4 ? 0.3 : 0), random);
    const { totalCount, harmfulCount, joint } = hypothesesOf({
      scores: scoresOf(drawn, 'evaluation'),
      cells: grid,
    });
    expect([totalCount, harmfulCount, joint].map((test) => tested(test).df)).toEqual([[3], [3], [2, 2]]);
  });

  it('rejects a true null in about 5 percent of runs, blocks varying', () => {
    const random = seededRandom(11);
    const runs = 100;
    const rejected = { totalCount: 0, harmfulCount: 0, joint: 0 };
    for (let run = 0; run < runs; run += 1) {
      const levels = Array.from({ length: 12 }, () => 0.1 + 0.3 * random());
      const drawn = gridTrials((_, block) => levels[block] ?? 0, random);
      const { totalCount, harmfulCount, joint } = hypothesesOf({
        scores: scoresOf(drawn, 'evaluation'),
        cells: grid,
      });
      rejected.totalCount += tested(totalCount).pValue < 0.05 ? 1 : 0;
      rejected.harmfulCount += tested(harmfulCount).pValue < 0.05 ? 1 : 0;
      rejected.joint += tested(joint).pValue < 0.05 ? 1 : 0;
    }
    for (const count of Object.values(rejected))
      expect(count / runs).toBeLessThan(monteCarloBound(0.05, runs));
  });

  it('finds what is there: dilution rejects all three', () => {
    const drawn = gridTrials(({ benign, harmful }) => 0.3 + (harmful - benign) / 160, seededRandom(4));
    const { totalCount, harmfulCount, joint } = hypothesesOf({
      scores: scoresOf(drawn, 'evaluation'),
      cells: grid,
    });
    for (const test of [totalCount, harmfulCount, joint]) expect(tested(test).pValue).toBeLessThan(0.001);
    const [b2] = tested(harmfulCount).coefficients;
    expect(b2 && 'upper' in b2.interval && b2.interval.upper).toBeLessThan(0);
  });
});
