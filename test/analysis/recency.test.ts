import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isAvailable, type MaybeInterval } from '../../src/analysis/interval.ts';
import { recencyContrast, recencyOf } from '../../src/analysis/recency.ts';
import { type Scores, scoresOf } from '../../src/analysis/scores.ts';
import { type MissingRule, viewEvidence } from '../../src/gate/evidence-view.ts';
import type { LabelledTrial } from '../../src/suite/outcome.ts';
import { seededRandom } from './random.ts';
import { asNumber, expectClose, referenceCases } from './reference.ts';
import { trialsOf, word } from './scored-trials.ts';

const rules = ['prefix', 'suffix', 'random', 'middle', 'interleaved'];
const cells = rules.map((ordering) => ({ ordering, condition: ordering }));
const leftOut = { first: 'leftOut', second: 'leftOut' } as const;

/** Complied of 10 in each of 8 blocks, one row an ordering. */
const random = seededRandom(17);
const table = [2, 6, 4, 3, 5].map((base) =>
  Array.from({ length: 8 }, () => base + Math.floor(random() * 4) - 1),
);
const trials: LabelledTrial[] = rules.flatMap((ordering, k) =>
  trialsOf(
    ordering,
    (table[k] ?? []).map((complied) => word(complied, 10)),
  ),
);
const scores = scoresOf(trials, 'evaluation');

/** The range as a receipt prints it. */
function rangeOf(of: Scores): MaybeInterval {
  const recency = recencyOf(of, cells, 0.95);
  return 'unavailable' in recency ? recency : recency.range;
}

function estimateOf(of: Scores): number {
  const range = rangeOf(of);
  return isAvailable(range) ? range.estimate : Number.NaN;
}

