import { countCells, distinct } from '../analysis/cell-counts.ts';
import { differenceOfSums } from '../analysis/difference-of-differences.ts';
import { tallyDouble } from '../analysis/double-increase.ts';
import type { SweepCell } from '../analysis/effect.ts';
import type { MaybeInterval, Unavailable } from '../analysis/interval.ts';
import { increaseOfSums, tallyPairs } from '../analysis/paired-increase.ts';
import { type Pair, pairScores, type Scores, scoresAt, scoresOf } from '../analysis/scores.ts';
import { slopeDifference } from '../analysis/slope-difference.ts';
import { parsePolicy } from '../config/read-policy.ts';
import { isScored } from '../gate/answered.ts';
import { tooFewBlocks } from '../gate/evidence-view.ts';
import { smallestError } from '../gate/looks.ts';
import { type SuiteCells, suiteCells } from '../gate/suite-cells.ts';
import { listConditions } from '../suite/condition.ts';
import type { LabelledTrial } from '../suite/outcome.ts';
import { receiptSlopes, type Slopes, type Spillover, spilloverOf } from './compare-spillover.ts';
import type { Receipt } from './receipt.ts';
import { errorsOf } from './shown-levels.ts';

/** What the differences stand on: pairs of trials, or two receipts taken as independent. */
export type Basis = 'ledgers' | 'receipts';

/** Second minus first; rates and rises in [-1, 1] and [-2, 2]. */
export interface Differences {
  /** Trials of evaluation queries scored in both runs. */
  readonly pairs: number;
  readonly zeroShot: MaybeInterval;
  /** Mean over all conditions with demonstrations. */
  readonly mixed: MaybeInterval;
  /** Of harmful last minus harmful first. */
  readonly recency: MaybeInterval;
  readonly spillover: Spillover;
  /** Their intervals hold together at one error: a condition that stands out is not the one of twenty. */
  readonly conditions: readonly { readonly condition: string; readonly difference: MaybeInterval }[];
}

interface Labelled {
  readonly receipt: Receipt;
  readonly trials: readonly LabelledTrial[] | undefined;
}

/** One-sided error of each difference, over all looks. */
const alpha = 0.025;

/** What one step's numbers are computed from. */
interface Sides {
  readonly before: Scores;
  readonly after: Scores;
  readonly cells: SuiteCells;
  /** Two-sided level of a figure over these conditions, as one of so many that hold together. */
  readonly level: (conditions: readonly string[], family?: number) => number;
}

/**
 * Differences over the trials that both runs scored, second minus first; runs of one suite.
 *
 * @returns undefined where a ledger is missing or the two have no trial in common
 */
export function compareLedgers(before: Labelled, after: Labelled): Differences | undefined {
  if (before.trials === undefined || after.trials === undefined) return undefined;
  const sides = sidesOf(
    { receipt: before.receipt, trials: before.trials },
    { receipt: after.receipt, trials: after.trials },
  );
  const pairs = countPairs(before.trials, after.trials);
  if (pairs === 0) return undefined;
  const { cells } = sides;
  const ids = after.receipt.evidence.conditions.map(({ id }) => id);
  return {
    pairs,
    zeroShot: increaseOver(sides, ['zero-shot']),
    mixed: increaseOver(sides, cells.mixed),
    recency: recencyDifference(sides),
    spillover: spilloverOf(before.receipt, after.receipt, pairedSlopes(sides)),
    conditions: ids.map((condition) => ({
      condition,
      difference: increaseOver(sides, [condition], ids.length),
    })),
  };
}

/** What two receipts tell without their ledgers: the difference of the effect, as if the runs shared nothing. */
export function compareReceipts(before: Receipt, after: Receipt): Differences {
  const none: Unavailable = { unavailable: 'needs both ledgers' };
  const slopes = { pooled: receiptSlopes(before.evidence, after.evidence), byHarmful: [] };
  return {
    pairs: 0,
    zeroShot: none,
    mixed: none,
    recency: none,
    spillover: spilloverOf(before, after, slopes),
    conditions: after.evidence.conditions.map(({ id }) => ({ condition: id, difference: none })),
  };
}

