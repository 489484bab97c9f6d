import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type ClusterCovariance,
  type ClusteredLogistic,
  fitClusteredLogistic,
  type LogisticRow,
  waldContrast,
  waldF,
} from '../../src/analysis/clustered-logistic.ts';
import {
  estimableColumns,
  fitLogistic,
  inverseLogit,
  type LogisticFit,
} from '../../src/analysis/logistic-fit.ts';
import { fitRobustLogistic } from '../../src/analysis/robust-logistic.ts';
import {
  type CrossedRow,
  fitTwoWayLogistic,
  twoWayContrast,
  twoWayVariance,
} from '../../src/analysis/two-way-logistic.ts';
import { monteCarloBound, seededRandom, successCount } from './random.ts';
import {
  asNumbers,
  asStrings,
  expectAllClose,
  expectClose,
  type ReferenceCase,
  referenceCases,
} from './reference.ts';

const cases = referenceCases('logistic');
const complete = cases.filter(({ expected }) => expected.status === undefined);
const degenerate = cases.filter(({ expected }) => expected.status !== undefined);

type Covariates = (harmful: number, benign: number) => readonly number[];
type Clustering = (query: string, context: string) => string;

const log2 = (count: number): number => Math.log2(1 + count);
const joint: Covariates = (harmful, benign) => [1, log2(harmful), log2(benign)];
const byContext: Clustering = (_query, context) => context;

function rowsOf({ input }: ReferenceCase, x: Covariates, cluster: Clustering): LogisticRow[] {
  const [harmful, benign, y] = [asNumbers(input.n_h), asNumbers(input.n_b), asNumbers(input.y)];
  const [queries, contexts] = [asStrings(input.query), asStrings(input.context)];
  return y.map((successes, i) => ({
    x: x(harmful[i] ?? Number.NaN, benign[i] ?? Number.NaN),
    successes,
    trials: 1,
    cluster: cluster(queries[i] ?? '', contexts[i] ?? ''),
  }));
}

function fitted(rows: readonly LogisticRow[]): LogisticFit {
  const fit = fitLogistic(rows);
  if (fit.status !== 'ok') throw new Error(fit.unavailable);
  return fit;
}

function clustered(rows: readonly LogisticRow[], covariance: ClusterCovariance): ClusteredLogistic {
  const fit = fitClusteredLogistic({ rows, covariance });
  if (fit.status !== 'ok') throw new Error(fit.unavailable);
  return fit;
}

function contrastOf(fit: ClusteredLogistic, contrast: readonly number[], level = 0.95) {
  const wald = waldContrast({ fit, contrast, level });
  if (wald.status !== 'ok') throw new Error(wald.unavailable);
  return wald;
}

// The figures of R are compared in test/check-reference.
describe('reference cases', () => {
  test('degenerate data have the named status and never a p-value', () => {
    for (const reference of degenerate) {
      const rows = rowsOf(reference, joint, byContext);
      for (const covariance of ['cr1', 'jackknife'] as const) {
        const fit = fitClusteredLogistic({ rows, covariance });
        const { status } = reference.expected;
        expect(fit.status, reference.id).toBe(status === 'ok' ? 'single_cluster' : status);
        expect(fit).toHaveProperty('unavailable');
      }
    }
    expect(degenerate.map(({ id }) => id)).toEqual([
      'all-refused',
      'all-complied',
      'complete-separation',
      'quasi-separation',
      'single-context',
      'missing-arm',
    ]);
  });
});

