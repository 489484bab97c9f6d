import {
  type CellCounts,
  type CountCell,
  countCells,
  distinct,
  doublings,
  indicators,
} from './cell-counts.ts';
import { chiSquareSurvival } from './chi-square-distribution.ts';
import { type ClusteredLogistic, type LogisticRow, waldContrast, waldF } from './clustered-logistic.ts';
import { firthInterval } from './firth-interval.ts';
import { firthTest, fitFirth } from './firth-logistic.ts';
import type { MaybeInterval, Unavailable } from './interval.ts';
import { estimableColumns, fitLogistic } from './logistic-fit.ts';
import type { Vector } from './matrix.ts';
import { fitRobustLogistic } from './robust-logistic.ts';
import type { Scores } from './scores.ts';

/** One coefficient of a model; its interval has the level of the look that ended its conditions. */
export interface Coefficient {
  readonly name: string;
  /** What the log-odds of compliance change by, in words. */
  readonly scale: string;
  readonly interval: MaybeInterval;
}

/** The test of one of the paper's hypotheses: a small p-value says that it does not hold. */
export interface HypothesisTest {
  readonly model: string;
  readonly nullHypothesis: string;
  /** `modelBased` takes trials as independent, where the outcomes are separated; it supports no claim on its own. */
  readonly basis: 'clusterRobust' | 'modelBased';
  readonly statisticName: 't' | 'F' | 'penalised likelihood-ratio chi-square';
  readonly statistic: number;
  /** One for t and chi-square; numerator and denominator for F. */
  readonly df: readonly number[];
  readonly pValue: number;
  readonly coefficients: readonly Coefficient[];
  /** For reference: takes trials as independent. */
  readonly likelihoodRatio: LikelihoodRatio | Unavailable;
}

export interface LikelihoodRatio {
  readonly chiSquare: number;
  readonly df: number;
  readonly pValue: number;
}

export interface Hypotheses {
  /** That only the total counts: harmful and benign demonstrations are interchangeable. */
  readonly totalCount: HypothesisTest | Unavailable;
  /** That only the harmful ones count: benign demonstrations do nothing. */
  readonly harmfulCount: HypothesisTest | Unavailable;
  /** Both counts with a coefficient of their own; tested against neither having any effect. */
  readonly joint: HypothesisTest | Unavailable;
}

interface Model {
  readonly model: string;
  readonly nullHypothesis: string;
  /** The columns of the design. */
  readonly x: (cell: CellCounts) => Vector;
  /** The coefficients that the null hypothesis sets to 0, by their column. */
  readonly tested: readonly { readonly column: number; readonly name: string; readonly scale: string }[];
}

/**
 * The paper's three hypotheses about harmful and benign demonstrations, in the form that assumes least, tested with
 * cluster-robust covariance (`fitRobustLogistic`); where the outcomes are separated, by Firth's penalised likelihood, marked.
 *
 * Total count: logit p = factor(total) + g harmful / total, over the conditions that have demonstrations. Harmful count:
 * logit p = factor(harmful) + b2 log2(1 + benign). Joint: logit p = b0 + b1 log2(1 + harmful) + b2 log2(1 + benign).
 *
 * @param input.cells conditions that differ in their counts only: one ordering, carrier, cue and source
 * @param input.level two-sided, of the coefficients; 0.95 unless given. P-values are those of the data as they are: where
 *   looks ended them early, the level tells what they must stay below
 * @returns unavailable where no condition tells the coefficient from the others, or without scored answers
 */
export function hypothesesOf(input: {
  readonly scores: Scores;
  readonly cells: readonly CountCell[];
  readonly level?: number;
}): Hypotheses {
  const { level = 0.95 } = input;
  const counts = countCells(input.scores, input.cells);
  const shown = counts.filter(({ benign, harmful }) => benign + harmful > 0);
  return {
    totalCount: testModel(shown, totalCountModel(shown), level),
    harmfulCount: testModel(counts, harmfulCountModel(counts), level),
    joint: testModel(counts, jointModel, level),
  };
}

const perHarmful = 'log-odds per doubling of 1 + harmful demonstrations';
const perBenign = 'log-odds per doubling of 1 + benign demonstrations';

function totalCountModel(counts: readonly CellCounts[]): Model {
  const totals = distinct(counts.map(({ benign, harmful }) => benign + harmful));
  const scale = 'log-odds from all benign to all harmful demonstrations at the same total';
  return {
    model: 'logit p = factor(total) + g * harmful / total',
    nullHypothesis: 'g = 0',
    x: ({ benign, harmful }) => [...indicators(totals, benign + harmful), harmful / (benign + harmful)],
    tested: [{ column: totals.length, name: 'g', scale }],
  };
}

