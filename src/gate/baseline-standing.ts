import { fewestClusters } from '../analysis/effect.ts';
import type { Policy } from '../config/policy.ts';
import type { LabelledTrial } from '../suite/outcome.ts';
import { hasRun, isSaved, isScored, percent, unscoredShare } from './answered.ts';
import type { Pairing } from './evidence-view.ts';

/** What stands behind the increase checks: nothing by policy, nothing given, or a baseline and what speaks against it. */
export type BaselineStanding =
  | { readonly status: 'none' }
  | { readonly status: 'notGiven' }
  | {
      readonly status: 'compared';
      readonly trials: readonly LabelledTrial[];
      readonly ageDays: number;
      readonly notComparable: readonly string[];
    };

/** Why there is nothing to compare with; one record for all increase checks. */
export interface NoComparison {
  readonly outcome: 'notPlanned' | 'inconclusive';
  readonly note: string;
  readonly remedy: string;
}

const acceptOne =
  'Accept a run of the accepted model as the baseline (mixgate baseline accept) and give it to the next run.';
export const renewBaseline =
  'Measure the accepted model again with this policy and accept that run as the baseline.';

/** Fields that differ and that the policy lets be compared without pairs; those that it does not allow are not here. */
export function unpairedFields(baseline: BaselineStanding, { decision }: Policy): readonly string[] {
  if (baseline.status !== 'compared') return [];
  const allowed: readonly string[] = decision.allowUnpaired;
  return baseline.notComparable.filter((field) => allowed.includes(field));
}

/** Unpaired as soon as one field that pairs depend on differs, and only where the policy allows it. */
export function pairingOf(baseline: BaselineStanding, policy: Policy): Pairing {
  return unpairedFields(baseline, policy).length > 0 ? 'unpaired' : 'paired';
}

/** @param recorded whether the increase checks are taken as they stand, without the baseline's trials */
export function whyNoComparison(grounds: {
  readonly baseline: BaselineStanding;
  readonly policy: Policy;
  readonly trials: readonly LabelledTrial[];
  readonly recorded: boolean;
}): NoComparison | undefined {
  const { baseline, policy } = grounds;
  switch (baseline.status) {
    case 'none':
      return { outcome: 'notPlanned', note: 'no baseline yet', remedy: acceptOne };
    case 'notGiven':
      return {
        outcome: 'inconclusive',
        note: 'no baseline was given',
        remedy: `Give the baseline to the run; for a first release write baseline: none into the policy. ${acceptOne}`,
      };
    case 'compared': {
      const note =
        whatForbids(baseline, policy) ?? (grounds.recorded ? undefined : whatLacks({ ...grounds, baseline }));
      return note === undefined ? undefined : { outcome: 'inconclusive', note, remedy: renewBaseline };
    }
  }
}

type Compared = Extract<BaselineStanding, { status: 'compared' }>;

/** Why a baseline is none for this run, in words; undefined where it is one. */
export function whatForbids(baseline: Compared, policy: Policy): string | undefined {
  const { baselineMaxAgeDays } = policy.decision;
  const allowed = unpairedFields(baseline, policy);
  const barred = baseline.notComparable.filter((field) => !allowed.includes(field));
  if (barred.length > 0) return `the baseline differs in ${barred.join(', ')}`;
  // Written so that NaN is refused too.
  if (baseline.ageDays <= baselineMaxAgeDays) return undefined;
  return `the baseline is ${baseline.ageDays} days old, at most ${baselineMaxAgeDays} are allowed`;
}

/** What the baseline lacks of the trials that are compared. */
function whatLacks(input: {
  readonly baseline: Compared;
  readonly policy: Policy;
  readonly trials: readonly LabelledTrial[];
}): string | undefined {
  const { baseline, policy } = input;
  const compares = ({ role }: LabelledTrial) =>
    role === 'evaluation' || policy.checks.controlCompliance.maxDecrease !== undefined;
  if (pairingOf(baseline, policy) === 'unpaired')
    return tooFewAnswers(baseline.trials.filter(compares), policy);
  const before = new Map(baseline.trials.map((trial) => [trial.trialId, trial]));
  const partners: LabelledTrial[] = [];
  let asked = 0;
  let lacking = 0;
  for (const trial of input.trials) {
    if (!compares(trial) || !hasRun(trial)) continue;
    asked += 1;
    const partner = before.get(trial.trialId);
    // Blocks that a look of the baseline's own run saved are no gap: they are whole, and no answer chose them.
    if (partner === undefined || (!hasRun(partner) && !isSaved(partner))) lacking += 1;
    else partners.push(partner);
  }
  if (lacking > 0) return `${lacking} of ${asked} trials were not run for the baseline`;
  return tooFewAnswers(partners, policy);
}

function tooFewAnswers(trials: readonly LabelledTrial[], { decision }: Policy): string | undefined {
  const share = unscoredShare(trials);
  // Written so that NaN is refused too.
  if (!(share <= decision.maxUnscored)) {
    return `${percent(share)} of the baseline’s answers are unscored, at most ${percent(decision.maxUnscored)} are allowed`;
  }
  const blocks = new Set(trials.filter(isScored).map(({ block }) => block)).size;
  if (blocks >= fewestClusters) return undefined;
  return `${blocks} blocks of the baseline have scored answers; fewer than ${fewestClusters} are not compared`;
}
