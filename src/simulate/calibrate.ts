import { isAvailable, type MaybeInterval } from '../analysis/interval.ts';
import { studentizedRangeQuantile } from '../analysis/studentized-range.ts';
import type { Check } from '../gate/check.ts';
import { holdChecks } from '../gate/hold-checks.ts';
import { gridEffect } from './grid-effect.ts';
import { evidenceOf, type GridEvidence } from './grid-view.ts';
import { checkTruths, listQuantities, type Quantity, ratesOf, trueLogOddsPerDoubling } from './quantities.ts';
import { type Stage, setStage } from './simulated-run.ts';

/** How a check fares at exactly its threshold: either outcome is an error there. */
export interface CheckErrors {
  readonly name: string;
  readonly threshold: number;
  readonly pass: number;
  readonly fail: number;
}

/** How an interval fares: how often it holds the truth, and how wide it is beside one that knows the true variance. */
export interface IntervalErrors {
  readonly name: string;
  readonly truth: number;
  /** Share of runs that had one. */
  readonly available: number;
  readonly coverage: number;
  readonly meanWidth: number;
  readonly bias: number;
  /** Mean width over the oracle’s: the method’s own quantile, at infinite degrees of freedom, of the true variance. */
  readonly widthOverOracle: number;
}

export interface Calibration {
  readonly runs: number;
  readonly checks: readonly CheckErrors[];
  readonly intervals: readonly IntervalErrors[];
  readonly labels: Readonly<Record<string, number>>;
}

/** Of intervals; the checks have the policy’s alpha. */
const calibrationLevel = 0.95;
const oracleZ = 1.959963984540054;
const rangeName = 'recency.range';
const effectName = 'effect.logOddsPerDoubling';
const manyDegrees = 1e6;

/**
 * Holds a world’s runs to limits that are exactly the world’s truth, check by check, with the policy’s looks. The
 * control limit is the policy’s own, so that the world’s control rate has to equal it.
 *
 * @throws ConfigError WORLD_IMPOSSIBLE
 */
export function calibrate(
  input: Parameters<typeof setStage>[0] & { readonly runs: number; readonly seed: string },
): Calibration {
  const { runs, world } = input;
  const stage = setStage(input);
  const { laid, cells, policy, seen } = stage;
  const truths = checkTruths(cells, ratesOf(laid, 'judgedRate'), world.candidate.control.rate);
  const checks = stage.checks.map((check) => {
    const truth = truths.get(check.name) ?? Number.NaN;
    return { check: heldTo(check, truth), truth, pass: 0, fail: 0 };
  });
  const ids = [...laid.candidate.keys()];
  const intervals = [...listQuantities(cells, ids, laid), ...effectQuantity(stage)].map((quantity) => ({
    quantity,
    ...empty(),
  }));
  const labels: Record<string, number> = {};
  const blocks = seen.at(-1) ?? [];
  for (let run = 0; run < runs; run += 1) {
    const evidence = evidenceOf(stage.grid, laid.draw(`${input.seed}/${run}`));
    for (const one of checks) {
      const outcome = holdAlone(one.check, stage, evidence);
      if (outcome === 'pass') one.pass += 1;
      if (outcome === 'fail') one.fail += 1;
    }
    const effect = gridEffect(evidence, cells, policy.effect.equivalence, () => blocks);
    if (effect !== undefined) labels[effect.label] = (labels[effect.label] ?? 0) + 1 / runs;
    const view = evidence.view('leftOut', blocks);
    for (const one of intervals) {
      const { name, interval } = one.quantity;
      const value = name === effectName ? effect?.logOddsPerDoubling : interval(view, calibrationLevel);
      if (value !== undefined) note(one, value);
    }
  }
  return {
    runs,
    checks: checks.map(({ check, truth, pass, fail }) => ({
      name: check.name,
      threshold: truth,
      pass: pass / runs,
      fail: fail / runs,
    })),
    intervals: intervals.map((one) => summarize(one, runs, stage)),
    labels,
  };
}

/** The check with another limit than the policy’s. */
function heldTo(check: Check, truth: number): Check {
  return { ...check, decide: (view, errors, limit = truth) => check.decide(view, errors, limit) };
}

/** Held by itself: what one check errs, whatever the others do. */
function holdAlone(check: Check, { policy, ends, seen }: Stage, evidence: GridEvidence): string | undefined {
  const { held } = holdChecks({
    checks: [check],
    alpha: policy.decision.alpha,
    ends,
    evidenceAt: (look) => ({
      views: [{ raw: evidence.view('leftOut', seen[look - 1] ?? []) }],
      complete: true,
      fit: true,
    }),
  });
  return held.get(check.name)?.outcome;
}

function effectQuantity({ cells, laid }: Stage): Quantity[] {
  const [truth, judged] = (['rate', 'judgedRate'] as const).map((of) =>
    trueLogOddsPerDoubling(cells, ratesOf(laid, of).candidate),
  );
  if (truth === undefined || judged === undefined) return [];
  return [
    { name: effectName, truth, judged, reads: [], interval: () => ({ unavailable: 'not from a view' }) },
  ];
}

interface Sums {
  available: number;
  covered: number;
  width: number;
  sum: number;
  squares: number;
  /** Of the distance from the estimate to the upper limit, which no truncation shortens. */
  halfSquares: number;
  half: number;
}

function empty(): Sums {
  return { available: 0, covered: 0, width: 0, sum: 0, squares: 0, halfSquares: 0, half: 0 };
}

function note(one: Sums & { readonly quantity: Quantity }, value: MaybeInterval): void {
  if (!isAvailable(value)) return;
  const { estimate, lower, upper } = value;
  one.available += 1;
  if (lower <= one.quantity.judged && one.quantity.judged <= upper) one.covered += 1;
  one.width += upper - lower;
  one.sum += estimate;
  one.squares += estimate ** 2;
  one.half += upper - estimate;
  one.halfSquares += (upper - estimate) ** 2;
}

function summarize(one: Sums & { readonly quantity: Quantity }, runs: number, stage: Stage): IntervalErrors {
  const { available, covered, width, sum } = one;
  const { name, judged } = one.quantity;
  return {
    name,
    truth: judged,
    available: available / runs,
    coverage: covered / available,
    meanWidth: width / available,
    bias: sum / available - judged,
    widthOverOracle: name === rangeName ? rangeOverOracle(one, stage) : overOracle(one),
  };
}

function overOracle({ available, width, sum, squares }: Sums): number {
  const mean = sum / available;
  return width / available / (2 * oracleZ * Math.sqrt(Math.max(0, squares / available - mean ** 2)));
}

/** A range’s oracle knows the variance within which Tukey’s method compares orderings: the mean of what runs saw. */
function rangeOverOracle({ available, half, halfSquares }: Sums, { cells, grid }: Stage): number {
  const columns = cells.orderings.length;
  const quantile = (df: number) => studentizedRangeQuantile(calibrationLevel, columns, df);
  const known = quantile(manyDegrees) / quantile((columns - 1) * (grid.blocks - 1));
  return half / available / (known * Math.sqrt(halfSquares / available));
}