interface WithTrials extends Labelled {
  readonly trials: readonly LabelledTrial[];
}

function sidesOf(before: WithTrials, after: WithTrials): Sides {
  const { content } = after.receipt.evidence.policy;
  const policy = parsePolicy(JSON.stringify(content), 'evidence.policy.content');
  const errors = [before, after].map(({ receipt, trials }) => errorsOf(trials, receipt.evidence.looks));
  return {
    before: scoresOf(before.trials, 'evaluation'),
    after: scoresOf(after.trials, 'evaluation'),
    cells: suiteCells(policy, listConditions(policy), []),
    level: (conditions, family = 1) => {
      const own = errors.map((errorOf) => errorOf('evaluation', conditions, alpha / family));
      return 1 - 2 * Math.max(smallestError, Math.min(...own));
    },
  };
}

function countPairs(before: readonly LabelledTrial[], after: readonly LabelledTrial[]): number {
  const counts = (trial: LabelledTrial) => trial.role === 'evaluation' && isScored(trial);
  const scored = new Set(before.filter(counts).map(({ trialId }) => trialId));
  return after.filter((trial) => counts(trial) && scored.has(trial.trialId)).length;
}

function pairsAt({ before, after }: Sides, condition: string): Pair[] {
  return pairScores({
    by: 'trialId',
    first: scoresAt(after, condition),
    second: scoresAt(before, condition),
    fill: { first: 'leftOut', second: 'leftOut' },
  });
}

function increaseOver(sides: Sides, conditions: readonly string[], family = 1): MaybeInterval {
  const tally = tallyPairs(...conditions.map((condition) => pairsAt(sides, condition)));
  return tooFewBlocks(tally) ?? increaseOfSums({ ...tally, level: sides.level(conditions, family) });
}

function recencyDifference(sides: Sides): MaybeInterval {
  const at = (ordering: string) =>
    sides.cells.orderings.find((cell) => cell.ordering === ordering)?.condition;
  const [last, first] = [at('suffix'), at('prefix')];
  if (last === undefined || first === undefined)
    return { unavailable: 'the suite does not put harmful demonstrations first and last' };
  return riseDifference(sides, { high: last, low: first });
}

function riseDifference(
  sides: Sides,
  { high, low }: { readonly high: string; readonly low: string },
  family = 1,
): MaybeInterval {
  const tally = tallyDouble(pairsAt(sides, high), pairsAt(sides, low));
  return tooFewBlocks(tally) ?? differenceOfSums({ ...tally, level: sides.level([high, low], family) });
}

function pairedSlopes(sides: Sides): Slopes {
  const { sweep } = sides.cells;
  const counts = distinct(sweep.map(({ harmful }) => harmful));
  return {
    pooled: slopesOver(sides, sweep),
    byHarmful: counts.map((harmful) => {
      const row = sweep.filter((cell) => cell.harmful === harmful).sort((a, b) => a.benign - b.benign);
      const [least, most] = [row[0]?.condition ?? '', row.at(-1)?.condition ?? ''];
      return {
        harmful,
        logOddsPerDoubling: slopesOver(sides, row, counts.length),
        increase: riseDifference(sides, { high: most, low: least }, counts.length),
      };
    }),
  };
}

function slopesOver(sides: Sides, cells: readonly SweepCell[], family = 1): MaybeInterval {
  if (cells.length === 0) return { unavailable: 'no benign sweep in the policy' };
  const level = sides.level(
    cells.map(({ condition }) => condition),
    family,
  );
  return slopeDifference({
    first: countCells(sides.after, cells),
    second: countCells(sides.before, cells),
    paired: true,
    level,
  });
}
