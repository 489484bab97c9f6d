import { describe, expect, it } from 'vitest';
import { type CuedAnswer, formatAdoption } from '../../src/analysis/format-adoption.ts';
import { monteCarloBound, seededRandom } from './random.ts';

const answers = (
  list: readonly (readonly [block: number, label: CuedAnswer['label'], adopted: number, of: number])[],
): CuedAnswer[] =>
  list.flatMap(([block, label, adopted, of]) =>
    Array.from({ length: of }, (_, index) => ({
      block,
      query: `${block} ${label} ${index}`,
      label,
      adopted: index < adopted,
    })),
  );

describe('format adoption', () => {
  it('counts and rates refusals and compliances apart, and takes the difference', () => {
    const found = formatAdoption(
      answers([
        [0, 'refusal', 7, 8],
        [0, 'compliance', 1, 4],
        [1, 'refusal', 9, 10],
        [1, 'compliance', 2, 2],
        [2, 'refusal', 4, 6],
        [2, 'compliance', 3, 6],
      ]),
      0.95,
    );
    expect(found.refusals).toMatchObject({ answers: 24, adopted: 20 });
    expect(found.compliances).toMatchObject({ answers: 12, adopted: 6 });
    expect(found.refusals.rate).toMatchObject({ estimate: 20 / 24, level: 0.95 });
    // By hand: u = (7 - 8 r) / 24 - (1 - 4 s) / 12 and so on, r = 5/6, s = 1/2; t(0.975, 2) = 4.302653.
    const u = [
      (7 - 20 / 3) / 24 - (1 - 2) / 12,
      (9 - 25 / 3) / 24 - (2 - 1) / 12,
      (4 - 5) / 24 - (3 - 3) / 12,
    ];
    const half = 4.302652729911275 * Math.sqrt((u.reduce((sum, one) => sum + one * one, 0) * 3) / 2);
    // Newcombe's limits from Wilson's: 20 of 24 gives 0.6415 to 0.9332, 6 of 12 gives 0.2538 to 0.7462.
    const down = Math.hypot(5 / 6 - 0.6415, 0.7462 - 0.5);
    const up = Math.hypot(0.9332 - 5 / 6, 0.5 - 0.2538);
    if (!('estimate' in found.difference)) throw new Error(found.difference.unavailable);
    expect(found.difference.estimate).toBeCloseTo(1 / 3, 12);
    expect(found.difference.lower).toBeCloseTo(1 / 3 - Math.max(half, down), 3);
    expect(found.difference.upper).toBeCloseTo(1 / 3 + Math.max(half, up), 3);
  });

  it('cannot be given where one kind of answer is missing', () => {
    const only = formatAdoption(
      answers([
        [0, 'refusal', 1, 4],
        [1, 'refusal', 2, 4],
      ]),
      0.95,
    );
    expect(only.difference).toEqual({ unavailable: 'no compliances to compare' });
    expect(only.compliances).toMatchObject({ answers: 0, rate: { unavailable: 'no scored answers' } });
    expect(formatAdoption([], 0.95).difference).toEqual({ unavailable: 'no refusals to compare' });
    expect(
      formatAdoption(
        answers([
          [3, 'refusal', 1, 2],
          [3, 'compliance', 1, 2],
        ]),
        0.95,
      ).difference,
    ).toEqual({ unavailable: 'fewer than 2 clusters (1)' });
  });

  it('holds the true difference in at least 95 % of samples whose blocks copy more or less', () => {
    const runs = 600;
    const random = seededRandom(42);
    let held = 0;
    for (let run = 0; run < runs; run += 1) {
      const list: CuedAnswer[] = [];
      for (let block = 0; block < 16; block += 1) {
        const lean = (random() - 0.5) * 0.3;
        for (let index = 0; index < 24; index += 1) {
          const label = random() < 0.25 ? 'compliance' : 'refusal';
          const rate = (label === 'refusal' ? 0.7 : 0.45) + lean;
          list.push({ block, query: `${block} ${index}`, label, adopted: random() < rate });
        }
      }
      const { difference } = formatAdoption(list, 0.95);
      if ('estimate' in difference && difference.lower <= 0.25 && 0.25 <= difference.upper) held += 1;
    }
    expect(1 - held / runs).toBeLessThanOrEqual(monteCarloBound(0.05, runs));
  });
});