function harmfulCountModel(counts: readonly CellCounts[]): Model {
  const levels = distinct(counts.map(({ harmful }) => harmful));
  return {
    model: 'logit p = factor(harmful) + b2 * log2(1 + benign)',
    nullHypothesis: 'b2 = 0',
    x: ({ benign, harmful }) => [...indicators(levels, harmful), doublings(benign)],
    tested: [{ column: levels.length, name: 'b2', scale: perBenign }],
  };
}

const jointModel: Model = {
  model: 'logit p = b0 + b1 * log2(1 + harmful) + b2 * log2(1 + benign)',
  nullHypothesis: 'b1 = b2 = 0',
  x: ({ benign, harmful }) => [1, doublings(harmful), doublings(benign)],
  tested: [
    { column: 1, name: 'b1', scale: perHarmful },
    { column: 2, name: 'b2', scale: perBenign },
  ],
};

function testModel(counts: readonly CellCounts[], model: Model, level: number): HypothesisTest | Unavailable {
  const rows = counts.map((cell) => ({ ...cell, x: model.x(cell) }));
  if (rows.length === 0) return { unavailable: 'no scored answers in conditions of these counts' };
  const estimable = estimableColumns(rows);
  const aliased = model.tested.filter(({ column }) => !estimable.includes(column));
  if (aliased.length > 0) {
    const names = aliased.map(({ name }) => name).join(' and ');
    return { unavailable: `the conditions do not tell ${names} from the rest of the model` };
  }
  const fit = fitRobustLogistic(rows);
  if (fit.status === 'ok') return robustTest(fit, rows, model, level);
  if (fit.status === 'single_cluster' || fit.status === 'zero_variance')
    return { unavailable: fit.unavailable };
  return penalizedTest(rows, model, level);
}

function robustTest(
  fit: ClusteredLogistic,
  rows: readonly LogisticRow[],
  model: Model,
  level: number,
): HypothesisTest | Unavailable {
  const walds = model.tested.map(({ column }) =>
    waldContrast({ fit, contrast: fit.coefficients.map((_, j) => (j === column ? 1 : 0)), level }),
  );
  const coefficients = model.tested.map(({ name, scale }, i) => ({
    name,
    scale,
    interval: intervalOf(walds[i]),
  }));
  const likelihoodRatio = likelihoodRatioOf(fit, rows, model);
  const { nullHypothesis } = model;
  const shared = {
    model: model.model,
    nullHypothesis,
    basis: 'clusterRobust',
    coefficients,
    likelihoodRatio,
  } as const;
  const [only, ...others] = walds;
  if (only !== undefined && others.length === 0) {
    if (only.status !== 'ok') return { unavailable: only.unavailable };
    return { ...shared, statisticName: 't', statistic: only.t, df: [only.df], pValue: only.pValue };
  }
  const both = waldF(
    fit,
    model.tested.map(({ column }) => column),
  );
  if (both.status !== 'ok') return { unavailable: both.unavailable };
  return { ...shared, statisticName: 'F', statistic: both.f, df: both.df, pValue: both.pValue };
}

function intervalOf(wald: ReturnType<typeof waldContrast> | undefined): MaybeInterval {
  if (wald?.status === 'ok') return wald.interval;
  return { unavailable: wald?.unavailable ?? 'no such coefficient' };
}

function likelihoodRatioOf(
  fit: ClusteredLogistic,
  rows: readonly LogisticRow[],
  { tested }: Model,
): LikelihoodRatio | Unavailable {
  const dropped = new Set(tested.map(({ column }) => column));
  const nested = fitLogistic(rows.map((row) => ({ ...row, x: row.x.filter((_, j) => !dropped.has(j)) })));
  if (nested.status !== 'ok') return { unavailable: nested.unavailable };
  const chiSquare = Math.max(0, 2 * (fit.logLikelihood - nested.logLikelihood));
  return { chiSquare, df: dropped.size, pValue: chiSquareSurvival(chiSquare, dropped.size) };
}

function penalizedTest(
  rows: readonly LogisticRow[],
  model: Model,
  level: number,
): HypothesisTest | Unavailable {
  const fit = fitFirth(rows);
  if ('unavailable' in fit) return fit;
  const test = firthTest(
    fit,
    model.tested.map(({ column }) => column),
  );
  if ('unavailable' in test) return test;
  return {
    model: model.model,
    nullHypothesis: model.nullHypothesis,
    basis: 'modelBased',
    statisticName: 'penalised likelihood-ratio chi-square',
    statistic: test.chiSquare,
    df: [test.df],
    pValue: test.pValue,
    coefficients: model.tested.map(({ column, name, scale }) => ({
      name,
      scale,
      interval: firthInterval({ fit, index: column, level }),
    })),
    likelihoodRatio: { unavailable: 'the plain likelihood has no finite maximum' },
  };
}
