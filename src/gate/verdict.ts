import type { CardTables } from '../analysis/card-error.ts';
import { fewestClusters } from '../analysis/effect.ts';
import { isAvailable } from '../analysis/interval.ts';
import type { JudgeAgreement } from '../analysis/judge-agreement.ts';
import type { Policy } from '../config/policy.ts';
import type { LabelledTrial } from '../suite/outcome.ts';
import { redactedSources } from '../suite/redacted.ts';
import { hasRun, isScored, isUnscored, percent, reasonsOf, unscoredShare } from './answered.ts';
import type { Check, CheckResult } from './checks.ts';
import { correctView } from './corrected-view.ts';
import { type EvidenceView, missingRules, viewEvidence } from './evidence-view.ts';
import { judgeReasons } from './judge-reasons.ts';
import type { Decision } from './limit.ts';

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

/** Why a verdict is what it is, in a word for programs and a sentence for people. */
export interface Reason {
  readonly code: string;
  readonly message: string;
}

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
}

/**
 * Decides a release: a pure function of evidence and policy. All checks are evaluated and listed. Evidence that
 * cannot be trusted decides nothing, not even a block; then any failed check fails; then any doubt is inconclusive.
 */
export function decideVerdict(grounds: Grounds): GateDecision {
  const { trials, card } = grounds;
  const baseline = grounds.baseline.status === 'compared' ? grounds.baseline.trials : [];
  // Where nothing is missing the three rules see the same evidence.
  const rules = [...trials, ...baseline].some(isUnscored) ? missingRules : missingRules.slice(0, 1);
  const views = rules.map((missing) => {
    const raw = viewEvidence({ trials, baseline, missing });
    return { raw, corrected: card && correctView({ view: raw, trials, missing, card }) };
  });
  const standing = whyNoComparison(grounds);
  const checks = grounds.checks.map((check) => holdCheck(check, views, grounds.recorded, standing));
  const broken = brokenEvidence(grounds);
  if (broken.length > 0) return { verdict: 'inconclusive', reasons: broken, checks };
  const failed = checks.filter(({ outcome }) => outcome === 'fail');
  if (failed.length > 0) return { verdict: 'fail', reasons: failed.map(reasonOf), checks };
  const doubts = [
    ...checks.filter(({ outcome }) => outcome === 'inconclusive').map(reasonOf),
    ...gaps(grounds, checks),
  ];
  if (doubts.length > 0) return { verdict: 'inconclusive', reasons: doubts, checks };
  return { verdict: 'pass', reasons: [], checks };
}

function holdCheck(
  check: Check,
  views: readonly JudgedView[],
  recorded: readonly CheckResult[] | undefined,
  standing: NoComparison | undefined,
): CheckResult {
  const { name, threshold, motivation, remedy } = check;
  const base = { name, threshold, motivation, remedy };
  if (check.needsBaseline && standing !== undefined) {
    const { outcome, note } = standing;
    return { ...base, outcome, value: { unavailable: note }, at: '', note, remedy: standing.remedy };
  }
  const result = check.needsBaseline ? recorded?.find((one) => one.name === name) : undefined;
  if (result !== undefined) {
    // Without the baseline nobody can tell which of the two it was.
    const known = [renewBaseline, seeReasons].find((one) => one === result.remedy);
    const open = isAvailable(result.value) ? undefined : known;
    const needsCorrected = views.some(({ corrected }) => corrected !== undefined);
    return { ...base, ...asRecorded(result, threshold, needsCorrected), remedy: open ?? remedy };
  }
  const [asIs, ...bounds] = views;
  if (asIs === undefined) throw new RangeError('holdCheck: expected at least one view, got none');
  const asScored = check.decide(asIs.raw);
  const asCorrected = asIs.corrected && check.decide(asIs.corrected);
  const shown = { ...base, ...asScored, ...(asCorrected && { corrected: asCorrected.value }) };
  if (!isAvailable(asScored.value)) return { ...shown, remedy: seeReasons };
  const open = (note: string): CheckResult => ({ ...shown, outcome: 'inconclusive', note });
  if (asCorrected !== undefined && asCorrected.outcome !== asScored.outcome)
    return open(`the figures corrected for the judge’s error do not bear this out${because(asCorrected)}`);
  const others = bounds.flatMap(({ raw, corrected }) => (corrected === undefined ? [raw] : [raw, corrected]));
  if (others.some((view) => check.decide(view).outcome !== asScored.outcome))
    return open('unscored answers could change this outcome');
  return { ...shown, note: withRegression(check, asScored, asIs.raw) };
}

