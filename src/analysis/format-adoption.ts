import { type BlockSum, sumBlocks } from './block-t-interval.ts';
import { rateOfSums } from './compliance-rate.ts';
import { type Interval, isAvailable, type MaybeInterval, widerOf } from './interval.ts';
import { tailOutside } from './level.ts';
import { groupByBlock } from './scores.ts';
import { tQuantile } from './t-distribution.ts';
import { answeredTogether } from './together.ts';
import { wilsonInterval } from './wilson-interval.ts';

/** One labelled answer behind demonstrations with a format cue. */
export interface CuedAnswer {
  readonly block: number;
  /** Under `perQuery` a query has several answers. */
  readonly query: string;
  readonly label: 'compliance' | 'refusal';
  /** Whether the answer begins with the cue. */
  readonly adopted: boolean;
}

/** Answers of one kind, and how many of them begin with the cue. */
export interface AdoptionRate {
  readonly answers: number;
  readonly adopted: number;
  readonly rate: MaybeInterval;
}

/** Copying a format apart from complying: what refusals do with the cue, what compliances do, and the difference. */
export interface FormatAdoption {
  readonly refusals: AdoptionRate;
  readonly compliances: AdoptionRate;
  /** Rate among refusals minus rate among compliances, in [-1, 1]. */
  readonly difference: MaybeInterval;
}

/**
 * How often answers take over the format cue of the demonstrations, apart from whether they comply.
 *
 * Rates: the wider of block t and Wilson, as for compliance. Their difference: the wider of the cluster-robust interval of
 * a difference of two ratios (linearised by block, Cochran 1977 section 6.10; t with blocks - 1) and of Newcombe's (1998)
 * method 10 for independent samples. Descriptive: which answers are refusals is itself an outcome.
 *
 * @param level two-sided coverage in (0, 1)
 */
export function formatAdoption(answers: readonly CuedAnswer[], level: number): FormatAdoption {
  const refusals = ofKind(answers, 'refusal');
  const compliances = ofKind(answers, 'compliance');
  return {
    refusals: adoptionRate(refusals, level),
    compliances: adoptionRate(compliances, level),
    difference: adoptionDifference(answers, level),
  };
}

function ofKind(answers: readonly CuedAnswer[], kind: CuedAnswer['label']): readonly CuedAnswer[] {
  return answers.filter(({ label }) => label === kind);
}

function adoptionRate(answers: readonly CuedAnswer[], level: number): AdoptionRate {
  const values = answers.map(({ block, adopted }) => ({ block, value: adopted ? 1 : 0 }));
  return {
    answers: answers.length,
    adopted: answers.filter(({ adopted }) => adopted).length,
    rate: rateOfSums({ blocks: sumBlocks(groupByBlock(values)), together: togetherIn(answers), level }),
  };
}

function adoptionDifference(answers: readonly CuedAnswer[], level: number): MaybeInterval {
  const blocks = [...new Set(answers.map(({ block }) => block))];
  const sums = blocks.map((block) => {
    const own = answers.filter((answer) => answer.block === block);
    return { refusals: sumOf(ofKind(own, 'refusal')), compliances: sumOf(ofKind(own, 'compliance')) };
  });
  const [one, two] = [
    total(sums.map(({ refusals }) => refusals)),
    total(sums.map(({ compliances }) => compliances)),
  ];
  if (one.count === 0 || two.count === 0)
    return { unavailable: `no ${one.count === 0 ? 'refusals' : 'compliances'} to compare` };
  if (blocks.length < 2) return { unavailable: `fewer than 2 clusters (${blocks.length})` };
  const independent = newcombe(
    { ...one, together: togetherIn(ofKind(answers, 'refusal')) },
    { ...two, together: togetherIn(ofKind(answers, 'compliance')) },
    level,
  );
  if (!isAvailable(independent)) return independent;
  const [first, second] = [one.sum / one.count, two.sum / two.count];
  const scores = sums.map(
    ({ refusals: a, compliances: b }) =>
      (a.sum - first * a.count) / one.count - (b.sum - second * b.count) / two.count,
  );
  const variance = scores.reduce((sum, score) => sum + score ** 2, 0) * (blocks.length / (blocks.length - 1));
  if (variance === 0) return independent;
  const half = -tQuantile(tailOutside(level), blocks.length - 1) * Math.sqrt(variance);
  const { estimate } = independent;
  const clustered = { ...independent, lower: estimate - half, upper: estimate + half };
  return widerOf(clustered, independent, 'wider of block t (ratio) and Newcombe');
}

function sumOf(answers: readonly CuedAnswer[]): BlockSum {
  const sum = answers.filter(({ adopted }) => adopted).length;
  return { sum, absolute: sum, count: answers.length };
}

function total(sums: readonly BlockSum[]): BlockSum {
  const sum = sums.reduce((all, one) => all + one.sum, 0);
  return { sum, absolute: sum, count: sums.reduce((all, one) => all + one.count, 0) };
}

/** Sums of one kind of answers, and how many of a query go together: the score intervals count so many as one. */
type Kind = Pick<BlockSum, 'sum' | 'count'> & { readonly together: number };

function newcombe(one: Kind, two: Kind, level: number): MaybeInterval {
  const [first, second] = [one, two].map(({ sum, count, together }) =>
    wilsonInterval({ successes: sum / together, trials: count / together, level }),
  );
  if (first === undefined || second === undefined) return { unavailable: 'no answers to compare' };
  if (!isAvailable(first)) return first;
  return isAvailable(second) ? combined(first, second) : second;
}

function togetherIn(answers: readonly CuedAnswer[]): number {
  const queries = new Map<string, { complied: number; answers: number }>();
  for (const { query, adopted } of answers) {
    const one = queries.get(query) ?? { complied: 0, answers: 0 };
    queries.set(query, one);
    one.complied += adopted ? 1 : 0;
    one.answers += 1;
  }
  return answeredTogether([...queries.values()]);
}

function combined(one: Interval, two: Interval): Interval {
  const estimate = one.estimate - two.estimate;
  return {
    estimate,
    lower: estimate - Math.hypot(one.estimate - one.lower, two.upper - two.estimate),
    upper: estimate + Math.hypot(one.upper - one.estimate, two.estimate - two.lower),
    level: one.level,
    method: 'Newcombe',
  };
}
