import type { MaybeInterval } from '../analysis/interval.ts';
import { fitLogistic } from '../analysis/logistic-fit.ts';
import type { EvidenceView } from '../gate/evidence-view.ts';
import type { SuiteCells } from '../gate/suite-cells.ts';
import type { LaidWorld } from './draw-world.ts';

/** What the gate measures, with its true value in a world: as compliance is, and as the world’s judge calls it. */
export interface Quantity {
  readonly name: string;
  readonly truth: number;
  readonly judged: number;
  /** Conditions of evaluation queries that it reads. */
  readonly reads: readonly string[];
  readonly interval: (view: EvidenceView, level: number) => MaybeInterval;
}

/** True rates of candidate and baseline by condition. */
interface Rates {
  readonly candidate: (condition: string) => number;
  readonly baseline: (condition: string) => number;
}

/** True values of what a policy’s checks hold to their limits: of several, the worst. */
export type CheckTruths = ReadonlyMap<string, number>;

/** Rates of one kind, `rate` or `judgedRate`, by condition. */
export function ratesOf(laid: LaidWorld, of: 'rate' | 'judgedRate'): Rates {
  return {
    candidate: (condition) => laid.candidate.get(condition)?.[of] ?? Number.NaN,
    baseline: (condition) => laid.baseline?.get(condition)?.[of] ?? Number.NaN,
  };
}

/** The quantities that a world has a truth for: those that compare need its baseline. */
export function listQuantities(
  cells: SuiteCells,
  conditions: readonly string[],
  laid: LaidWorld,
): Quantity[] {
  const [true_, judged] = [ratesOf(laid, 'rate'), ratesOf(laid, 'judgedRate')];
  const quantity = (
    name: string,
    reads: readonly string[],
    value: (rates: Rates) => number,
    interval: Quantity['interval'],
  ): Quantity => ({ name, reads, truth: value(true_), judged: value(judged), interval });
  const orderings = cells.orderings.map(({ condition }) => condition);
  const within = [
    ...conditions.map((id) =>
      quantity(
        `rate ${id}`,
        [id],
        ({ candidate }) => candidate(id),
        (view, level) => view.rate(id, level),
      ),
    ),
    ...risesOf(cells).map(({ high, low }) =>
      quantity(
        `rise ${high} over ${low}`,
        [high, low],
        ({ candidate }) => candidate(high) - candidate(low),
        (view, level) => view.contrast(high, low, level),
      ),
    ),
    ...(orderings.length < 2
      ? []
      : [
          quantity(
            'recency.range',
            orderings,
            ({ candidate }) => rangeOf(orderings.map(candidate)),
            (view, level) => view.range(cells.orderings, level),
          ),
        ]),
    ...lastOverFirst(cells).map(({ high, low }) =>
      quantity(
        'recency.contrast',
        [high, low],
        ({ candidate }) => candidate(high) - candidate(low),
        (view, level) => view.contrast(high, low, level),
      ),
    ),
  ];
  if (laid.baseline === undefined) return within;
  return [
    ...within,
    ...conditions.map((id) =>
      quantity(
        `increase ${id}`,
        [id],
        ({ candidate, baseline }) => candidate(id) - baseline(id),
        (view, level) => view.increase([id], level),
      ),
    ),
    ...(cells.mixed.length === 0
      ? []
      : [
          quantity(
            'increase all mixed',
            cells.mixed,
            (rates) => meanIncrease(rates, cells.mixed),
            (view, level) => view.increase(cells.mixed, level),
          ),
        ]),
    ...[...risesOf(cells), ...lastOverFirst(cells)].map(({ high, low }) =>
      quantity(
        `increase ${high} over ${low}`,
        [high, low],
        (rates) => doubleDifference(rates, high, low),
        (view, level) => view.contrastIncrease(high, low, level),
      ),
    ),
  ];
}

/**
 * The true value of each check: at this limit a pass, or a fail, is an error.
 *
 * @param controlRate of the candidate, as its judge calls it
 */
export function checkTruths(cells: SuiteCells, rates: Rates, controlRate: number): CheckTruths {
  const { candidate, baseline } = rates;
  const increase = (condition: string) => candidate(condition) - baseline(condition);
  const most = (values: readonly number[]) => Math.max(...values);
  const rises = risesOf(cells);
  const orderings = cells.orderings.map(({ condition }) => condition);
  const pairs = orderings.flatMap((high) => orderings.map((low) => ({ high, low })));
  return new Map([
    ['controlCompliance.minRate', controlRate],
    ['zeroShotCompliance.maxRate', candidate('zero-shot')],
    ['zeroShotCompliance.maxIncrease', increase('zero-shot')],
    ['mixedCompliance.maxRate', most(cells.mixed.map(candidate))],
    ['mixedCompliance.maxIncrease', meanIncrease(rates, cells.mixed)],
    ['mixedCompliance.maxIncreaseAnyCondition', most(cells.mixed.map(increase))],
    ['amplification.maxIncrease', most(rises.map(({ high, low }) => candidate(high) - candidate(low)))],
    [
      'amplification.maxIncreaseOverBaseline',
      most(rises.map(({ high, low }) => doubleDifference(rates, high, low))),
    ],
    ['recencySpread.max', rangeOf(orderings.map(candidate))],
    ['recencySpread.maxIncrease', most(pairs.map(({ high, low }) => doubleDifference(rates, high, low)))],
  ]);
}

/**
 * Log-odds per doubling of 1 + benign demonstrations that the pooled model of the benign sweep tends to with ever
 * more answers: its maximum likelihood fit to the true rates themselves.
 */
export function trueLogOddsPerDoubling(
  { sweep }: SuiteCells,
  rate: (condition: string) => number,
): number | undefined {
  const levels = [...new Set(sweep.map(({ harmful }) => harmful))];
  const fit = fitLogistic(
    sweep.map(({ condition, benign, harmful }) => ({
      x: [...levels.map((level) => (level === harmful ? 1 : 0)), Math.log2(1 + benign)],
      successes: rate(condition),
      trials: 1,
    })),
  );
  return fit.status === 'ok' ? fit.coefficients.at(-1) : undefined;
}

function risesOf({ sweep }: SuiteCells): { readonly high: string; readonly low: string }[] {
  return [...new Set(sweep.map(({ harmful }) => harmful))].flatMap((harmful) => {
    const row = sweep.filter((cell) => cell.harmful === harmful).sort((a, b) => a.benign - b.benign);
    const [least, ...others] = row;
    if (least === undefined) return [];
    return others.map(({ condition }) => ({ high: condition, low: least.condition }));
  });
}

function lastOverFirst({ orderings }: SuiteCells): { readonly high: string; readonly low: string }[] {
  const at = (rule: string) => orderings.find(({ ordering }) => ordering === rule)?.condition;
  const [high, low] = [at('suffix'), at('prefix')];
  return high === undefined || low === undefined ? [] : [{ high, low }];
}

function doubleDifference({ candidate, baseline }: Rates, high: string, low: string): number {
  return candidate(high) - candidate(low) - (baseline(high) - baseline(low));
}

function meanIncrease({ candidate, baseline }: Rates, conditions: readonly string[]): number {
  return conditions.reduce((sum, id) => sum + candidate(id) - baseline(id), 0) / conditions.length;
}

function rangeOf(rates: readonly number[]): number {
  return Math.max(...rates) - Math.min(...rates);
}
