import { describe, expect, it } from 'vitest';
import { differenceOfSums } from '../../src/analysis/difference-of-differences.ts';
import { tallyDouble } from '../../src/analysis/double-increase.ts';
import { pairedIncrease } from '../../src/analysis/paired-increase.ts';
import type { Pair } from '../../src/analysis/scores.ts';
import { tangoInterval } from '../../src/analysis/tango-interval.ts';
import { monteCarloBound, seededRandom } from './random.ts';
import { asNumber, asNumbers, asStrings, expectClose, referenceCases } from './reference.ts';
import { skewedBlocks } from './skewed-blocks.ts';

const bit = (value: number): 0 | 1 => (value === 1 ? 1 : 0);
const cases = referenceCases('paired_blocks');

function pairsOf(id: string): Pair[] {
  const input = cases.find((one) => one.id === id)?.input ?? {};
  const [contexts, queries] = [asStrings(input.context), asStrings(input.query)];
  const [baseline, candidate] = [asNumbers(input.baseline), asNumbers(input.candidate)];
  const names = [...new Set(contexts)];
  return contexts.map((context, i) => ({
    key: `${queries[i]} ${context}`,
    query: `${queries[i]} ${context}`,
    block: names.indexOf(context),
    first: bit(candidate[i] ?? Number.NaN),
    second: bit(baseline[i] ?? Number.NaN),
  }));
}

function intervalOf(value: ReturnType<typeof pairedIncrease>) {
  if (!('estimate' in value)) throw new Error(value.unavailable);
  return value;
}

const count = (pairs: readonly Pair[], first: number, second: number) =>
  pairs.filter((pair) => pair.first === first && pair.second === second).length;
const countsOf = (pairs: readonly Pair[]) => ({
  both: count(pairs, 1, 1),
  candidateOnly: count(pairs, 1, 0),
  baselineOnly: count(pairs, 0, 1),
  neither: count(pairs, 0, 0),
});

describe('a paired increase', () => {
  it.each(['balanced-a', 'balanced-b', 'unequal-blocks'])(
    'is never narrower than the reference block t interval: %s',
    (id) => {
      const { expected, tolerance } = cases.find((one) => one.id === id) ?? cases[0] ?? fail();
      const pairs = pairsOf(id);
      const interval = intervalOf(pairedIncrease(pairs, 0.9));
      const tango = intervalOf(tangoInterval({ ...countsOf(pairs), level: 0.9 }));
      const [lower, upper] = asNumbers(expected.ci90_two_sided);
      expectClose(interval.estimate, asNumber(expected.mean_difference), tolerance, 'mean difference');
      const slack = tolerance.abs ?? 0;
      expect(interval.lower).toBeLessThanOrEqual(Math.min(lower ?? Number.NaN, tango.lower) + slack);
      expect(interval.upper).toBeGreaterThanOrEqual(Math.max(upper ?? Number.NaN, tango.upper) - slack);
      expect(interval.level).toBe(0.9);
    },
  );

  it('without variation between blocks is Tango’s alone', () => {
    const pairs = pairsOf('zero-variance');
    expect(pairedIncrease(pairs, 0.9)).toEqual(tangoInterval({ ...countsOf(pairs), level: 0.9 }));
  });

  it('cannot be given from one block or from no pairs', () => {
    expect(pairedIncrease(pairsOf('single-context'), 0.9)).toHaveProperty('unavailable');
    expect(pairedIncrease([], 0.9)).toEqual({ unavailable: 'no pairs of scored answers' });
  });

  it('changes its sign with the sides', () => {
    const pairs = pairsOf('unequal-blocks');
    const turned = pairs.map(({ first, second, ...rest }) => ({ ...rest, first: second, second: first }));
    const [there, back] = [pairs, turned].map((some) => intervalOf(pairedIncrease(some, 0.9)));
    expect(back?.estimate).toBeCloseTo(-(there?.estimate ?? 0), 12);
    expect(back?.lower).toBeCloseTo(-(there?.upper ?? 0), 9);
    expect(back?.upper).toBeCloseTo(-(there?.lower ?? 0), 9);
  });
});

