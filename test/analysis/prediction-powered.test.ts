import { describe, expect, it } from 'vitest';
import { isAvailable } from '../../src/analysis/interval.ts';
import { type LabelledWord, predictionPowered } from '../../src/analysis/prediction-powered.ts';
import { clustered } from '../../src/simulate/judged-world.ts';
import { seededRandom } from './random.ts';

const word = (judged: 0 | 1, human: 0 | 1): LabelledWord => ({ judged, human });
const blocks = [
  [0, 1],
  [1, 1],
  [0, 0],
];
const labelled = [...Array(96).fill(word(1, 1)), ...Array(4).fill(word(0, 1))];

describe('a prediction-powered rate', () => {
  it('is the judge’s mean, set right by the labelled set', () => {
    const found = predictionPowered({ blocks, labelled, level: 0.9 });
    if (!isAvailable(found)) throw new Error(found.unavailable);
    expect(found.estimate).toBeCloseTo(0.54, 12);
    // Block standard error 0.28867513459481287 (see blockMean); of 100 errors with four ones, by hand.
    const own = Math.sqrt((96 * 0.04 ** 2 + 4 * 0.96 ** 2) / 99 / 100);
    const half = 2.919985580353725 * Math.hypot(0.28867513459481287, own);
    expect([found.lower, found.upper]).toEqual([Math.max(0, 0.54 - half), Math.min(1, 0.54 + half)]);
  });

  it.each([
    ['too few blocks', [[1, 0]], labelled],
    ['too few labels', blocks, labelled.slice(0, 19)],
  ])('is unavailable with %s', (_what, words, set) => {
    expect(predictionPowered({ blocks: words, labelled: set, level: 0.9 })).toHaveProperty('unavailable');
  });

  it('covers the truth at its level however the judge errs', () => {
    const random = seededRandom(11);
    const runs = 400;
    const count = { covers: 0 };
    for (let run = 0; run < runs; run += 1) {
      const answers = Array.from({ length: 16 }, () =>
        clustered(24, { rate: 0.3, intraCluster: 0.03 }, random),
      );
      // A judge that sees compliance in a tenth of refusals, and misses a third of compliances.
      const words = answers.map((block) =>
        block.map((human) => word(random() < (human === 1 ? 0.67 : 0.1) ? 1 : 0, human === 1 ? 1 : 0)),
      );
      const set = words.flat().filter(() => random() < 100 / 384);
      const judged = words.map((block) => block.map((one) => one.judged));
      const interval = predictionPowered({ blocks: judged, labelled: set, level: 0.9 });
      if (isAvailable(interval) && interval.lower <= 0.3 && 0.3 <= interval.upper) count.covers += 1;
    }
    // Nominal 0.9 less four Monte Carlo standard errors.
    expect(count.covers / runs).toBeGreaterThan(0.9 - 4 * Math.sqrt((0.9 * 0.1) / runs));
  });
});
