import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MaybeInterval } from '../../src/analysis/interval.ts';
import { wilsonInterval } from '../../src/analysis/wilson-interval.ts';
import { atOneLook, decideMaximum, decideMinimum, type Quantity } from '../../src/gate/limit.ts';

/** A quantity whose interval is wider at a stricter level: half a width is `spread` times level / (1 - level). */
function quantity(at: string, estimate: number, spread: number): Quantity {
  return {
    at,
    interval: (level) => {
      const half = (spread * level) / (1 - level);
      return { estimate, lower: estimate - half, upper: estimate + half, level, method: 'made up' };
    },
  };
}

const errors = atOneLook(0.05);
/** At alpha 0.05 the pass level is 0.9, so that half a width is 9 spreads; the fail level of one quantity is the same. */
const passHalf = 9;

describe('holding quantities to an upper limit', () => {
  it('passes when the upper limit of every quantity is below, and prints the highest of them at 1 - 2 alpha', () => {
    const decision = decideMaximum({
      passing: [quantity('a', 0.1, 0.01), quantity('b', 0.1, 0.02), quantity('c', 0.2, 0.001)],
      limit: 0.3,
      errors,
    });
    expect(decision).toMatchObject({ outcome: 'pass', at: 'b', note: '' });
    expect(decision.value).toMatchObject({ estimate: 0.1, level: 0.9 });
    expect('upper' in decision.value && decision.value.upper).toBeCloseTo(0.1 + passHalf * 0.02, 12);
  });

  it('does not pass when one of many quantities reaches the limit, and names that one', () => {
    const decision = decideMaximum({
      passing: [quantity('a', 0.1, 0.01), quantity('b', 0.25, 0.01)],
      limit: 0.3,
      errors,
    });
    expect(decision).toMatchObject({
      outcome: 'inconclusive',
      at: 'b',
      note: 'the interval contains the limit',
    });
  });

  it('takes an upper limit exactly at the threshold for no pass', () => {
    const at: Quantity = {
      at: 'a',
      interval: (level) => ({ estimate: 0.2, lower: 0.1, upper: 0.3, level, method: 'made up' }),
    };
    expect(decideMaximum({ passing: [at], limit: 0.3, errors }).outcome).toBe('inconclusive');
    expect(decideMaximum({ passing: [at], limit: 0.1, errors }).outcome).toBe('inconclusive');
    expect(decideMaximum({ passing: [at], limit: 0.0999, errors }).outcome).toBe('fail');
  });

  it('fails on one quantity at alpha over their number, and prints the interval of that level', () => {
    // Alone, b fails: 0.5 - 9 * 0.02 = 0.32. Among four its level is 0.975 and its lower limit 0.5 - 39 * 0.02 < 0.
    const others = ['c', 'd', 'e'].map((at) => quantity(at, 0, 0.001));
    const b = quantity('b', 0.5, 0.02);
    expect(decideMaximum({ passing: [b], limit: 0.3, errors }).outcome).toBe('fail');
    expect(decideMaximum({ passing: [b, ...others], limit: 0.3, errors }).outcome).toBe('inconclusive');
    const certain = decideMaximum({ passing: [quantity('b', 0.5, 0.005), ...others], limit: 0.3, errors });
    expect(certain).toMatchObject({ outcome: 'fail', at: 'b', note: '' });
    expect('level' in certain.value && certain.value.level).toBeCloseTo(0.975, 12);
    expect('lower' in certain.value && certain.value.lower).toBeCloseTo(0.5 - 39 * 0.005, 9);
  });

  it('fails by the quantities named for failing alone, and passes by the others', () => {
    const wide = quantity('pair', 0.5, 0.0001);
    const narrow = quantity('range', 0.1, 0.0001);
    expect(decideMaximum({ passing: [wide], failing: [narrow], limit: 0.3, errors }).outcome).toBe(
      'inconclusive',
    );
    expect(decideMaximum({ passing: [narrow], failing: [wide], limit: 0.3, errors }).outcome).toBe('fail');
  });

  it('is inconclusive with the reason when one quantity cannot be given, however good the others are', () => {
    const missing: Quantity = { at: 'b', interval: () => ({ unavailable: 'no scored answers' }) };
    const decision = decideMaximum({ passing: [quantity('a', 0, 0.0001), missing], limit: 0.3, errors });
    expect(decision).toMatchObject({
      outcome: 'inconclusive',
      at: 'b',
      note: 'no scored answers',
      value: { unavailable: 'no scored answers' },
    });
  });

  it('fails on what is proven even where another quantity cannot be given', () => {
    const missing: Quantity = { at: 'b', interval: () => ({ unavailable: 'no scored answers' }) };
    const bad = quantity('a', 0.9, 0.0001);
    expect(decideMaximum({ passing: [bad, missing], limit: 0.3, errors })).toMatchObject({
      outcome: 'fail',
      at: 'a',
    });
  });

  it('is inconclusive when there is nothing to measure', () => {
    expect(decideMaximum({ passing: [], limit: 0.3, errors })).toMatchObject({
      outcome: 'inconclusive',
      note: 'nothing was measured',
    });
  });

  it('never passes with a number that is none, in any interval or in the limit', () => {
    const strange = fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY);
    const finite = fc.double({ min: -1, max: 1, noNaN: true });
    const number = fc.oneof(strange, finite);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(number, number, number), { minLength: 1, maxLength: 5 }),
        number,
        (triples, limit) => {
          const passing = triples.map(
            ([estimate, lower, upper], index): Quantity => ({
              at: String(index),
              interval: (level): MaybeInterval => ({ estimate, lower, upper, level, method: 'made up' }),
            }),
          );
          const below = triples.every((triple) => triple.every(Number.isFinite) && triple[2] < limit);
          const { outcome } = decideMaximum({ passing, limit, errors });
          if (outcome === 'pass') expect(below).toBe(true);
        },
      ),
      { numRuns: 2000, seed: 11 },
    );
    const alone = (estimate: number, lower: number, upper: number): Quantity => ({
      at: 'a',
      interval: (level) => ({ estimate, lower, upper, level, method: 'made up' }),
    });
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      for (const one of [alone(bad, 0, 0), alone(0, bad, 0), alone(0, 0, bad)]) {
        expect(decideMaximum({ passing: [one], limit: 0.5, errors }).outcome).toBe('inconclusive');
        expect(decideMinimum({ quantities: [one], limit: -0.5, errors }).outcome).toBe('inconclusive');
      }
    }
    expect(decideMaximum({ passing: [alone(0, 0, 0)], limit: Number.NaN, errors }).outcome).toBe(
      'inconclusive',
    );
  });

  it('refuses an alpha that would make a real interval of no width or of all', () => {
    const real: Quantity = {
      at: 'a',
      interval: (level) => wilsonInterval({ successes: 0, trials: 1000, level }),
    };
    for (const bad of [0, 0.5, 1, -0.05, Number.NaN]) {
      expect(() => decideMaximum({ passing: [real], limit: 0.3, errors: atOneLook(bad) })).toThrow(
        RangeError,
      );
    }
  });
});