describe('an increase over a baseline that hardly ever complies', () => {
  const size = 48;
  const pairsBy = (candidate: readonly number[], baseline: readonly number[]): Pair[] =>
    candidate.flatMap((complied, block) =>
      Array.from({ length: size }, (_, i) => {
        const key = `${block} ${i}`;
        const second = bit(i < (baseline[block] ?? 0) ? 1 : 0);
        return { key, query: key, block, first: bit(i < complied ? 1 : 0), second };
      }),
    );

  it.each([[1], [0, 1], [0, 0, 0, 1]])('is not surer without its only compliance: %j', (...baseline) => {
    const candidate = [0, 1, 0, 12, 0, 2, 0, 1];
    const one = intervalOf(pairedIncrease(pairsBy(candidate, baseline), 0.9));
    const none = intervalOf(pairedIncrease(pairsBy(candidate, []), 0.9));
    expect(none.upper).toBeGreaterThanOrEqual(one.upper - 1e-9);
  });

  it('passes its limit in at most 5 % of runs where it never does and contexts differ strongly', () => {
    const random = seededRandom(20261121);
    const runs = 600;
    let passes = 0;
    for (let run = 0; run < runs; run += 1) {
      const blocks = skewedBlocks({ rate: 0.08, blocks: 8, answers: size }, random);
      const candidate = blocks.map((answers) => answers.reduce((sum, one) => sum + one, 0));
      if (intervalOf(pairedIncrease(pairsBy(candidate, []), 0.9)).upper < 0.08) passes += 1;
    }
    expect(passes / runs).toBeLessThanOrEqual(monteCarloBound(0.05, runs));
  });
});

describe('an increase of an increase', () => {
  const random = seededRandom(3);
  const pairs = (rate: number): Pair[] =>
    Array.from({ length: 96 }, (_, i) => ({
      key: `q${i}`,
      query: `q${i}`,
      block: i % 8,
      first: bit(random() < rate ? 1 : 0),
      second: bit(random() < 0.3 ? 1 : 0),
    }));
  const [high, low] = [pairs(0.6), pairs(0.3)];

  it('is the mean over queries of the four answers’ double difference', () => {
    const lows = new Map(low.map((pair) => [pair.key, pair]));
    const values = high.map(({ key, first, second }) => {
      const other = lows.get(key) ?? fail();
      return first - second - other.first + other.second;
    });
    const mean = values.reduce((sum: number, value) => sum + value, 0) / 96;
    const interval = intervalOf(differenceOfSums({ ...tallyDouble(high, low), level: 0.9 }));
    expect(interval.estimate).toBeCloseTo(mean, 12);
    // Block t by hand: 8 equal blocks, t(0.95, 7) = 1.894578605.
    const blockMeans = Array.from({ length: 8 }, (_, block) => {
      const own = values.filter((__, i) => high[i]?.block === block);
      return own.reduce((sum: number, value) => sum + value, 0) / own.length;
    });
    const variance = blockMeans.reduce((sum, one) => sum + (one - mean) ** 2, 0) / 7;
    const half = 1.894578605 * Math.sqrt(variance / 8);
    expect(interval.lower).toBeLessThanOrEqual(mean - half + 1e-8);
    expect(interval.upper).toBeGreaterThanOrEqual(mean + half - 1e-8);
  });

  it('passes its limit in at most 5 % of runs over rates of zero behind contexts that differ strongly', () => {
    const random = seededRandom(20261122);
    const runs = 600;
    let passes = 0;
    for (let run = 0; run < runs; run += 1) {
      const blocks = skewedBlocks({ rate: 0.08, blocks: 8, answers: 48 }, random);
      const pairsOfRun = (complies: (value: number) => 0 | 1): Pair[] =>
        blocks.flatMap((answers, block) =>
          answers.map((value, i) => {
            const key = `${block} ${i}`;
            return { key, query: key, block, first: complies(value), second: 0 };
          }),
        );
      const rise = differenceOfSums({
        ...tallyDouble(
          pairsOfRun(bit),
          pairsOfRun(() => 0),
        ),
        level: 0.9,
      });
      if (intervalOf(rise).upper < 0.08) passes += 1;
    }
    expect(passes / runs).toBeLessThanOrEqual(monteCarloBound(0.05, runs));
  });

  it('leaves out queries that lack one of the four answers', () => {
    const fewer = low.filter(({ block }) => block !== 0);
    const whole = high.filter(({ block }) => block !== 0);
    expect(tallyDouble(high, fewer)).toEqual(tallyDouble(whole, fewer));
    expect(differenceOfSums({ ...tallyDouble(high, []), level: 0.9 })).toHaveProperty('unavailable');
  });
});

function fail(): never {
  throw new Error('a value that must be there is not');
}
