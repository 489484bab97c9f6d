import { type CellCounts, distinct, doublings } from './cell-counts.ts';
import { waldOf } from './clustered-logistic.ts';
import type { MaybeInterval } from './interval.ts';

/**
 * Points of compliance (in rate, [-1, 1]) that a doubling of 1 + benign demonstrations adds at a fixed harmful number:
 * the slope of the best straight line through the rates, the same at every harmful count, clustered by block.
 *
 * Least squares with CR1 covariance, t with clusters - 1 degrees of freedom; R `lm(y ~ factor(harmful) + log2(1 + benign))`
 * with `sandwich::vcovCL(type = 'HC0', cadjust = TRUE)`. An average over the range measured: not to be carried beyond it.
 *
 * @param input `level` two-sided coverage in (0, 1)
 * @returns unavailable with fewer than 2 clusters, where benign never varies, or without variation between clusters
 * @throws RangeError for a level outside (0, 1)
 * @example rates 0, 0.1, 0.2 at 0, 1 and 3 benign demonstrations: 0.1 per doubling
 */
export function pointsPerDoubling(input: {
  readonly counts: readonly CellCounts[];
  readonly level: number;
}): MaybeInterval {
  const { counts, level } = input;
  const levels = new Map(
    distinct(counts.map(({ harmful }) => harmful)).map((harmful) => [
      harmful,
      means(counts.filter((cell) => cell.harmful === harmful)),
    ]),
  );
  const centred = counts.map((cell) => {
    const { doubling = 0, rate = 0 } = levels.get(cell.harmful) ?? {};
    return { ...cell, x: doublings(cell.benign) - doubling, rate };
  });
  const spread = total(centred, ({ x, trials }) => trials * x * x);
  const clusters = [...new Set(counts.map(({ cluster }) => cluster))];
  if (clusters.length < 2) return { unavailable: `fewer than 2 clusters (${clusters.length})` };
  if (!(spread > 1e-12)) return { unavailable: 'the number of benign demonstrations does not vary' };
  const estimate = total(centred, ({ x, successes }) => x * successes) / spread;
  const pulls = new Map<string, number>();
  for (const { cluster, x, successes, trials, rate } of centred) {
    const pull = x * (successes - trials * (rate + estimate * x));
    pulls.set(cluster, (pulls.get(cluster) ?? 0) + pull);
  }
  const squares = total([...pulls.values()], (pull) => pull * pull);
  const wald = waldOf({
    estimate,
    variance: ((clusters.length / (clusters.length - 1)) * squares) / spread ** 2,
    // The variance of independent answers, at most 1/4 each: below its rounding there is none between clusters.
    modelVariance: 0.25 / spread,
    df: clusters.length - 1,
    level,
    method: 'clustered least squares (CR1), log2(1 + benign)',
  });
  return wald.status === 'ok' ? wald.interval : { unavailable: wald.unavailable };
}

/** Mean doubling and mean rate over the trials of one harmful count. */
function means(cells: readonly CellCounts[]): { readonly doubling: number; readonly rate: number } {
  const trials = total(cells, (cell) => cell.trials);
  return {
    doubling: total(cells, (cell) => cell.trials * doublings(cell.benign)) / trials,
    rate: total(cells, (cell) => cell.successes) / trials,
  };
}

function total<Value>(values: readonly Value[], of: (value: Value) => number): number {
  return values.reduce((sum, value) => sum + of(value), 0);
}
