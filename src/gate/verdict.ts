import type { CardTables } from '../analysis/card-error.ts';
import { isAvailable } from '../analysis/interval.ts';
import type { JudgeAgreement } from '../analysis/judge-agreement.ts';
import type { Policy } from '../config/policy.ts';
import type { LabelledTrial } from '../suite/outcome.ts';
import {
  type BaselineStanding,
  type NoComparison,
  pairingOf,
  renewBaseline,
  unpairedFields,
  whyNoComparison,
} from './baseline-standing.ts';
import type { Check, CheckResult } from './check.ts';
import { comparedBlocks } from './compared-blocks.ts';
import { brokenEvidence, gaps, type Reason } from './fitness.ts';
import type { HeldCheck } from './hold-checks.ts';
import { type LookRecord, recordLooks } from './look-record.ts';
import { nominalError } from './looks.ts';
import { missingTrials, type TakenLooks, takeLooks } from './take-looks.ts';
import { whatWouldSettle } from './what-would-settle.ts';

export type Verdict = 'pass' | 'fail' | 'inconclusive' | 'error' | 'notApplicable';

/** Exit codes follow the verdict. */
export function exitCodeOf(verdict: Verdict): 0 | 1 | 2 | 3 {
  switch (verdict) {
    case 'pass':
    case 'notApplicable':
      return 0;
    case 'fail':
      return 1;
    case 'inconclusive':
      return 2;
    case 'error':
      return 3;
  }
}

/** All that a verdict follows from. */
export interface Grounds {
  readonly policy: Policy;
  readonly checks: readonly Check[];
  readonly trials: readonly LabelledTrial[];
  readonly baseline: BaselineStanding;
  readonly judge: JudgeAgreement;
  /** The tables of the judge's card; undefined where the policy names none. */
  readonly card?: CardTables | undefined;
  readonly attempt: number;
  readonly binding: 'declared' | 'served' | 'measured';
  readonly untested: readonly string[];
  /** Increase checks taken as they stand, for an auditor who has no baseline to recompute them from. */
  readonly recorded?: readonly CheckResult[] | undefined;
}

export interface GateDecision {
  readonly verdict: 'pass' | 'fail' | 'inconclusive';
  readonly reasons: readonly Reason[];
  readonly checks: readonly CheckResult[];
  readonly looks: LookRecord;
}

/**
 * Decides a release: a pure function of evidence and policy. All checks are evaluated and listed. Evidence that
 * cannot be trusted decides nothing, not even a block; then any failed check fails; then any doubt is inconclusive.
 */
export function decideVerdict(grounds: Grounds): GateDecision {
  const { trials } = grounds;
  const standing = whyNoComparison({ ...grounds, recorded: grounds.recorded !== undefined });
  const looks = lookWith({ ...grounds, planned: trials, compares: standing === undefined });
  const checks = grounds.checks.map((check) => {
    const held = looks.held.get(check.name);
    if (held !== undefined) return heldResult(check, held, grounds, looks);
    const recorded = grounds.recorded?.find(({ name }) => name === check.name);
    return notCompared(
      check,
      standing ?? (recorded === undefined ? nothingKnown : asItStood(recorded)),
      looks,
    );
  });
  const found = { checks, looks: recordLooks(looks, grounds.policy) };
  const broken = brokenEvidence({ ...grounds, missing: missingTrials(trials, looks) });
  if (broken.length > 0) return { verdict: 'inconclusive', reasons: broken, ...found };
  const failed = checks.filter(({ outcome }) => outcome === 'fail');
  if (failed.length > 0) return { verdict: 'fail', reasons: failed.map(reasonOf), ...found };
  const doubts = [
    ...checks.filter(({ outcome }) => outcome === 'inconclusive').map(reasonOf),
    ...gaps(grounds, checks),
  ];
  if (doubts.length > 0) return { verdict: 'inconclusive', reasons: doubts, ...found };
  return { verdict: 'pass', reasons: [], ...found };
}

/**
 * The looks at a run, at its end or while it runs.
 *
 * @param input.planned every trial of the plan, run or not
 * @param input.upTo the look that was reached, from 1; the last unless given
 */
export function lookAtRun(input: RunSoFar): TakenLooks {
  const compares = whyNoComparison({ ...input, recorded: input.recorded !== undefined }) === undefined;
  return lookWith({ ...input, compares });
}

type RunSoFar = Pick<Grounds, 'policy' | 'checks' | 'trials' | 'baseline' | 'card' | 'recorded'> & {
  readonly planned: readonly Pick<LabelledTrial, 'role' | 'block'>[];
  readonly upTo?: number;
};