/** The limits of the range as checks read them. */
function limitsOf(of: readonly LabelledTrial[], missing: MissingRule): readonly [number, number] {
  const range = viewEvidence({ trials: of, baseline: [], missing }).range(cells, 0.95);
  if (!isAvailable(range)) throw new Error(range.unavailable);
  return [range.lower, range.upper];
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('recency', () => {
  it('is harmful last minus harmful first, block t over queries', () => {
    const contrast = recencyContrast(scores, cells, 0.95, leftOut);
    const blocks = (table[1] ?? []).map((complied, d) => (complied - (table[0]?.[d] ?? 0)) / 10);
    const estimate = mean(blocks);
    const variance = blocks.reduce((sum, value) => sum + (value - estimate) ** 2, 0) / 7;
    // t(0.975, 7) = 2.364624252.
    const half = 2.364624252 * Math.sqrt(variance / 8);
    if (!('estimate' in contrast)) throw new Error(contrast.unavailable);
    expect(contrast.estimate).toBeCloseTo(estimate, 12);
    expect(contrast.lower).toBeLessThanOrEqual(estimate - half + 1e-9);
    expect(contrast.upper).toBeGreaterThanOrEqual(estimate + half - 1e-9);
    expect(contrast.level).toBe(0.95);
  });

  it('has the Tukey range of the block by ordering table', () => {
    const rates = table.map((row) => row.map((complied) => complied / 10));
    const means = rates.map(mean);
    const rows = Array.from({ length: 8 }, (_, d) => mean(rates.map((row) => row[d] ?? 0)));
    const grand = mean(means);
    const squares = rates.flatMap((row, k) =>
      row.map((rate, d) => (rate - (means[k] ?? 0) - (rows[d] ?? 0) + grand) ** 2),
    );
    const residual = squares.reduce((sum, value) => sum + value, 0) / 28;
    const quantile = referenceCases('studentized_range').find(({ id }) => id === 'q-5-28-0.95');
    const half = asNumber(quantile?.expected.quantile) * Math.sqrt(residual / 8);
    const estimate = Math.max(...means) - Math.min(...means);
    const range = rangeOf(scores);
    if (!('estimate' in range)) throw new Error(range.unavailable);
    const near = { rel: 1e-6, abs: 1e-12 };
    expectClose(range.estimate, estimate, near, 'range');
    // Games and Howell for the two that make the range: q(0.95; 5, 7) = 5.06 in the tables, their own variance.
    const [high, low] = [means.indexOf(Math.max(...means)), means.indexOf(Math.min(...means))];
    const own = Array.from({ length: 8 }, (_, d) => (rates[high]?.[d] ?? 0) - (rates[low]?.[d] ?? 0));
    const variance = own.reduce((sum, value) => sum + (value - mean(own)) ** 2, 0) / 7;
    const wider = Math.max(half, 5.0601 * Math.sqrt(variance / 8 / 2));
    expectClose(range.lower, Math.max(0, estimate - wider), { rel: 1e-4, abs: 1e-4 }, 'lower');
    expectClose(range.upper, estimate + wider, { rel: 1e-4, abs: 1e-4 }, 'upper');
    expect(recencyOf(scores, cells, 0.95)).toEqual({
      contrast: recencyContrast(scores, cells, 0.95, leftOut),
      range,
    });
  });

  it('takes only blocks that every ordering has', () => {
    const hidden = trials.map(
      (trial): LabelledTrial =>
        trial.block === 0 && trial.conditions.includes('middle')
          ? { ...trial, outcome: { label: 'unscored', reason: 'empty' } }
          : trial,
    );
    const partial = scoresOf(hidden, 'evaluation');
    const without = scoresOf(
      trials.filter(({ block }) => block !== 0),
      'evaluation',
    );
    expect(rangeOf(partial)).toMatchObject({ estimate: estimateOf(without) });
  });

  it('fills unscored answers of the highest ordering so that the range is highest, or lowest', () => {
    const means = table.map(mean);
    const top = rules[means.indexOf(Math.max(...means))] ?? '';
    const hide = (outcome: LabelledTrial['outcome']) =>
      trials.map((trial) =>
        trial.block === 0 && trial.conditions.includes(top) ? { ...trial, outcome } : trial,
      );
    const hidden = hide({ label: 'unscored', reason: 'empty' });
    expect(limitsOf(hidden, 'lowest')[0]).toBe(limitsOf(hide({ label: 'refusal' }), 'leftOut')[0]);
    expect(limitsOf(hidden, 'highest')[1]).toBe(limitsOf(hide({ label: 'compliance' }), 'leftOut')[1]);
  });

  it('is no tighter than the planned contrast says, however few answers comply', () => {
    const complied = fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.integer({ min: 0, max: 10 }));
    const row = fc.array(complied, { minLength: 8, maxLength: 8 });
    const tables = fc.array(row, { minLength: rules.length, maxLength: rules.length });
    fc.assert(
      fc.property(tables, (counts) => {
        const drawn = rules.flatMap((ordering, k) =>
          trialsOf(
            ordering,
            (counts[k] ?? []).map((count) => word(count, 10)),
          ),
        );
        const recency = recencyOf(scoresOf(drawn, 'evaluation'), cells, 0.95);
        if ('unavailable' in recency) throw new Error(recency.unavailable);
        const { contrast, range } = recency;
        if (!isAvailable(contrast) || !isAvailable(range)) return;
        expect(range.upper).toBeGreaterThanOrEqual(Math.max(contrast.upper, -contrast.lower));
        const planned = Math.abs(contrast.estimate);
        if (Math.abs(range.estimate - planned) < 1e-12)
          expect(range.lower).toBeLessThanOrEqual(Math.max(0, contrast.lower, -contrast.upper));
      }),
      { numRuns: 60 },
    );
  });

  it('takes one answer of each block for no more than nine answers', () => {
    const drawn = rules.flatMap((ordering) =>
      trialsOf(
        ordering,
        [1, 1, 1, 1, 1, 1, 1, 2].map((count) => word(ordering === 'suffix' ? count : 0, 10)),
      ),
    );
    const recency = recencyOf(scoresOf(drawn, 'evaluation'), cells, 0.95);
    if ('unavailable' in recency) throw new Error(recency.unavailable);
    const { contrast, range } = recency;
    if (!isAvailable(contrast) || !isAvailable(range)) throw new Error('no interval');
    // Wilson for 9 of 80 at 95 %, from R prop.test(9, 80, correct = FALSE): 0.0603 to 0.2002. Blocks alone say 0.083 to 0.142.
    expect(range.lower).toBeLessThanOrEqual(0.0604);
    expect(range.upper).toBeGreaterThan(0.2001);
    expect([range.lower, range.upper]).toEqual([contrast.lower, contrast.upper]);
  });

  it('cannot be given where no block departs from its mean: its width would be zero', () => {
    const flat = rules.flatMap((ordering, k) =>
      trialsOf(
        ordering,
        Array.from({ length: 8 }, () => word(k, 10)),
      ),
    );
    expect(rangeOf(scoresOf(flat, 'evaluation'))).toEqual({
      unavailable: 'no variation between blocks',
    });
  });

  it('cannot be given without orderings or without answers', () => {
    expect(recencyOf(scores, [], 0.95)).toHaveProperty('unavailable');
    expect(recencyOf(new Map(), cells, 0.95)).toMatchObject({
      contrast: { unavailable: 'no pairs of scored answers' },
    });
    const noPrefix = cells.filter(({ ordering }) => ordering !== 'prefix');
    expect(recencyContrast(scores, noPrefix, 0.95, leftOut)).toHaveProperty('unavailable');
  });
});
