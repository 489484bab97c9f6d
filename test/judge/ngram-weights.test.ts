import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NgramWeights } from '../../src/judge/ngram-weights.ts';

const key = fc.oneof(fc.integer({ min: 0, max: 40 }), fc.maxSafeNat());
/** Eighths: sums of them are exact, in whatever order. */
const weight = fc.integer({ min: -80, max: 80 }).map((eighths) => eighths / 8);

describe('the weights of n-grams', () => {
  it('are added up once for each n-gram that has one, answer after answer', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(key, weight)),
        fc.array(fc.array(key), { minLength: 1, maxLength: 4 }),
        fc.boolean(),
        (rows, answers, known) => {
          const weights = new Map(rows);
          const table = new NgramWeights(weights);
          for (const answer of answers) {
            const keys = known ? [...answer, ...weights.keys()] : answer;
            table.start(1);
            for (const one of [...keys, ...keys]) table.add(one);
            const expected = [...new Set(keys)].reduce((sum, one) => sum + (weights.get(one) ?? 0), 1);
            expect(table.sum).toBe(expected);
          }
        },
      ),
    );
  });
});