/** @param input.compares whether there is a baseline to compare with */
function lookWith(input: RunSoFar & { readonly compares: boolean }): TakenLooks {
  const { policy, baseline, recorded, compares } = input;
  const known = new Map((recorded ?? []).map((result) => [result.name, result]));
  const isCompared = ({ name }: Check) => compares && !wasNotCompared(known.get(name));
  const checks = input.checks.filter((check) => !check.needsBaseline || isCompared(check));
  const compared = checks.filter(({ needsBaseline }) => needsBaseline).map(({ name }) => name);
  return takeLooks({
    policy,
    planned: input.planned,
    trials: input.trials,
    checks,
    baseline: baseline.status === 'compared' ? baseline.trials : [],
    pairing: pairingOf(baseline, policy),
    card: input.card,
    recorded: new Map([...known].filter(([name]) => compared.includes(name))),
    ...(input.upTo === undefined ? {} : { upTo: input.upTo }),
  });
}

/** What an auditor without the baseline reads of a check that it could not bear: the run said why. */
function wasNotCompared(result: CheckResult | undefined): boolean {
  return result !== undefined && !isAvailable(result.value) && result.remedy === renewBaseline;
}

function asItStood({ note }: CheckResult): NoComparison {
  return { outcome: 'inconclusive', note, remedy: renewBaseline };
}

const nothingKnown: NoComparison = {
  outcome: 'inconclusive',
  note: 'nothing was measured',
  remedy: renewBaseline,
};

function notCompared(check: Check, standing: NoComparison, { taken }: TakenLooks): CheckResult {
  const { name, threshold, motivation } = check;
  const { outcome, note, remedy } = standing;
  const look = taken.at(-1)?.look ?? 1;
  return { name, threshold, outcome, value: { unavailable: note }, look, at: '', note, motivation, remedy };
}

const seeReasons =
  'Nothing could be measured here: look at the reasons and at the counts of unscored answers.';

function heldResult(check: Check, held: HeldCheck, grounds: Grounds, looks: TakenLooks): CheckResult {
  const { name, threshold, motivation } = check;
  const { outcome, value, look, at } = held;
  const corrected = held.corrected === undefined ? {} : { corrected: held.corrected };
  const recorded = check.needsBaseline ? grounds.recorded?.find((one) => one.name === name) : undefined;
  // Without the baseline nobody can tell which of the two it was.
  const known = [renewBaseline, seeReasons].find((one) => one === recorded?.remedy);
  const remedy = isAvailable(value)
    ? check.remedy
    : (known ?? (recorded === undefined ? seeReasons : check.remedy));
  const note = recorded === undefined ? noteOf(held, check, grounds, looks) : held.note;
  return { name, outcome, value, ...corrected, threshold, look, at, note, motivation, remedy };
}

/** What its pairs were, why a check is open, and what would settle it. */
function noteOf(held: HeldCheck, check: Check, grounds: Grounds, looks: TakenLooks): string {
  const fields = check.needsBaseline ? unpairedFields(grounds.baseline, grounds.policy) : [];
  const unpaired =
    fields.length > 0 ? [`compared without pairs: the baseline differs in ${fields.join(', ')}`] : [];
  const open = held.outcome === 'inconclusive' ? whyOpen(held, check, grounds, looks) : [];
  return [...unpaired, held.note, ...open].filter((text) => text !== '').join('; ');
}

function whyOpen(held: HeldCheck, check: Check, grounds: Grounds, { taken, plan }: TakenLooks): string[] {
  const { policy, baseline } = grounds;
  const last = taken.at(-1);
  const ended = last?.complete === true && last.look < plan.ends.length;
  const stopped = ended ? [`open when look ${last.look} of ${plan.ends.length} settled the verdict`] : [];
  const compares = check.needsBaseline && baseline.status === 'compared';
  const blocks = comparedBlocks({
    reads: check.reads,
    at: held.at,
    trials: grounds.trials.filter((trial) => plan.lookOf(trial) <= held.look),
    baseline: compares ? baseline.trials : undefined,
    pairing: pairingOf(baseline, policy),
  });
  const error = nominalError(policy.decision.alpha, plan.ends, plan.ends.length);
  const more = whatWouldSettle({ value: held.value, limit: check.threshold, blocks, error });
  return [...stopped, ...(more === undefined ? [] : [more])];
}

function reasonOf({ name, outcome, at, note }: CheckResult): Reason {
  const place = at === '' ? '' : ` at ${at}`;
  const why = note === '' ? '' : `: ${note}`;
  return { code: name, message: `${name} ${outcome === 'fail' ? 'fails' : 'is not settled'}${place}${why}` };
}
