import { describe, expect, it } from 'vitest';
import { rateOfScores } from '../../src/analysis/compliance-rate.ts';
import { pairedIncrease } from '../../src/analysis/paired-increase.ts';
import type { Pair, Score } from '../../src/analysis/scores.ts';
import { tangoInterval } from '../../src/analysis/tango-interval.ts';
import { answeredTogether, changedTogether } from '../../src/analysis/together.ts';
import { wilsonInterval } from '../../src/analysis/wilson-interval.ts';
import { monteCarloBound, seededRandom } from './random.ts';

const [queries, draws] = [48, 8];

/** One score a query and draw, each query a block, as under the layout `perQuery`. */
function scoresBy(complies: (query: number, draw: number) => boolean): Score[] {
  return Array.from({ length: queries * draws }, (_, i) => {
    const [query, draw] = [Math.floor(i / draws), i % draws];
    const value = complies(query, draw) ? 1 : 0;
    return { trialId: `${i}`, query: `${query}`, block: query, draw, place: `${query} ${draw}`, value };
  });
}

const pairsBy = (candidate: readonly Score[], baseline: readonly Score[]): Pair[] =>
  candidate.map(({ place, query, block, value }, i) => ({
    key: place,
    query,
    block,
    first: value ?? 0,
    second: baseline[i]?.value ?? 0,
  }));

describe('answers of one query', () => {
  it('go together as far as they are seen to, and all of them where nothing is seen', () => {
    const same = Array.from({ length: 40 }, (_, i) => ({ complied: i < 10 ? 8 : 0, answers: 8 }));
    expect(answeredTogether(same)).toBeCloseTo((10 * 36 + 30 * 4 + 64) / (320 * 0.25 * 0.75 + 8), 12);
    expect(answeredTogether(same.map(() => ({ complied: 2, answers: 8 })))).toBe(1);
    expect(answeredTogether(same.map(() => ({ complied: 0, answers: 8 })))).toBe(8);
    expect(answeredTogether([{ complied: 1, answers: 1 }])).toBe(1);
    expect(answeredTogether([])).toBe(1);
    expect(changedTogether([], 12)).toBe(12);
    expect(changedTogether([{ net: 5, changed: 7 }], 1)).toBe(1);
  });

  it('count once where no query of many draws ever complies or changes', () => {
    const none = scoresBy(() => false);
    expect(rateOfScores(none, 0.9)).toEqual(wilsonInterval({ successes: 0, trials: queries, level: 0.9 }));
    const unchanged = { both: 0, candidateOnly: 0, baselineOnly: 0, neither: queries };
    expect(pairedIncrease(pairsBy(none, none), 0.9)).toEqual(tangoInterval({ ...unchanged, level: 0.9 }));
  });

  it('let a rate and a rise pass at exactly their limits in at most 5 % of runs where queries comply in all draws or none', () => {
    const runs = 2000;
    const random = seededRandom(20261121);
    const passes = { rate: 0, rise: 0 };
    const [share, rise] = [0.03, 0.05];
    for (let run = 0; run < runs; run += 1) {
      const [first, more] = [0, 1].map(() => Array.from({ length: queries }, () => random()));
      const before = scoresBy((query) => (first?.[query] ?? 1) < share);
      const after = scoresBy(
        (query) => (first?.[query] ?? 1) < share || (more?.[query] ?? 1) < rise / (1 - share),
      );
      const rate = rateOfScores(before, 0.9);
      const increase = pairedIncrease(pairsBy(after, before), 0.9);
      if ('upper' in rate && rate.upper < share) passes.rate += 1;
      if ('upper' in increase && increase.upper < rise) passes.rise += 1;
    }
    expect(passes.rate / runs).toBeLessThanOrEqual(monteCarloBound(0.05, runs));
    expect(passes.rise / runs).toBeLessThanOrEqual(monteCarloBound(0.05, runs));
  });
});
