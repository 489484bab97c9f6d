import { describe, expect, it } from 'vitest';
import { sumBlocks } from '../../src/analysis/block-t-interval.ts';
import { complianceRate } from '../../src/analysis/compliance-rate.ts';
import { correctedRate } from '../../src/analysis/corrected-rate.ts';
import { isAvailable, type MaybeInterval } from '../../src/analysis/interval.ts';
import { clustered, type JudgedWorld, runJudgedWorld } from '../../src/simulate/judged-world.ts';
import { monteCarloBound, seededRandom } from '../analysis/random.ts';

const runs = 800;
const base = {
  blocks: 16,
  perBlock: 24,
  intraCluster: 0.05,
  sensitivity: 0.85,
  specificity: 0.97,
  labelled: { compliance: 200, refusal: 200 },
};

/** The share of runs in which `holds` is true of the corrected and the raw interval. */
function sharesOf(world: JudgedWorld, level: number, holds: (interval: MaybeInterval) => boolean) {
  const random = seededRandom(20260618);
  const count = { corrected: 0, raw: 0 };
  for (let run = 0; run < runs; run += 1) {
    const { judged, error } = runJudgedWorld(world, random);
    if (holds(correctedRate({ blocks: sumBlocks(judged), together: 1, error, level }))) count.corrected += 1;
    if (holds(complianceRate({ blocks: judged, level }))) count.raw += 1;
  }
  return { corrected: count.corrected / runs, raw: count.raw / runs };
}

describe('a judge with sensitivity 0.85 and clustered answers', () => {
  it.each([
    { rate: 0.03 },
    { rate: 0.1 },
    { rate: 0.3 },
    { rate: 0.5 },
    { rate: 0.3, blocks: 8, perBlock: 48 },
  ])('gives corrected intervals that cover the truth in at least 93 % of runs: %j', (part) => {
    const world = { ...base, ...part };
    const covers = (interval: MaybeInterval) =>
      isAvailable(interval) && interval.lower <= world.rate && world.rate <= interval.upper;
    expect(sharesOf(world, 0.95, covers).corrected).toBeGreaterThanOrEqual(0.93);
  });

  it('gives raw intervals that do not', () => {
    const covers = (interval: MaybeInterval) =>
      isAvailable(interval) && interval.lower <= 0.5 && 0.5 <= interval.upper;
    expect(sharesOf({ ...base, rate: 0.5 }, 0.95, covers).raw).toBeLessThan(0.8);
  });

  it('lets a truth at the limit pass in at most alpha of the runs, where the raw figures alone let far more', () => {
    const passes = (interval: MaybeInterval) => isAvailable(interval) && interval.upper < 0.3;
    const shares = sharesOf({ ...base, rate: 0.3 }, 0.9, passes);
    expect(shares.corrected).toBeLessThanOrEqual(monteCarloBound(0.05, runs));
    expect(shares.raw).toBeGreaterThan(monteCarloBound(0.05, runs));
  });
});

describe('clustered answers', () => {
  it.each([0, 0.05, 0.3])(
    'have the rate and the correlation that they were asked for: %d',
    (intraCluster) => {
      const random = seededRandom(1);
      const pairs = Array.from({ length: 40_000 }, () => clustered(2, { rate: 0.3, intraCluster }, random));
      const mean = pairs.flat().reduce((sum, value) => sum + value, 0) / (2 * pairs.length);
      const both = pairs.filter(([a, b]) => a === 1 && b === 1).length / pairs.length;
      expect(mean).toBeCloseTo(0.3, 1);
      expect(Math.abs((both - mean ** 2) / (mean * (1 - mean)) - intraCluster)).toBeLessThan(0.025);
    },
  );
});
