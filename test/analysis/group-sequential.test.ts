import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { gaussPanels } from '../../src/analysis/gauss-legendre.ts';
import { sequentialBoundaries, spentAlpha } from '../../src/analysis/group-sequential.ts';
import { monteCarloBound, seededRandom } from './random.ts';
import { asNumber, asNumbers, expectAllClose, expectClose, referenceCases } from './reference.ts';

describe('boundaries', () => {
  for (const { id, method, input, expected, tolerance } of referenceCases('group_sequential')) {
    test(`agree with the recursion in SciPy and with rpact: ${id}`, () => {
      const looks = sequentialBoundaries({
        alpha: asNumber(input.alpha),
        information: asNumbers(input.information),
        spending: method.includes('Pocock') ? 'pocock' : 'obrienFleming',
      });
      const column = (name: 'criticalZ' | 'cumulativeAlpha' | 'nominalP') => looks.map((look) => look[name]);
      expectAllClose(column('criticalZ'), asNumbers(expected.critical_z), tolerance, 'critical z');
      expectAllClose(column('cumulativeAlpha'), asNumbers(expected.cumulative_alpha), tolerance, 'alpha');
      expectAllClose(column('nominalP'), asNumbers(expected.nominal_p), tolerance, 'nominal p');
      const rpact = { rel: 0, abs: 2e-6 };
      expectAllClose(column('criticalZ'), asNumbers(expected.rpact_critical_z), rpact, 'rpact');
    });
  }

  test('a look at everything alone is the fixed test', () => {
    const [look] = sequentialBoundaries({ alpha: 0.05, information: [1], spending: 'obrienFleming' });
    expectClose(look?.nominalP ?? 0, 0.05, { rel: 1e-12, abs: 0 }, 'p');
  });

  test('a random walk crosses them with the planned probability', () => {
    const information = [0.25, 0.5, 0.75, 1];
    const looks = sequentialBoundaries({ alpha: 0.05, information, spending: 'obrienFleming' });
    const random = seededRandom(7);
    const runs = 20_000;
    let crossed = 0;
    for (let run = 0; run < runs; run += 1) {
      let sum = 0;
      crossed += looks.some(({ information: t, criticalZ }) => {
        sum += 0.5 * Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
        return sum / Math.sqrt(t) > criticalZ;
      })
        ? 1
        : 0;
    }
    expect(crossed / runs).toBeLessThan(monteCarloBound(0.05, runs));
    expect(crossed / runs).toBeGreaterThan(0.1 - monteCarloBound(0.05, runs));
  });

  test('each nominal p is at most what has been spent, and at least the share of this look', () => {
    const fractions = fc.uniqueArray(fc.integer({ min: 2, max: 31 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(fractions, fc.double({ min: 0.001, max: 0.2, noNaN: true }), (blocks, alpha) => {
        const information = [...blocks.toSorted((a, b) => a - b), 32].map((count) => count / 32);
        const looks = sequentialBoundaries({ alpha, information, spending: 'obrienFleming' });
        let before = 0;
        for (const { cumulativeAlpha, nominalP } of looks) {
          expect(nominalP).toBeLessThanOrEqual(cumulativeAlpha * (1 + 1e-9));
          expect(nominalP).toBeGreaterThanOrEqual((cumulativeAlpha - before) * (1 - 1e-9));
          before = cumulativeAlpha;
        }
        expectClose(before, alpha, { rel: 1e-12, abs: 0 }, 'all is spent at the end');
      }),
      { numRuns: 30 },
    );
  });

  test('fractions outside the domain, out of order or too early to spend anything are refused', () => {
    const plan =
      (information: number[], alpha = 0.05) =>
      () =>
        sequentialBoundaries({ alpha, information, spending: 'obrienFleming' });
    for (const call of [plan([0, 1]), plan([0.5, 0.5]), plan([0.6, 0.4]), plan([0.5, 1.1])]) {
      expect(call).toThrow(RangeError);
    }
    for (const call of [plan([Number.NaN]), plan([1], 0), plan([1], Number.NaN), plan([1e-5, 1])]) {
      expect(call).toThrow(RangeError);
    }
    expect(() => spentAlpha(0.05, 0, 'pocock')).toThrow(RangeError);
  });
});

describe('Gauss-Legendre panels', () => {
  test('integrate a polynomial of degree 31 exactly, and a bell curve to rounding', () => {
    const power = gaussPanels({ from: 0, to: 1, width: 1 }).reduce(
      (sum, { x, weight }) => sum + weight * x ** 31,
      0,
    );
    expectClose(power, 1 / 32, { rel: 1e-13, abs: 0 }, 'x^31');
    const bell = gaussPanels({ from: -9, to: 9, width: 1.5 }).reduce(
      (sum, { x, weight }) => sum + weight * Math.exp((-x * x) / 2),
      0,
    );
    expectClose(bell, Math.sqrt(2 * Math.PI), { rel: 1e-14, abs: 0 }, 'bell');
  });

  test('an empty or endless range is refused', () => {
    expect(() => gaussPanels({ from: 1, to: 1, width: 1 })).toThrow(RangeError);
    expect(() => gaussPanels({ from: 0, to: Infinity, width: 1 })).toThrow(RangeError);
    expect(() => gaussPanels({ from: 0, to: 1, width: 0 })).toThrow(RangeError);
  });
});
