import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { firthInterval } from '../../src/analysis/firth-interval.ts';
import { type FirthFit, firthTest, fitFirth } from '../../src/analysis/firth-logistic.ts';
import type { LogisticCell } from '../../src/analysis/logistic-fit.ts';
import { asNumbers, expectAllClose, expectClose, referenceCases } from './reference.ts';

const near = { rel: 1e-6, abs: 1e-8 };

function fitted(cells: readonly LogisticCell[]): FirthFit {
  const fit = fitFirth(cells);
  if ('unavailable' in fit) throw new Error(fit.unavailable);
  return fit;
}

/** Two groups with a slope between them. */
function twoGroups(first: readonly [number, number], second: readonly [number, number]): LogisticCell[] {
  return [first, second].map(([successes, trials], x) => ({ x: [1, x], successes, trials }));
}

describe('Firth’s penalised logistic regression', () => {
  test('of two groups adds half a success and half a failure to each', () => {
    const { coefficients } = fitted(twoGroups([0, 10], [4, 10]));
    const logit = (successes: number) => Math.log((successes + 0.5) / (10 - successes + 0.5));
    expectAllClose(coefficients, [logit(0), logit(4) - logit(0)], near, 'coefficients');
  });

  test('does not depend on how trials are grouped', () => {
    const [regular] = referenceCases('firth').filter(({ id }) => id === 'regular');
    const [harmful, benign, y] = ['n_h', 'n_b', 'y'].map((name) => asNumbers(regular?.input[name]));
    const single = (y ?? []).map((successes, i) => ({
      x: [1, Math.log2(1 + (harmful?.[i] ?? 0)), Math.log2(1 + (benign?.[i] ?? 0))],
      successes,
      trials: 1,
    }));
    const expected = asNumbers(regular?.expected.coef);
    expectAllClose(fitted(single).coefficients, expected, near, 'single');
    expect(fitted(single).cells.length).toBeLessThan(single.length);
  });

  test('its interval leaves out 0 exactly where its test rejects at that level', () => {
    const count = fc.integer({ min: 0, max: 12 });
    fc.assert(
      fc.property(count, count, count, (a, b, c) => {
        const cells = [a, b, c].map((successes, x) => ({ x: [1, x], successes, trials: 12 }));
        const fit = fitted(cells);
        const test = firthTest(fit, [1]);
        const interval = firthInterval({ fit, index: 1, level: 0.95 });
        if ('unavailable' in test || 'unavailable' in interval) throw new Error('no test or no interval');
        fc.pre(Math.abs(test.pValue - 0.05) > 1e-6);
        expect(interval.lower > 0 || interval.upper < 0).toBe(test.pValue < 0.05);
        expect(interval.lower).toBeLessThanOrEqual(interval.estimate);
        expect(interval.upper).toBeGreaterThanOrEqual(interval.estimate);
      }),
      { numRuns: 60 },
    );
  });

  test('mirrors: failures for successes turns every sign', () => {
    const fit = fitted(twoGroups([1, 9], [9, 9]));
    const mirrored = fitted(twoGroups([8, 9], [0, 9]));
    expectAllClose(
      mirrored.coefficients,
      fit.coefficients.map((value) => -value),
      near,
      'coefficients',
    );
    const [one, two] = [fit, mirrored].map((each) => firthInterval({ fit: each, index: 1, level: 0.9 }));
    if (!(one && two && 'lower' in one && 'lower' in two)) throw new Error('no interval');
    expectClose(one.lower, -two.upper, near, 'limit');
  });

  test('is unavailable for an aliased design, no trials, or impossible counts', () => {
    const aliased = [0, 1].map((x) => ({ x: [1, x, 2 * x], successes: 1, trials: 4 }));
    expect(fitFirth(aliased)).toHaveProperty('unavailable');
    expect(fitFirth([])).toHaveProperty('unavailable');
    expect(fitFirth([{ x: [1], successes: 5, trials: 4 }])).toHaveProperty('unavailable');
    expect(fitFirth([{ x: [Number.NaN], successes: 1, trials: 4 }])).toHaveProperty('unavailable');
    expect(() => firthInterval({ fit: fitted(twoGroups([0, 3], [2, 3])), index: 1, level: 1 })).toThrow(
      RangeError,
    );
  });
});
