import { describe, expect, it } from 'vitest';
import { type CellCounts, countCells } from '../../src/analysis/cell-counts.ts';
import type { MaybeInterval } from '../../src/analysis/interval.ts';
import { orderingRates } from '../../src/analysis/ordering-rates.ts';
import { pointsPerDoubling } from '../../src/analysis/rate-slope.ts';
import { scoresOf } from '../../src/analysis/scores.ts';
import { slopeDifference, slopeOfInterval, welchDifference } from '../../src/analysis/slope-difference.ts';
import { asStrings, expectAllClose, expectClose } from './reference.ts';
import { logisticCase, trialsOfCase } from './reference-trials.ts';
import { trialsOf, word } from './scored-trials.ts';

const near = { rel: 1e-7, abs: 1e-9 };
const reference = logisticCase('nested-blocks-6ctx');
const { trials, cells } = trialsOfCase(reference);

function limitsOf(interval: MaybeInterval): number[] {
  if ('unavailable' in interval) throw new Error(interval.unavailable);
  return [interval.estimate, interval.lower, interval.upper];
}

function flat(rates: readonly number[], blocks = 4): CellCounts[] {
  return rates.flatMap((rate, cell) =>
    Array.from({ length: blocks }, (_, d) => ({
      benign: 2 ** cell - 1,
      harmful: 4,
      cluster: String(d),
      successes: Math.round(rate * 20) + (d % 2 === 0 ? cell - 1 : 1 - cell),
      trials: 20,
    })),
  );
}

describe('points of compliance per doubling', () => {
  it('is the clustered least-squares slope', () => {
    const counts = countCells(scoresOf(trials, 'evaluation'), cells);
    // statsmodels 0.15.0 OLS on factor(n_h) + x_b: cov_type cluster without correction, times sqrt(6 / 5); t with 5 df.
    expectAllClose(
      limitsOf(pointsPerDoubling({ counts, level: 0.9 })),
      [0.006607995439018743, -0.008378027112150797, 0.021594017990188286],
      near,
      'slope',
    );
  });

  it('reads off a straight line, and is not moved by a difference between harmful counts', () => {
    const [estimate] = limitsOf(pointsPerDoubling({ counts: flat([0.2, 0.3, 0.4]), level: 0.9 }));
    expectClose(estimate ?? 0, 0.1, near, 'slope');
    const other = flat([0.7, 0.8, 0.9]).map((cell) => ({ ...cell, harmful: 32 }));
    const [both] = limitsOf(pointsPerDoubling({ counts: [...flat([0.2, 0.3, 0.4]), ...other], level: 0.9 }));
    expectClose(both ?? 0, 0.1, near, 'slope of both');
  });

  it('is unavailable without two blocks, without variation of counts, or between blocks', () => {
    expect(pointsPerDoubling({ counts: flat([0.2, 0.3], 1), level: 0.9 })).toHaveProperty('unavailable');
    expect(pointsPerDoubling({ counts: flat([0.2]), level: 0.9 })).toHaveProperty('unavailable');
    const rigid = flat([0.2, 0.3, 0.4]).map((cell) => ({
      ...cell,
      successes: 4 + 2 * Math.log2(1 + cell.benign),
    }));
    expect(pointsPerDoubling({ counts: rigid, level: 0.9 })).toHaveProperty('unavailable');
    expect(pointsPerDoubling({ counts: [], level: 0.9 })).toHaveProperty('unavailable');
  });
});

describe('the difference of two runs’ coefficients', () => {
  const rows = Array.from({ length: 2 }, (_, half) => {
    const queries = asStrings(reference.input.query);
    const own = trials.filter((_, i) => Number(queries[i]?.slice(1)) % 4 < 2 === (half === 0));
    return countCells(scoresOf(own, 'evaluation'), cells);
  });
  const [first = [], second = []] = rows;

  // statsmodels 0.15.0 GLM of both halves in one model, delete-one-cluster refits, t of scipy 1.17.1 with G - 1 df.
  it('is the interaction in one model, blocks in common being one cluster', () => {
    expectAllClose(
      limitsOf(slopeDifference({ first, second, paired: true, level: 0.95 })),
      [0.07126409669620776, -0.12659606536142745, 0.26912425875384294],
      near,
      'paired',
    );
  });

  it('takes the blocks of unpaired runs apart', () => {
    expectAllClose(
      limitsOf(slopeDifference({ first, second, paired: false, level: 0.95 })),
      [0.07126409669620776, -0.14538390055812658, 0.28791209395054207],
      near,
      'unpaired',
    );
  });

  it('leaves a harmful count of one run only in the model of that run', () => {
    const alone = second.filter(({ harmful }) => harmful !== 32);
    const interval = slopeDifference({ first, second: alone, paired: true, level: 0.95 });
    expect(limitsOf(interval).every(Number.isFinite)).toBe(true);
  });

  it('is unavailable where a run has one number of benign demonstrations only, none among them', () => {
    for (const benign of [0, 3]) {
      const still = first.map((cell) => ({ ...cell, benign }));
      for (const sides of [
        { first: still, second },
        { first: second, second: still },
      ]) {
        expect(slopeDifference({ ...sides, paired: true, level: 0.95 })).toHaveProperty('unavailable');
      }
    }
  });

  it('is unavailable where a run is separated or missing', () => {
    const refused = second.map((cell) => ({ ...cell, successes: 0 }));
    expect(slopeDifference({ first, second: refused, paired: true, level: 0.95 })).toHaveProperty(
      'unavailable',
    );
    expect(slopeDifference({ first, second: [], paired: true, level: 0.95 })).toHaveProperty('unavailable');
    expect(slopeDifference({ first: [], second: [], paired: true, level: 0.95 })).toHaveProperty(
      'unavailable',
    );
  });

  it('from receipts alone is Welch’s, with the standard errors behind their intervals', () => {
    const slope = (estimate: number, standardError: number) => ({ estimate, standardError, df: 15 });
    const interval = welchDifference({ first: slope(0.2, 0.03), second: slope(0.1, 0.04), level: 0.95 });
    // Satterthwaite: 0.05^4 / (0.03^4 / 15 + 0.04^4 / 15) = 27.819; scipy 1.17.1 t.ppf(0.975, 27.818991097922858).
    const half = 0.05 * 2.049007771433081;
    expectAllClose(limitsOf(interval), [0.1, 0.1 - half, 0.1 + half], near, 'Welch');
    const read = slopeOfInterval(
      {
        estimate: 0.2,
        lower: 0.2 - 0.03 * 2.131449545559775,
        upper: 0.2 + 0.03 * 2.131449545559775,
        level: 0.95,
        method: '',
      },
      15,
    );
    expectClose(read.standardError, 0.03, near, 'standard error');
  });
});

it('rates of orderings stand apart, each with its interval', () => {
  const drawn = ['prefix', 'suffix'].flatMap((ordering, k) =>
    trialsOf(
      ordering,
      Array.from({ length: 8 }, (_, d) => word(((d + k) % 3) + 2 * k, 8)),
    ),
  );
  const rates = orderingRates(
    scoresOf(drawn, 'evaluation'),
    ['prefix', 'suffix', 'middle'].map((ordering) => ({ condition: ordering, ordering })),
    0.9,
  );
  expect(rates.map(({ ordering }) => ordering)).toEqual(['prefix', 'suffix', 'middle']);
  expect(rates.map(({ rate }) => 'estimate' in rate)).toEqual([true, true, false]);
});
