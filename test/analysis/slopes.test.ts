import { describe, expect, it } from 'vitest';
import { type CellCounts, countCells } from '../../src/analysis/cell-counts.ts';
import type { MaybeInterval } from '../../src/analysis/interval.ts';
import { orderingRates } from '../../src/analysis/ordering-rates.ts';
import { pointsPerDoubling } from '../../src/analysis/rate-slope.ts';
import { scoresOf } from '../../src/analysis/scores.ts';
import { slopeDifference, slopeOfInterval, welchDifference } from '../../src/analysis/slope-difference.ts';
import { monteCarloBound, seededRandom } from './random.ts';
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

/** Compliance of 27 %, more or less, in the first `carrying` blocks, whatever the benign count; none in the others. */
function sweepOf(carrying: number, random: () => number): CellCounts[] {
  return Array.from({ length: 16 }, (_, block) => block).flatMap((block) =>
    [0, 16, 32].map((benign) => {
      const rate = block < carrying ? 0.12 + 0.3 * random() : 0;
      const successes = Array.from({ length: 24 }, random).filter((drawn) => drawn < rate).length;
      return { benign, harmful: 32, cluster: String(block), successes, trials: 24 };
    }),
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

  // numpy 2.4.6 Newton fit of both halves in one model, delete-one-cluster refits, t of scipy 1.17.1 with 3 df: one half
  // has both outcomes in 4 of 6 blocks.
  it('is the interaction in one model, blocks in common being one cluster', () => {
    expectAllClose(
      limitsOf(slopeDifference({ first, second, paired: true, level: 0.95 })),
      [0.07126409669620727, -0.1736918634579615, 0.316220056850376],
      near,
      'paired',
    );
  });

  // The same, each half by itself: Satterthwaite's 7.905454039825071 degrees of freedom from 3 and 5.
  it('is Welch’s of both coefficients where runs share no blocks', () => {
    expectAllClose(
      limitsOf(slopeDifference({ first, second, paired: false, level: 0.95 })),
      [0.07126409669620734, -0.145609212309968, 0.28813740570238267],
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

  it('claims no difference too often where three of sixteen blocks of one run carry all its compliances', () => {
    const random = seededRandom(27);
    const runs = 150;
    const claimed = { paired: 0, unpaired: 0 };
    for (let run = 0; run < runs; run += 1) {
      const sides = { first: sweepOf(3, random), second: sweepOf(16, random) };
      for (const how of ['paired', 'unpaired'] as const) {
        const interval = slopeDifference({ ...sides, paired: how === 'paired', level: 0.95 });
        if ('lower' in interval && (interval.lower > 0 || interval.upper < 0)) claimed[how] += 1;
      }
    }
    for (const count of Object.values(claimed))
      expect(count / runs).toBeLessThan(monteCarloBound(0.05, runs));
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
