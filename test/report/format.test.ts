import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  digitsThatDecide,
  formatAmount,
  formatCount,
  formatFixed,
  formatInterval,
  formatLevel,
  formatMaybe,
  formatPercent,
  formatPlainInterval,
  formatPoints,
  formatQuantity,
  type Interval,
} from '../../src/report/format.ts';
import { interval } from './sample-parts.ts';

describe('numbers as people read them', () => {
  it('prints shares in percent with one decimal', () => {
    expect(formatPercent(0.125)).toBe('12.5 %');
    expect(formatPercent(0)).toBe('0.0 %');
    expect(formatPercent(1)).toBe('100.0 %');
  });

  it('prints differences in signed points, and never a negative zero', () => {
    expect(formatPoints(0.031)).toBe('+3.1 points');
    expect(formatPoints(-0.031)).toBe('−3.1 points');
    expect(formatPoints(-0.0001)).toBe('0.0 points');
    expect(formatPoints(0.0001)).toBe('0.0 points');
    expect(formatAmount(-0.031)).toBe('3.1 points');
  });

  it('prints an interval behind its estimate', () => {
    expect(formatInterval(interval(0.125, 0.091, 0.168), 'rate')).toBe('12.5 % (9.1 to 16.8)');
    expect(formatInterval(interval(0.031, -0.01, 0.072), 'points')).toBe('+3.1 points (−1.0 to +7.2)');
    expect(formatPlainInterval(interval(0.034, -0.012, 0.08))).toBe('+0.034 (−0.012 to +0.080)');
  });

  it('says that a number is absent and never prints NaN', () => {
    expect(formatMaybe({ unavailable: 'no trial was scored' }, 'rate')).toBe('not available');
    expect(formatFixed(Number.NaN, 1)).toBe('not available');
    expect(formatPercent(Number.POSITIVE_INFINITY)).toBe('not available %');
  });

  it('prints levels, counts and quantities without a locale', () => {
    expect([0.9, 0.95, 0.98333, 0.999].map((one) => formatLevel(one))).toEqual([
      '90 %',
      '95 %',
      '98.3 %',
      '99.9 %',
    ]);
    expect([0.9997, 0.99996].map((one) => formatLevel(one))).toEqual(['99.97 %', '99.996 %']);
    expect([0, 999, 1404, 9_000_000].map(formatCount)).toEqual(['0', '999', '1,404', '9,000,000']);
    expect([10, 2.4, 2.456, 1234.5, 100].map(formatQuantity)).toEqual([
      '10',
      '2.4',
      '2.46',
      '1,234.5',
      '100',
    ]);
  });

  it('is the number itself, rounded, for any share', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (share) => {
        const shown = Number(formatPercent(share).replace(' %', ''));
        expect(Math.abs(shown - share * 100)).toBeLessThanOrEqual(0.05 + 1e-9);
      }),
    );
  });
});

describe('decimals beside a threshold', () => {
  it('adds one where rounding would hide which side a limit is on', () => {
    expect(digitsThatDecide(interval(0.15, 0.1204, 0.18), 0.12)).toBe(2);
    expect(digitsThatDecide(interval(0.15, 0.13, 0.18), 0.12)).toBe(1);
    expect(digitsThatDecide(interval(0.15, 0.12, 0.18), 0.12)).toBe(1);
    expect(digitsThatDecide({ unavailable: 'no baseline yet' }, 0.12)).toBe(1);
  });

  it('keeps shown limits on their true side whenever four decimals can', () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(share, share, (upper, threshold) => {
        fc.pre(Math.abs(upper - threshold) > 2e-6);
        const value: Interval = interval(0, 0, upper);
        const digits = digitsThatDecide(value, threshold);
        const shown = Number(formatFixed(upper * 100, digits)) - Number(formatFixed(threshold * 100, digits));
        expect(Math.sign(shown)).toBe(Math.sign(upper - threshold));
      }),
    );
  });
});