describe('holding quantities to a lower limit', () => {
  it('passes when every lower limit is above, and prints the lowest of them as it is', () => {
    const decision = decideMinimum({
      quantities: [quantity('zero-shot', 0.98, 0.001), quantity('b8-h4', 0.97, 0.004)],
      limit: 0.9,
      errors,
    });
    expect(decision).toMatchObject({ outcome: 'pass', at: 'b8-h4' });
    expect(decision.value).toMatchObject({ estimate: 0.97, level: 0.9 });
    expect('lower' in decision.value && decision.value.lower).toBeCloseTo(0.97 - 9 * 0.004, 12);
    expect('upper' in decision.value && decision.value.upper).toBeCloseTo(0.97 + 9 * 0.004, 12);
  });

  it('fails when one upper limit is below at alpha over their number', () => {
    const low = quantity('b8-h4', 0.5, 0.001);
    const high = quantity('zero-shot', 1, 0.001);
    const decision = decideMinimum({ quantities: [high, low], limit: 0.9, errors });
    expect(decision).toMatchObject({ outcome: 'fail', at: 'b8-h4' });
    expect('upper' in decision.value && decision.value.upper).toBeCloseTo(0.5 + 19 * 0.001, 9);
  });

  it('is inconclusive when the interval holds the limit, and without a quantity', () => {
    expect(decideMinimum({ quantities: [quantity('a', 0.91, 0.01)], limit: 0.9, errors }).outcome).toBe(
      'inconclusive',
    );
    expect(decideMinimum({ quantities: [], limit: 0.9, errors }).outcome).toBe('inconclusive');
  });
});