/** Rows that share cluster and covariates as one. */
function aggregated(rows: readonly LogisticRow[]): LogisticRow[] {
  const groups = new Map<string, LogisticRow[]>();
  for (const row of rows) {
    const key = `${row.cluster} ${row.x}`;
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return [...groups.values()].map((group) => ({
    x: group[0]?.x ?? [],
    cluster: group[0]?.cluster ?? '',
    successes: group.reduce((sum, { successes }) => sum + successes, 0),
    trials: group.length,
  }));
}

describe('edges', () => {
  const cell = (x: number, successes: number, trials: number, cluster: string): LogisticRow => ({
    x: [1, x],
    successes,
    trials,
    cluster,
  });

  test('aggregation within cluster and covariates changes nothing', () => {
    for (const reference of complete) {
      const rows = rowsOf(reference, joint, byContext);
      for (const covariance of ['cr1', 'jackknife'] as const) {
        const single = clustered(rows, covariance);
        const merged = clustered(aggregated(rows), covariance);
        expectAllClose(merged.coefficients, single.coefficients, { rel: 1e-11, abs: 1e-12 }, reference.id);
        expectAllClose(
          merged.covariance.flat(),
          single.covariance.flat(),
          { rel: 1e-9, abs: 1e-13 },
          reference.id,
        );
      }
    }
  });

  test('two cells have their closed form', () => {
    const { coefficients } = fitted([cell(0, 1, 4, 'a'), cell(1, 2, 4, 'a')]);
    expectAllClose(coefficients, [Math.log(1 / 3), Math.log(3)], { rel: 1e-13, abs: 1e-13 }, 'closed form');
    const rare = fitted([cell(0, 1, 1e6, 'a'), cell(1, 999_999, 1e6, 'a')]).coefficients;
    expectAllClose(rare, [-Math.log(999_999), 2 * Math.log(999_999)], { rel: 1e-10, abs: 0 }, 'rare');
  });

  test('one success among the separated cells removes the separation', () => {
    const rows = (stray: number) => [
      cell(0, stray, 50_000, 'a'),
      cell(1, 30, 100, 'a'),
      cell(2, 100, 100, 'b'),
    ];
    expect(fitLogistic(rows(0)).status).toBe('quasi_separation');
    expect(fitLogistic(rows(1)).status).toBe('ok');
  });

  test('Newton steps that overshoot still arrive at the maximum', () => {
    const rows = [cell(5, 1, 50_000, 'a'), cell(7, 2, 10, 'a'), cell(2, 1, 1000, 'a')];
    const { coefficients } = fitted(rows);
    // At the maximum the fitted totals equal the observed ones, for each column.
    for (const column of [() => 1, (x: number) => x]) {
      const excess = rows.map(({ x: [, x = Number.NaN], successes, trials }) => {
        const [intercept = Number.NaN, slope = Number.NaN] = coefficients;
        return column(x) * (successes - trials * inverseLogit(intercept + slope * x));
      });
      expect(Math.abs(excess.reduce((sum, value) => sum + value, 0))).toBeLessThan(1e-8);
    }
  });

  const pure = fc.tuple(fc.integer({ min: -9, max: 9 }), fc.boolean(), fc.integer({ min: 1, max: 200 }));
  const pureCell = ([x, success, trials]: readonly [number, boolean, number]) =>
    cell(x, success ? trials : 0, trials, 'a');

  test('two covariates with both outcomes always have a maximum, whatever the others did', () => {
    fc.assert(
      fc.property(fc.array(pure, { maxLength: 6 }), fc.integer({ min: 1, max: 9 }), (cells, successes) => {
        const rows = [cell(-1, successes, 10, 'a'), cell(1, 10 - successes, 10, 'a'), ...cells.map(pureCell)];
        expect(fitLogistic(rows).status).toBe('ok');
      }),
      { numRuns: 300 },
    );
  });

  test('outcomes that a threshold splits have none, and the kind of separation is named', () => {
    fc.assert(
      fc.property(fc.array(pure, { minLength: 2, maxLength: 8 }), fc.boolean(), (cells, tie) => {
        const split = cells.map(([x, , trials]) => pureCell([x, x > 0, trials]));
        const rows = [cell(-1, 0, 5, 'a'), cell(1, 5, 5, 'a'), ...split];
        // With both outcomes at the threshold itself the split is not complete.
        const fit = fitLogistic(tie ? [...rows, cell(0, 2, 5, 'a')] : rows);
        expect(fit.status).toBe(tie ? 'quasi_separation' : 'separation');
      }),
      { numRuns: 300 },
    );
  });

  test('a jackknife refit without a maximum is named with its cluster', () => {
    const rows = [cell(0, 2, 9, 'a'), cell(1, 3, 9, 'a'), cell(0, 0, 9, 'b'), cell(1, 4, 9, 'b')];
    expect(clustered(rows, 'cr1').clusters).toBe(2);
    expect(fitClusteredLogistic({ rows, covariance: 'jackknife' })).toEqual({
      status: 'jackknife_refit',
      unavailable: 'without cluster a: the covariates separate some of the outcomes',
    });
  });

  test('clusters that are copies of each other leave no variance, and no p-value', () => {
    const rows = ['a', 'b', 'c'].flatMap((name) => [cell(0, 2, 9, name), cell(1, 3, 9, name)]);
    for (const covariance of ['cr1', 'jackknife'] as const) {
      const wald = waldContrast({ fit: clustered(rows, covariance), contrast: [0, 1], level: 0.95 });
      expect(wald).toEqual({
        status: 'zero_variance',
        unavailable: 'no variation between clusters for this contrast',
      });
    }
  });

  test('rows that cannot be are refused, rows without trials are not clusters', () => {
    const good = [cell(0, 2, 9, 'a'), cell(1, 3, 9, 'a'), cell(0, 1, 9, 'b'), cell(1, 4, 9, 'b')];
    for (const bad of [
      cell(0, 5, 3, 'c'),
      cell(0, -1, 3, 'c'),
      cell(Number.NaN, 1, 3, 'c'),
      cell(0, 1, Number.NaN, 'c'),
    ]) {
      expect(fitLogistic([...good, bad]).status).toBe('invalid_rows');
    }
    expect(fitLogistic([]).status).toBe('invalid_rows');
    const impossible = [...good, cell(0, 1, 0, 'c')];
    expect(fitClusteredLogistic({ rows: impossible, covariance: 'cr1' }).status).toBe('invalid_rows');
    expect(fitLogistic([...good, { x: [1], successes: 1, trials: 2 }]).status).toBe('invalid_rows');
    expect(clustered([...good, cell(0, 0, 0, 'c')], 'cr1').clusters).toBe(2);
    const fit = clustered(good, 'cr1');
    expect(() => waldContrast({ fit, contrast: [0, 1, 0], level: 0.95 })).toThrow(RangeError);
    expect(() => waldContrast({ fit, contrast: [0, 1], level: 1 })).toThrow(RangeError);
    expect(waldContrast({ fit, contrast: [0, 0], level: 0.95 })).toMatchObject({ status: 'zero_variance' });
  });

  test('swapping the outcomes turns the sign of every coefficient and keeps the covariance', () => {
    const count = fc.integer({ min: 1, max: 9 });
    fc.assert(
      fc.property(fc.array(count, { minLength: 8, maxLength: 8 }), (successes) => {
        const rows = successes.map((s, i) => cell(i % 2, s, 10, `${i >> 1}`));
        const swapped = rows.map((row) => ({ ...row, successes: 10 - row.successes }));
        const [fit, mirror] = [clustered(rows, 'jackknife'), clustered(swapped, 'jackknife')];
        const negated = mirror.coefficients.map((value) => -value);
        expectAllClose(negated, fit.coefficients, { rel: 1e-9, abs: 1e-10 }, 'coefficients');
        expectAllClose(
          mirror.covariance.flat(),
          fit.covariance.flat(),
          { rel: 1e-7, abs: 1e-9 },
          'covariance',
        );
      }),
    );
  });
});

/** Nine conditions alike, compliance varying around 27 % in the carrying clusters and none in the others. */
function nullRows(
  { carrying, clusters }: { readonly carrying: number; readonly clusters: number },
  random: () => number,
): LogisticRow[] {
  return Array.from({ length: clusters }, (_, cluster) => cluster).flatMap((cluster) => {
    const level = 0.12 + 0.2 * random();
    return [0, 3, 5].flatMap((harmful) =>
      [0, 4, 5].map((benign) => {
        const rate = cluster < carrying ? level + 0.1 * random() : 0;
        const successes = Array.from({ length: 24 }, random).filter((drawn) => drawn < rate).length;
        return { x: [1, harmful, benign], successes, trials: 24, cluster: String(cluster) };
      }),
    );
  });
}

describe('joint tests and aliased columns', () => {
  const rows = complete.slice(0, 1).flatMap((reference) => rowsOf(reference, joint, byContext));

  test('F of one coefficient is the square of its t', () => {
    const fit = clustered(rows, 'cr1');
    const [both, { t, pValue }] = [waldF(fit, [2]), contrastOf(fit, [0, 0, 1])];
    if (both.status !== 'ok') throw new Error(both.unavailable);
    expectAllClose([both.f, both.pValue], [t * t, pValue], { rel: 1e-10, abs: 0 }, 'F and p');
    expect(both.df).toEqual([1, 5]);
  });

  test.each([
    { carrying: 4, clusters: 16 },
    { carrying: 8, clusters: 8 },
  ])(
    'a joint test rejects a true null in about 5 percent where $carrying of $clusters clusters carry all',
    (world) => {
      const random = seededRandom(5);
      const runs = 250;
      let rejected = 0;
      for (let run = 0; run < runs; run += 1) {
        const fit = fitRobustLogistic(nullRows(world, random));
        const test = fit.status === 'ok' ? waldF(fit, [1, 2]) : fit;
        if (test.status === 'ok' && test.pValue < 0.05) rejected += 1;
      }
      expect(rejected / runs).toBeLessThan(monteCarloBound(0.05, runs));
    },
  );

  test('as many coefficients as clusters have no joint test', () => {
    const few = rows.filter(({ cluster }) => cluster === 'd1' || cluster === 'd2' || cluster === 'd3');
    expect(waldF(clustered(few, 'cr1'), [0, 1, 2])).toHaveProperty('unavailable');
  });

  test('a column that those before it make up is left out, an almost equal one is not', () => {
    const cells = (third: (x: number) => number) =>
      [0, 1, 2, 3].map((x) => ({ x: [1, x, third(x)], successes: 1, trials: 3 }));
    expect(estimableColumns(cells((x) => 3 * x - 2))).toEqual([0, 1]);
    expect(estimableColumns(cells(() => 0))).toEqual([0, 1]);
    expect(estimableColumns(cells((x) => x + 1e-5 * x * x))).toEqual([0, 1, 2]);
    expect(estimableColumns([])).toEqual([]);
  });

  test('the robust fit is the jackknife, also of many clusters, and none where one cluster carries all', () => {
    const methodOf = (cells: readonly LogisticRow[]) => {
      const fit = fitRobustLogistic(cells);
      return fit.status === 'ok' ? fit.covarianceMethod : fit.status;
    };
    const row = (x: number, successes: number, cluster: string) => ({
      x: [1, x],
      successes,
      trials: 9,
      cluster,
    });
    expect(methodOf(rows)).toBe('jackknife');
    expect(methodOf([row(0, 2, 'a'), row(1, 3, 'a'), row(0, 0, 'b'), row(1, 4, 'b')])).toBe(
      'jackknife_refit',
    );
    const many = Array.from({ length: 65 }, (_, i) => row(i % 2, 1 + (i % 7), `${i}`));
    expect(methodOf(many)).toBe('jackknife');
    const one = many.map((cell, i) => ({ ...cell, successes: i < 2 ? cell.successes : 0 }));
    expect(methodOf(one.map((cell, i) => ({ ...cell, cluster: `${Math.max(1, i)}` })))).toBe(
      'jackknife_refit',
    );
    expect(methodOf([row(0, 2, 'a'), row(1, 3, 'a')])).toBe('single_cluster');
  });
});

describe('two-way clustering', () => {
  const crossed = (successes: (query: number, context: number, x: number) => number): CrossedRow[] =>
    [0, 1, 2, 3].flatMap((query) =>
      [0, 1, 2].flatMap((context) =>
        [0, 1].map((x) => ({
          x: [1, x],
          successes: successes(query, context, x),
          trials: 10,
          query: `q${query}`,
          context: `c${context}`,
        })),
      ),
    );

  test('takes the largest of the three variances, so that no cancellation narrows it', () => {
    const fit = fitTwoWayLogistic(crossed((query, context, x) => 2 + ((query + 2 * context) % 4) + x));
    if (fit.status !== 'ok') throw new Error(fit.unavailable);
    const wald = twoWayContrast({ fit, contrast: [1, 0], level: 0.95 });
    if (wald.status !== 'ok') throw new Error(wald.unavailable);
    const oneWay = [fit.byQuery[0]?.[0] ?? 0, fit.byContext[0]?.[0] ?? 0];
    const largest = Math.max(twoWayVariance(fit, [1, 0]), ...oneWay);
    expectClose(wald.standardError ** 2, largest, { rel: 1e-12, abs: 0 }, 'variance');
    expect(largest).toBeGreaterThan(twoWayVariance(fit, [1, 0]) - 1e-15);
    expect(wald.df).toBe(2);
  });

  test('is refused with one query or one context, and without a maximum', () => {
    const rows = crossed((query) => 3 + query);
    expect(fitTwoWayLogistic(rows.filter(({ query }) => query === 'q1')).status).toBe('single_cluster');
    expect(fitTwoWayLogistic(rows.filter(({ context }) => context === 'c1')).status).toBe('single_cluster');
    expect(fitTwoWayLogistic(crossed(() => 0)).status).toBe('no_events');
  });
});

describe('simulated coverage of beta2, 16 blocks of 24 queries in 6 conditions', () => {
  const RUNS = 1500;
  const [INTERCEPT, BETA1, BETA2] = [-1.2, 0.1, 0.06];
  const conditions = [8, 32].flatMap((harmful) => [0, 8, 32].map((benign) => joint(harmful, benign)));

  /** A context scales every rate by 0.5 or 1.5, so that the mean rates follow the model exactly. */
  function simulatedRows(random: () => number): LogisticRow[] {
    return Array.from({ length: 16 }, (_, block) => {
      const scale = random() < 0.5 ? 0.5 : 1.5;
      return conditions.map((x): LogisticRow => {
        const [one = 0, harmful = 0, benign = 0] = x;
        const rate = scale * inverseLogit(INTERCEPT * one + BETA1 * harmful + BETA2 * benign);
        return { x, successes: successCount(random, 24, rate), trials: 24, cluster: `${block}` };
      });
    }).flat();
  }

  test.each(['cr1', 'jackknife'] as const)('%s: the 95% interval misses about 5 percent', (covariance) => {
    const random = seededRandom(20260620);
    let missed = 0;
    for (let run = 0; run < RUNS; run += 1) {
      const { interval } = contrastOf(clustered(simulatedRows(random), covariance), [0, 0, 1]);
      if (interval.lower > BETA2 || interval.upper < BETA2) missed += 1;
    }
    expect(missed / RUNS).toBeLessThanOrEqual(monteCarloBound(0.05, RUNS));
    expect(missed / RUNS).toBeGreaterThan(0.02);
  });
});
