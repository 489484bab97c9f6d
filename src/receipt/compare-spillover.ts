import { firthMethod } from '../analysis/firth-interval.ts';
import { isAvailable, type MaybeInterval } from '../analysis/interval.ts';
import { slopeOfInterval, welchDifference } from '../analysis/slope-difference.ts';
import type { EffectLabel, Evidence, Receipt } from './receipt.ts';

/** What a step did to amplification and dilution, claimed only where the difference of the coefficients shows it. */
export type SpilloverChange =
  | 'amplificationAdded'
  | 'amplificationRemoved'
  | 'dilutionAdded'
  | 'dilutionRemoved';

/** What benign demonstrations do, second minus first. */
export interface Spillover {
  readonly before: EffectLabel | null;
  readonly after: EffectLabel | null;
  /** Where the interval of the coefficients' difference lies; never read from the two labels. */
  readonly direction: 'raised' | 'lowered' | 'notShown';
  readonly changes: readonly SpilloverChange[];
  readonly logOddsPerDoubling: MaybeInterval;
  /** At each harmful count, the intervals of the counts together at one error. */
  readonly byHarmful: readonly {
    readonly harmful: number;
    readonly logOddsPerDoubling: MaybeInterval;
    /** Of the rise from the fewest benign demonstrations to the most, in [-2, 2]. */
    readonly increase: MaybeInterval;
  }[];
}

/** Differences of the coefficient of benign demonstrations, pooled and at each harmful count. */
export interface Slopes {
  readonly pooled: MaybeInterval;
  readonly byHarmful: Spillover['byHarmful'];
}

/** Welch's difference of the receipts' own coefficients; their intervals are Wald's, with at most blocks - 1 degrees of freedom. */
export function receiptSlopes(before: Evidence, after: Evidence): MaybeInterval {
  const intervals = [after, before].map(({ effect }) =>
    'unavailable' in effect ? effect : effect.logOddsPerDoubling,
  );
  const [first, second] = intervals;
  if (first === undefined || second === undefined) return { unavailable: 'no effect' };
  if (!isAvailable(first)) return first;
  if (!isAvailable(second)) return second;
  if ([first, second].some(({ method }) => method.startsWith(firthMethod)))
    return { unavailable: 'a coefficient has no standard error by blocks (separated outcomes)' };
  return welchDifference({
    first: slopeOfInterval(first, sweepBlocks(after) - 1),
    second: slopeOfInterval(second, sweepBlocks(before) - 1),
    level: Math.max(first.level, second.level),
  });
}

/** Fewest blocks that every condition of the sweep may have seen: those of the first look that left one of them out. */
function sweepBlocks({ looks, effect, conditions }: Evidence): number {
  const harmful = 'unavailable' in effect ? [] : effect.byHarmful.map((one) => one.harmful);
  const swept = conditions.filter((one) => harmful.includes(one.harmful)).map(({ id }) => id);
  const ended = looks.taken.find(({ goesOn }) => !swept.every((id) => goesOn.evaluation.includes(id)));
  return (ended ?? looks.taken.at(-1))?.blocks ?? 0;
}

/** What a step did to the effect of benign demonstrations. */
export function spilloverOf(before: Receipt, after: Receipt, slopes: Slopes): Spillover {
  const [first, second] = [before, after].map(({ evidence }) => labelOf(evidence));
  const labels = { before: first ?? null, after: second ?? null };
  const direction = directionOf(slopes.pooled);
  return {
    ...labels,
    direction,
    changes: changesOf(labels, direction),
    logOddsPerDoubling: slopes.pooled,
    byHarmful: slopes.byHarmful,
  };
}

function labelOf({ effect }: Evidence): EffectLabel | null {
  return 'unavailable' in effect ? null : effect.label;
}

function directionOf(difference: MaybeInterval): Spillover['direction'] {
  if (!isAvailable(difference)) return 'notShown';
  if (difference.lower > 0) return 'raised';
  return difference.upper < 0 ? 'lowered' : 'notShown';
}

/**
 * A label that changed is no change by itself (Gelman and Stern 2006): what is said to be added was shown to be absent
 * before, what is said to be removed is shown to be absent after, and the coefficients differ that way.
 */
export function changesOf(
  { before, after }: Pick<Spillover, 'before' | 'after'>,
  direction: Spillover['direction'],
): SpilloverChange[] {
  if (direction === 'notShown') return [];
  const absent = (label: EffectLabel | null, what: EffectLabel) =>
    label !== null && label !== 'undetermined' && label !== what;
  const [gained, lost] =
    direction === 'raised'
      ? (['amplification', 'dilution'] as const)
      : (['dilution', 'amplification'] as const);
  return [
    ...(before === lost && absent(after, lost) ? [`${lost}Removed` as const] : []),
    ...(after === gained && absent(before, gained) ? [`${gained}Added` as const] : []),
  ];
}