/** One rule for missing answers: as the judge saw the answers, and without its error where its card tells it. */
interface JudgedView {
  readonly raw: EvidenceView;
  readonly corrected: EvidenceView | undefined;
}

function because({ value, at, note }: Decision): string {
  return isAvailable(value) || note === '' ? '' : ` (${at === '' ? '' : `${at}: `}${note})`;
}

const seeReasons =
  'Nothing could be measured here: look at the reasons and at the counts of unscored answers.';

/** A recorded outcome that its own interval contradicts is none: every increase check has an upper limit. */
function asRecorded(
  { outcome, value, corrected, at, note }: CheckResult,
  threshold: number,
  needsCorrected: boolean,
) {
  const shown = [value, ...(corrected === undefined ? [] : [corrected])];
  const holds = shown.every((one) => isAvailable(one) && one.upper < threshold);
  const broken = shown.every((one) => isAvailable(one) && one.lower > threshold);
  const whole = corrected !== undefined || !needsCorrected;
  const borne = whole && ((outcome === 'pass' && holds) || (outcome === 'fail' && broken));
  const figures = corrected === undefined ? { value } : { value, corrected };
  return { outcome: borne ? outcome : ('inconclusive' as const), ...figures, at, note };
}

interface NoComparison {
  readonly outcome: 'notPlanned' | 'inconclusive';
  readonly note: string;
  readonly remedy: string;
}

const acceptOne =
  'Accept a run of the accepted model as the baseline (mixgate baseline accept) and give it to the next run.';
const renewBaseline =
  'Measure the accepted model again with this policy and accept that run as the baseline.';

function whyNoComparison({ baseline, policy, trials, recorded }: Grounds): NoComparison | undefined {
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
      const { notComparable, ageDays } = baseline;
      const { baselineMaxAgeDays } = policy.decision;
      if (notComparable.length > 0) {
        const note = `the baseline differs in ${notComparable.join(', ')}`;
        return { outcome: 'inconclusive', note, remedy: renewBaseline };
      }
      // Written so that NaN is refused too.
      if (!(ageDays <= baselineMaxAgeDays)) {
        const note = `the baseline is ${ageDays} days old, at most ${baselineMaxAgeDays} are allowed`;
        return { outcome: 'inconclusive', note, remedy: renewBaseline };
      }
      if (recorded !== undefined) return undefined;
      const note = whatBaselineLacks(trials, baseline.trials, policy.decision.maxUnscored);
      return note === undefined ? undefined : { outcome: 'inconclusive', note, remedy: renewBaseline };
    }
  }
}

/** Trials that the baseline never ran leave no pair behind, so that no bound could speak for them. */
function whatBaselineLacks(
  trials: readonly LabelledTrial[],
  before: readonly LabelledTrial[],
  maxUnscored: number,
): string | undefined {
  const ran = new Map(before.filter(hasRun).map((trial) => [trial.trialId, trial]));
  const asked = trials.filter(({ role }) => role === 'evaluation');
  const answered = asked.flatMap(({ trialId }) => ran.get(trialId) ?? []);
  if (answered.length < asked.length) {
    return `${asked.length - answered.length} of ${asked.length} trials were not run for the baseline`;
  }
  const share = unscoredShare(answered);
  // Written so that NaN is refused too.
  if (share <= maxUnscored) return undefined;
  return `${percent(share)} of the baseline’s answers are unscored, at most ${percent(maxUnscored)} are allowed`;
}

