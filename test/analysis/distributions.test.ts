import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { betaQuantile, betaSurvival } from '../../src/analysis/beta-distribution.ts';
import { chiSquareQuantile, chiSquareSurvival } from '../../src/analysis/chi-square-distribution.ts';
import { fQuantile, fSurvival } from '../../src/analysis/f-distribution.ts';
import { findRoot } from '../../src/analysis/find-root.ts';
import { regularizedGamma } from '../../src/analysis/incomplete-gamma.ts';
import { tailOutside } from '../../src/analysis/level.ts';
import {
  normalCdf,
  normalDensity,
  normalQuantile,
  normalSurvival,
} from '../../src/analysis/normal-distribution.ts';
import { erfc, logGamma, regularizedBeta } from '../../src/analysis/special-functions.ts';
import { tQuantile, tSurvival } from '../../src/analysis/t-distribution.ts';
import { asNumbers, expectClose, referenceCases } from './reference.ts';

const rowsSchema = z.array(z.object({ fn: z.string(), args: z.array(z.number()) }));

const implemented: Record<string, (args: readonly number[]) => number> = {
  normal_sf: ([x = Number.NaN]) => normalSurvival(x),
  normal_quantile: ([p = Number.NaN]) => normalQuantile(p),
  t_sf: ([t = Number.NaN, df = Number.NaN]) => tSurvival(t, df),
  t_quantile: ([p = Number.NaN, df = Number.NaN]) => tQuantile(p, df),
  chi2_sf: ([x = Number.NaN, df = Number.NaN]) => chiSquareSurvival(x, df),
  chi2_quantile: ([p = Number.NaN, df = Number.NaN]) => chiSquareQuantile(p, df),
  beta_quantile: ([p = Number.NaN, a = Number.NaN, b = Number.NaN]) => betaQuantile(p, a, b),
};

test('tails and quantiles agree with mpmath to 1e-9, extreme tails included', () => {
  let compared = 0;
  for (const { input, expected, tolerance } of referenceCases('distributions')) {
    const values = asNumbers(expected.values);
    for (const [i, { fn, args }] of rowsSchema.parse(input.rows).entries()) {
      expectClose(
        implemented[fn]?.(args) ?? Number.NaN,
        values[i] ?? Number.NaN,
        tolerance,
        `${fn}(${args})`,
      );
      compared += 1;
    }
  }
  expect(compared).toBe(71);
});

/** Far tails and large shapes: mpmath 1.3.0 at 40 digits (survival functions), SciPy 1.17.1 (quantiles). */
test.each([
  ['chi-square tail', chiSquareSurvival(1400, 3), 2.945619361016309e-303],
  ['chi-square tail', chiSquareSurvival(1_010_000, 1e6), 9.068528823262077e-13],
  ['chi-square tail', chiSquareSurvival(0.3, 0.5), 0.33317180231535665],
  ['chi-square lower tail', regularizedGamma(50, 0.25).lower, 2.0299524618646413e-95],
  ['chi-square lower tail', regularizedGamma(500_000, 495_000).lower, 6.500171180085838e-13],
  ['F tail', fSurvival(1e4, 3, 31), 2.352183511665351e-46],
  ['F tail', fSurvival(2.5, 2, 1e5), 0.0820901289256237],
  ['F tail', fSurvival(1, 2, 7), 0.4149486509808663],
  ['beta tail', betaSurvival(0.3, 300, 1100), 2.2618054362426631e-13],
  ['chi-square quantile', chiSquareQuantile(1e-5, 0.1), 1.16892641145733e-100],
  ['chi-square quantile', chiSquareQuantile(0.3, 1e6), 999257.9026238887],
  ['beta quantile', betaQuantile(1e-9, 0.5, 0.5), 2.4674011002723396e-18],
  ['beta quantile', betaQuantile(0.999, 5000, 90_000), 0.054897177765779646],
  ['F quantile', fQuantile(0.999999, 3, 7), 151.26567708726876],
  ['F quantile', fQuantile(1e-6, 5, 31), 0.0024627244546004757],
  ['t quantile', tQuantile(1e-50, 2), -7.071067811865475e24],
])('%s: %d is %d', (_, actual, expected) => {
  expectClose(actual, expected, { rel: 1e-11, abs: 0 }, 'value');
});

