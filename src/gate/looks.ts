import { fewestClusters } from '../analysis/effect.ts';
import { sequentialBoundaries } from '../analysis/group-sequential.ts';
import type { LabelledTrial } from '../suite/outcome.ts';
import type { ErrorRates } from './limit.ts';

/** The planned looks of a run: how many blocks each has seen, and which look is a trial's first. */
export interface LookPlan {
  /** Blocks of evaluation queries seen at each look, rising; the last is all of them. */
  readonly ends: readonly number[];
  /** The first look, from 1, that sees this block of this role. */
  readonly lookOf: (trial: Placed) => number;
}

type Placed = Pick<LabelledTrial, 'role' | 'block'>;

/** An error this small is no test: limits so far out have no digits left. */
export const smallestError = 1e-10;

/**
 * Blocks seen at each of so many equally spaced looks. Those below 8 blocks are dropped: there is no variance
 * estimate worth the name, and the error is spent on the rest.
 *
 * @example lookEnds(16, 4) is [8, 12, 16]
 */
export function lookEnds(blocks: number, looks: number): number[] {
  const ends = Array.from({ length: looks }, (_, index) => Math.ceil((blocks * (index + 1)) / looks));
  return [...new Set(ends)].filter((end) => end >= fewestClusters || end === blocks);
}

/**
 * Lays the looks over the planned trials, by blocks in rising order. Where evaluation and control queries have blocks
 * of their own (`perQuery`), each look sees the same share of both.
 *
 * @param planned every trial of the plan, run or not
 */
export function planLooks(planned: readonly Placed[], looks: number): LookPlan {
  const ranks = { evaluation: ranksOf(planned, 'evaluation'), control: ranksOf(planned, 'control') };
  const blocks = ranks.evaluation.size;
  const ends = lookEnds(blocks, looks);
  const lookOf = ({ role, block }: Placed): number => {
    const rank = ranks[role].get(block);
    const share = ((rank ?? 0) + 1) / Math.max(1, ranks[role].size);
    // Rounding must not push a block over its own look.
    const look = ends.findIndex((end) => rank !== undefined && share * blocks <= end + 1e-9);
    return (look < 0 ? ends.length - 1 : look) + 1;
  };
  return { ends, lookOf };
}

function ranksOf(planned: readonly Placed[], role: Placed['role']): ReadonlyMap<number, number> {
  const blocks = new Set<number>();
  for (const trial of planned) if (trial.role === role) blocks.add(trial.block);
  return new Map([...blocks].sort((a, b) => a - b).map((block, rank) => [block, rank]));
}

/**
 * One-sided error of a look's own test, when the looks together may err with probability alpha (O'Brien and Fleming's
 * type of spending): what its interval's level is made of.
 *
 * @param look from 1
 * @returns 0 where the look comes so early that it can say nothing
 * @example nominalError(0.05, [8, 16, 24, 32], 2) is 0.00554
 */
export function nominalError(alpha: number, ends: readonly number[], look: number): number {
  if (ends.length <= 1) return alpha;
  const all = ends.at(-1) ?? 1;
  const information = ends.map((end) => end / all);
  const boundary = sequentialBoundaries({ alpha, information, spending: 'obrienFleming' })[look - 1];
  if (boundary === undefined)
    throw new RangeError(`nominalError: expected one of ${ends.length} looks, got ${look}`);
  return boundary.nominalP < smallestError ? 0 : boundary.nominalP;
}

/**
 * The errors that one check may make at a look: passing spends alpha, failing spends alpha over the checks that may
 * still fail (Holm 1979), over the claims of the check.
 *
 * @param family checks among which a failure is claimed, at least 1
 */
export function errorsAt(input: {
  readonly alpha: number;
  readonly ends: readonly number[];
  readonly look: number;
  readonly family: number;
}): ErrorRates {
  const { alpha, ends, look, family } = input;
  return {
    pass: nominalError(alpha, ends, look),
    fail: (claims) => nominalError(alpha / Math.max(1, family * claims), ends, look),
  };
}
