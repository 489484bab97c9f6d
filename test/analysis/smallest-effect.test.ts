import { describe, expect, it } from 'vitest';
import { blockTOfSums } from '../../src/analysis/block-t-interval.ts';
import { complianceRate } from '../../src/analysis/compliance-rate.ts';
import { isAvailable } from '../../src/analysis/interval.ts';
import { normalQuantile } from '../../src/analysis/normal-distribution.ts';
import { pairedIncrease, tallyPairs } from '../../src/analysis/paired-increase.ts';
import type { Pair } from '../../src/analysis/scores.ts';
import {
  bestQueriesPerContext,
  largestPassingRate,
  smallestEffect,
  upperLimitOfNone,
} from '../../src/analysis/smallest-effect.ts';
import { suggestDesign } from '../../src/analysis/suggest-design.ts';
import { seededRandom } from './random.ts';

const spread = { variance: 0.1, intraCluster: 0.01 };

describe('the smallest effect', () => {
  it('is the formula of the statistical reference, section 7', () => {
    // qt(0.95, 15) + qnorm(0.8) = 1.753050 + 0.841621; A = 0.099, B = 0.001 (R 4.3).
    const byHand = (1.75305 + 0.841621) * Math.sqrt(0.099 / 384 + 0.001 / 16);
    expect(smallestEffect({ values: 384, clusters: 16 }, spread, 0.05)).toBeCloseTo(byHand, 6);
  });

  it('shrinks with queries, with draws, and with less variance', () => {
    const base = smallestEffect({ values: 384, clusters: 16 }, spread, 0.05);
    expect(smallestEffect({ values: 768, clusters: 16 }, spread, 0.05)).toBeLessThan(base);
    expect(smallestEffect({ values: 384, clusters: 32 }, spread, 0.05)).toBeLessThan(base);
    expect(smallestEffect({ values: 384, clusters: 16 }, { ...spread, variance: 0.05 }, 0.05)).toBeLessThan(
      base,
    );
  });

  it('is without bound where there is one cluster', () => {
    expect(smallestEffect({ values: 384, clusters: 1 }, spread, 0.05)).toBe(Number.POSITIVE_INFINITY);
  });

  it.each([
    [16, 24, 0.7],
    [8, 48, 0.64],
  ])(
    'is seen by block t in four of five runs of %i blocks; the widest of three asks for more where few comply',
    (clusters, perBlock, leastPower) => {
      const values = clusters * perBlock;
      const limit = smallestEffect({ values, clusters }, spread, 0.05);
      const random = seededRandom(20260618);
      const runs = 1000;
      const seen = { byBlockT: 0, byWidest: 0 };
      for (let run = 0; run < runs; run += 1) {
        const pairs = drawPairs(clusters, perBlock, random);
        const blockT = blockTOfSums({ blocks: tallyPairs(pairs).blocks, level: 0.9 });
        if ('interval' in blockT && isAvailable(blockT.interval) && blockT.interval.upper < limit)
          seen.byBlockT += 1;
        const widest = pairedIncrease(pairs, 0.9);
        if (isAvailable(widest) && widest.upper < limit) seen.byWidest += 1;
      }
      expect(seen.byBlockT / runs).toBeGreaterThan(0.75);
      expect(seen.byBlockT / runs).toBeLessThan(0.87);
      expect(seen.byWidest / runs).toBeGreaterThan(leastPower);
      expect(seen.byWidest).toBeLessThanOrEqual(seen.byBlockT);
    },
  );
});

/** Pairs of which one in ten disagrees, half each way and none complying on both sides; blocks lean with variance 0.001. */
function drawPairs(blocks: number, perBlock: number, random: () => number): Pair[] {
  return Array.from({ length: blocks }, (_, block) => {
    const drift = Math.sqrt(0.001) * normalQuantile(Math.max(1e-9, random()));
    return Array.from({ length: perBlock }, (_, index): Pair => {
      const luck = random();
      const first = luck < 0.05 + drift / 2 ? 1 : 0;
      const second = luck > 0.95 + drift / 2 ? 1 : 0;
      return { key: `${block}-${index}`, block, first, second };
    });
  }).flat();
}

describe('the largest rate that passes below a cap', () => {
  it('is passed by four of five candidates', () => {
    const rate = largestPassingRate({
      values: 384,
      clusters: 16,
      intraCluster: 0.01,
      cap: 0.25,
      alpha: 0.05,
    });
    expect(rate).toBeGreaterThan(0.17);
    const random = seededRandom(7);
    const runs = 1000;
    let passed = 0;
    for (let run = 0; run < runs; run += 1) {
      const blocks = Array.from({ length: 16 }, () => {
        const own = (rate ?? 0) + Math.sqrt(0.01 * 0.155) * normalQuantile(Math.max(1e-9, random()));
        return Array.from({ length: 24 }, () => (random() < own ? 1 : 0));
      });
      const interval = complianceRate({ blocks, level: 0.9 });
      if (isAvailable(interval) && interval.upper < 0.25) passed += 1;
    }
    expect(passed / runs).toBeGreaterThan(0.75);
    expect(passed / runs).toBeLessThan(0.87);
  });

  it('is none where not even a clean sheet is below the cap', () => {
    // Wilson 0 of 40 at one-sided 0.05: 2.705543 / 42.705543 = 0.063353.
    expect(upperLimitOfNone(40, 0.05)).toBeCloseTo(0.063353, 6);
    const design = { values: 40, clusters: 8, intraCluster: 0.01, alpha: 0.05 };
    expect(largestPassingRate({ ...design, cap: 0.06 })).toBeUndefined();
    expect(largestPassingRate({ ...design, cap: 0.07 })).toBeGreaterThanOrEqual(0);
  });
});

describe('a better design at the same cost', () => {
  const cost = { contextTokens: 19_200, queryTokens: 260 };

  it('has about the queries a context of the reference’s example', () => {
    expect(bestQueriesPerContext(19_200, 260, 0.01)).toBeCloseTo(85.5, 1);
    const design = { values: 16 * 24, clusters: 16 };
    const better = suggestDesign({ design, spread, alpha: 0.05, cost, available: 10_000 });
    expect(better).toBeDefined();
    const { draws = 0, queries = 0, smallestEffect: effect = 1 } = better ?? {};
    expect(draws * cost.contextTokens + queries * cost.queryTokens).toBeLessThanOrEqual(
      16 * cost.contextTokens + 384 * cost.queryTokens,
    );
    expect(queries % draws).toBe(0);
    expect(effect).toBeLessThan(smallestEffect(design, spread, 0.05));
  });

  it('asks for no more queries than there are, and for nothing where there is none', () => {
    const design = { values: 384, clusters: 16 };
    const better = suggestDesign({ design, spread, alpha: 0.05, cost, available: 420 });
    expect(better === undefined || better.queries <= 420).toBe(true);
    const cheap = { contextTokens: 0.001, queryTokens: 260 };
    expect(
      suggestDesign({
        design: { values: 384, clusters: 128 },
        spread,
        alpha: 0.05,
        cost: cheap,
        available: 384,
      }),
    ).toBeUndefined();
  });
});