describe('special functions', () => {
  const exact = { rel: 1e-14, abs: 1e-14 };

  test('logGamma gives logarithms of factorials and of half-integers', () => {
    let logFactorial = 0;
    for (let n = 1; n <= 60; n += 1) {
      expectClose(logGamma(n), logFactorial, exact, `logGamma(${n})`);
      logFactorial += Math.log(n);
    }
    expectClose(logGamma(0.5), Math.log(Math.PI) / 2, exact, 'logGamma(1/2)');
    expectClose(logGamma(1.5), Math.log(Math.PI) / 2 - Math.log(2), exact, 'logGamma(3/2)');
  });

  test('erfc has the mirror symmetry and is 0 far out', () => {
    for (const x of [0, 0.3, 1.4999, 1.5, 4]) expect(erfc(x) + erfc(-x)).toBeCloseTo(2, 14);
    expect([erfc(Infinity), erfc(-Infinity)]).toEqual([0, 2]);
  });

  test('the incomplete beta function is the binomial tail', () => {
    // P(X >= 2), X binomial(4, 1/2), is 11 / 16.
    expectClose(regularizedBeta({ x: 0.5, y: 0.5, a: 2, b: 3 }), 11 / 16, exact, 'I');
    expectClose(regularizedBeta({ x: 0.9, y: 0.1, a: 1, b: 20 }), 1 - 1e-20, exact, 'I');
    expectClose(regularizedBeta({ x: 1e-6, y: 1 - 1e-6, a: 20, b: 1 }), 1e-120, { rel: 1e-12, abs: 0 }, 'I');
    expect(regularizedBeta({ x: 0, y: 1, a: 2, b: 2 })).toBe(0);
    expect(regularizedBeta({ x: 1, y: 0, a: 2, b: 2 })).toBe(1);
  });

  test('arguments outside the domain throw instead of giving NaN', () => {
    const calls = [
      () => logGamma(0),
      () => logGamma(Number.NaN),
      () => erfc(Number.NaN),
      () => regularizedBeta({ x: 0.5, y: 0.6, a: 1, b: 1 }),
      () => regularizedBeta({ x: 0.5, y: 0.5, a: Number.NaN, b: 1 }),
      () => normalQuantile(0),
      () => normalQuantile(1),
      () => normalQuantile(Number.NaN),
      () => normalSurvival(Number.NaN),
      () => tSurvival(Number.NaN, 3),
      () => tSurvival(1, 0),
      () => tQuantile(0.5, 0),
      () => tQuantile(1, 3),
      () => tailOutside(1),
      () => tailOutside(-0.5),
      () => tailOutside(Number.NaN),
      () => regularizedGamma(0, 1),
      () => regularizedGamma(1, Number.NaN),
      () => chiSquareSurvival(-1, 3),
      () => chiSquareQuantile(1, 3),
      () => betaQuantile(0.5, 0, 1),
      () => betaSurvival(Number.NaN, 1, 1),
      () => fSurvival(Number.NaN, 1, 1),
      () => fQuantile(0, 1, 1),
      () => findRoot((x) => x * x + 1, 0, 1),
      () => findRoot(() => Number.NaN, 0, 1),
    ];
    for (const call of calls) expect(call).toThrow(RangeError);
  });
});

describe('quantiles', () => {
  const probability = fc.double({ min: 1e-12, max: 1 - 1e-12, noNaN: true });

  test('the tail at a normal quantile is the probability asked for', () => {
    fc.assert(
      fc.property(probability, (p) => {
        expectClose(normalCdf(normalQuantile(p)), p, { rel: 1e-12, abs: 0 }, `p ${p}`);
      }),
    );
  });

  test('the tail at a t quantile is the probability asked for', () => {
    fc.assert(
      fc.property(probability, fc.integer({ min: 1, max: 2000 }), (p, df) => {
        expectClose(tSurvival(-tQuantile(p, df), df), p, { rel: 1e-10, abs: 0 }, `p ${p}, df ${df}`);
      }),
    );
  });

  test('the square of t is F with 1 degree of freedom, and of a normal chi-square', () => {
    for (const [p, df] of [
      [0.975, 5],
      [0.6, 40],
      [0.9999, 300],
    ] as const) {
      const close = { rel: 1e-11, abs: 0 };
      expectClose(fQuantile(2 * p - 1, 1, df), tQuantile(p, df) ** 2, close, 'F');
      expectClose(chiSquareQuantile(2 * p - 1, 1), normalQuantile(p) ** 2, close, 'chi-square');
    }
  });

  test('t with 1 and with 2 degrees of freedom has its closed forms', () => {
    for (const t of [1e-9, 0.2, 1, 7, 1e5]) {
      expectClose(tSurvival(t, 1), Math.atan2(1, t) / Math.PI, { rel: 1e-13, abs: 0 }, `t ${t}`);
      const tail = 1 / (2 + t * t + t * Math.sqrt(2 + t * t));
      expectClose(tSurvival(t, 2), tail, { rel: 1e-13, abs: 0 }, `t ${t}`);
    }
  });

  test('the normal density is the slope of the distribution function', () => {
    for (const x of [-2, -0.4, 0, 1.3]) {
      const slope = (normalCdf(x + 1e-5) - normalCdf(x - 1e-5)) / 2e-5;
      expect(normalDensity(x)).toBeCloseTo(slope, 9);
    }
  });
});

test('findRoot finds a crossing in flat, kinked and exact functions', () => {
  expect(findRoot((x) => x * x - 2, 0, 2)).toBeCloseTo(Math.SQRT2, 14);
  expect(findRoot((x) => (x - 0.3) ** 9, 0, 1)).toBeCloseTo(0.3, 2);
  expect(findRoot((x) => (x < 0.7 ? -1 : 1), 0, 1)).toBeCloseTo(0.7, 14);
  expect(findRoot((x) => x, 0, 1)).toBe(0);
});
