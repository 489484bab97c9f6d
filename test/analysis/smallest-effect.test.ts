import { describe, expect, it } from 'vitest';
import {
  bestQueriesPerContext,
  smallestMargin,
  upperLimitOfNone,
} from '../../src/analysis/smallest-effect.ts';
import { suggestDesign } from '../../src/analysis/suggest-design.ts';

const spread = { variance: 0.1, intraCluster: 0.01 };

describe('the smallest margin', () => {
  it('is the formula of the statistical reference, section 7', () => {
    // qt(0.95, 15) + qnorm(0.8) = 1.753050 + 0.841621; A = 0.099, B = 0.001 (R 4.3).
    const byHand = (1.75305 + 0.841621) * Math.sqrt(0.099 / 384 + 0.001 / 16);
    expect(smallestMargin({ values: 384, clusters: 16 }, spread, 0.05)).toBeCloseTo(byHand, 6);
  });

  it('shrinks with queries, with draws, and with less variance', () => {
    const base = smallestMargin({ values: 384, clusters: 16 }, spread, 0.05);
    expect(smallestMargin({ values: 768, clusters: 16 }, spread, 0.05)).toBeLessThan(base);
    expect(smallestMargin({ values: 384, clusters: 32 }, spread, 0.05)).toBeLessThan(base);
    expect(smallestMargin({ values: 384, clusters: 16 }, { ...spread, variance: 0.05 }, 0.05)).toBeLessThan(
      base,
    );
  });

  it('is without bound where there is one cluster', () => {
    expect(smallestMargin({ values: 384, clusters: 1 }, spread, 0.05)).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('the upper limit of a clean sheet', () => {
  it('is Wilson’s', () => {
    // 0 of 40 at one-sided 0.05: 2.705543 / 42.705543 = 0.063353.
    expect(upperLimitOfNone(40, 0.05)).toBeCloseTo(0.063353, 6);
  });
});

describe('a better design at the same cost', () => {
  const cost = { contextTokens: 19_200, queryTokens: 260 };

  it('has about the queries a context of the reference’s example', () => {
    expect(bestQueriesPerContext(19_200, 260, 0.01)).toBeCloseTo(85.5, 1);
    const design = { values: 16 * 24, clusters: 16 };
    const better = suggestDesign({ design, spread, alpha: 0.05, cost, available: 10_000 });
    expect(better).toBeDefined();
    const { draws = 0, queries = 0, margin = 1 } = better ?? {};
    expect(draws * cost.contextTokens + queries * cost.queryTokens).toBeLessThanOrEqual(
      16 * cost.contextTokens + 384 * cost.queryTokens,
    );
    expect(queries % draws).toBe(0);
    const both = [{ values: queries, clusters: draws }, design].map((one) =>
      smallestMargin(one, spread, 0.05),
    );
    expect(margin).toBeCloseTo((both[0] ?? 0) / (both[1] ?? 1), 12);
    expect(margin).toBeLessThan(1);
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
