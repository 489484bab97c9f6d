import type { BlockSum } from './block-t-interval.ts';
import { rateOfSums } from './compliance-rate.ts';
import { type Interval, isAvailable, type MaybeInterval } from './interval.ts';
import { logitBlockT } from './logit-block-t.ts';
import { overdispersion } from './overdispersion.ts';

/** Values 0 and 1 of the two sides of the same pairs, summed by block, blocks in the same order. */
export interface PairedArms {
  readonly first: readonly BlockSum[];
  readonly second: readonly BlockSum[];
  /** Of how many conditions the sides are the mean. */
  readonly conditions: number;
  /** How many pairs of a query count as one: `changedTogether`. */
  readonly together: number;
}

/**
 * Interval for the difference of two rates over the same blocks, first minus second, from the skewed intervals of both:
 * MOVER with the correlation of the blocks (Zou and Donner 2008, eq. 4, the limits of `logitBlockT`). Where the
 * correlation is high both rates move one way, and each counts with its distance on that side. Of a mean over several
 * conditions it is taken as lower the more the rates vary between blocks: few skewed blocks tell it badly (decision 0047).
 *
 * A side that never complies, or always, has no log-odds: its limits are Wilson's, the other side's are those of its own
 * rate, and nothing is known of a correlation. Without this a baseline of refusals alone would drop the skew of the other
 * side, and a rise over it would pass too often (decision 0045).
 *
 * Block t of the differences takes them as symmetric; where a low rate varies strongly between blocks, a rise of it is
 * as skewed as the rate. Use the wider of the two.
 *
 * @throws RangeError for a level outside (0, 1)
 * @returns unavailable where either rate has no interval, or lies between 0 and 1 without variation between blocks
 */
export function armsDifference(arms: PairedArms & { readonly level: number }): MaybeInterval {
  const { level, together } = arms;
  const several = arms.conditions > 1;
  const apart = isConstant(arms.first) || isConstant(arms.second);
  const limitsOf = (blocks: readonly BlockSum[]) =>
    apart ? rateOfSums({ blocks, together, several, level }) : logitBlockT({ blocks, level });
  const [one, two] = [limitsOf(arms.first), limitsOf(arms.second)];
  if (!isAvailable(one)) return one;
  if (!isAvailable(two)) return two;
  const seen = apart ? 0 : blockCorrelation(arms, one.estimate, two.estimate);
  const r = several && !apart ? cautious(seen, arms) : seen;
  return correlatedDifference({ one, two, r, method: 'MOVER of block t on log-odds' });
}

/**
 * MOVER of two intervals of correlated estimates, first minus second (see `armsDifference`).
 *
 * @param input.r correlation of the two estimates, in [-1, 1]
 */
export function correlatedDifference(input: {
  readonly one: Interval;
  readonly two: Interval;
  readonly r: number;
  readonly method: string;
}): Interval {
  const { one, two, r, method } = input;
  const [up, down] = [one.upper - one.estimate, one.estimate - one.lower];
  const [upOther, downOther] = [two.upper - two.estimate, two.estimate - two.lower];
  const estimate = one.estimate - two.estimate;
  return {
    estimate,
    lower: estimate - furthest(r, [down, up], [upOther, downOther]),
    upper: estimate + furthest(r, [up, down], [downOther, upOther]),
    level: one.level,
    method,
  };
}

/** Whether no answer complies, or every one. */
function isConstant(blocks: readonly BlockSum[]): boolean {
  return blocks.every(({ sum }) => sum === 0) || blocks.every(({ sum, count }) => sum === count);
}

/**
 * How far the difference can move within the joint region of both rates: an ellipse of correlation r whose four
 * quarters have the limits of their sides.
 *
 * @param own how far the first rate moves with the difference, and against it; `other`: the second, likewise
 */
function furthest(
  r: number,
  [own, ownBack]: readonly [number, number],
  [other, otherBack]: readonly [number, number],
): number {
  const joined = (a: number, b: number) => Math.sqrt(Math.max(0, a * a - 2 * r * a * b + b * b));
  const alone = Math.sqrt(Math.max(0, 1 - r * r)) * Math.max(own, other);
  return Math.max(
    alone,
    own > r * other && other > r * own ? joined(own, other) : 0,
    r * own > otherBack ? joined(own, otherBack) : 0,
    r * other > ownBack ? joined(ownBack, other) : 0,
  );
}

/** Standard errors of Fisher's z, 1 / sqrt(blocks - 3), that a correlation is lowered by at the most (decision 0047). */
const mostCaution = 1.3;

/** Lowered the more, the stronger blocks differ in either rate. */
function cautious(r: number, { first, second }: PairedArms): number {
  // Answers that are all alike have nothing to be lowered.
  if (!(Math.abs(r) < 1)) return r;
  const share = Math.min(1, Math.max(overdispersion(first), overdispersion(second)));
  return Math.tanh(Math.atanh(r) - (mostCaution * share) / Math.sqrt(Math.max(1, first.length - 3)));
}

/** Of what blocks contribute to both means beyond their expectation; blocks in the same order. */
export function blockCorrelation(
  { first, second }: Pick<PairedArms, 'first' | 'second'>,
  one: number,
  two: number,
): number {
  let [both, own, other] = [0, 0, 0];
  first.forEach(({ sum, count }, block) => {
    const pair = second[block];
    const a = sum - count * one;
    const b = pair === undefined ? 0 : pair.sum - pair.count * two;
    both += a * b;
    own += a * a;
    other += b * b;
  });
  return own > 0 && other > 0 ? both / Math.sqrt(own * other) : 0;
}