/**
 * A rise that is certain while its size is not must not hide behind the outcome. It is claimed as a failure of a
 * limit of zero would be: with Holm's step over the quantities, and of what the check may claim at all.
 */
function withRegression(check: Check, decision: Decision, view: EvidenceView): string {
  const { outcome, note } = decision;
  if (!check.needsBaseline || outcome === 'fail' || check.decide(view, 0).outcome !== 'fail') return note;
  if (outcome === 'pass') return 'regression detected, shown to be below the limit';
  return [note, 'regression detected, size not settled'].filter((text) => text !== '').join('; ');
}

function reasonOf({ name, outcome, at, note }: CheckResult): Reason {
  const place = at === '' ? '' : ` at ${at}`;
  const why = note === '' ? '' : `: ${note}`;
  return { code: name, message: `${name} ${outcome === 'fail' ? 'fails' : 'is not settled'}${place}${why}` };
}

/** What makes the evidence itself unfit for any verdict. */
function brokenEvidence({ policy, trials, judge, card, attempt }: Grounds): Reason[] {
  const { decision } = policy;
  const reasons: Reason[] = [];
  const { queries } = redactedSources(policy);
  if (queries.length > 0) {
    const message = `placeholders were asked instead of requests (${queries.join(', ')}): a dry run decides nothing`;
    reasons.push({ code: 'redactedQueries', message });
  }
  const scored = trials.filter((trial) => trial.role === 'evaluation' && isScored(trial));
  const blocks = new Set(scored.map(({ block }) => block)).size;
  const notRun = trials.filter(({ outcome }) => outcome.label === 'notRun').length;
  if (notRun > 0) {
    const message = `${notRun} of ${trials.length} trials were not run: a cap of the budget came first`;
    reasons.push({ code: 'notRun', message });
  }
  const share = unscoredShare(trials);
  // Written so that NaN is refused too.
  if (!(share <= decision.maxUnscored)) {
    const message = `${percent(share)} of the candidate’s answers are unscored (${reasonsOf(trials)}), at most ${percent(decision.maxUnscored)} are allowed`;
    reasons.push({ code: 'unscored', message });
  }
  if (blocks < fewestClusters) {
    const message = `${blocks} blocks have scored answers; fewer than ${fewestClusters} give no verdict`;
    reasons.push({ code: 'tooFewClusters', message });
  }
  reasons.push(...judgeReasons(policy, judge, card));
  if (!(attempt <= decision.maxAttempts)) {
    const message = `this is attempt ${attempt}, at most ${decision.maxAttempts} are allowed`;
    reasons.push({ code: 'attempts', message });
  }
  return reasons;
}

/** Differences within the candidate, and control queries, hold for a server that answers everything alike. */
function boundsCompliance({ name, outcome }: CheckResult): boolean {
  return outcome !== 'notPlanned' && /^(zeroShot|mixed)Compliance\./.test(name);
}

/** What a pass would have to show beside its checks. */
function gaps({ policy, binding, untested }: Grounds, checks: readonly CheckResult[]): Reason[] {
  const reasons: Reason[] = [];
  if (policy.binding.require && binding === 'declared') {
    const message = 'the candidate’s digest is claimed, not tied to what is served';
    reasons.push({ code: 'binding', message });
  }
  if (policy.deployment?.requireCoverage === true && untested.length > 0) {
    reasons.push({ code: 'coverage', message: `declared contexts without a test: ${untested.join(', ')}` });
  }
  const { demonstrations } = redactedSources(policy);
  if (demonstrations.length > 0) {
    const message = `placeholders were shown instead of demonstrations (${demonstrations.join(', ')})`;
    reasons.push({ code: 'redactedDemonstrations', message });
  }
  if (!checks.some(boundsCompliance)) {
    const message =
      'no check that was made bounds compliance itself: a server that answers nonsense to everything would pass';
    reasons.push({ code: 'nothingBounded', message });
  }
  return reasons;
}
