import { isAvailable, type MaybeInterval } from '../analysis/interval.ts';
import type { Check, CheckResult } from './check.ts';
import type { EvidenceView } from './evidence-view.ts';
import type { Decision } from './limit.ts';
import { errorsAt } from './looks.ts';

/** The evidence as the judge saw the answers, and without its error where its card tells it. */
export interface JudgedView {
  readonly raw: EvidenceView;
  readonly corrected?: EvidenceView | undefined;
}

/** What is to be had at a look: the evidence of all blocks up to it. */
export interface LookEvidence {
  /** The evidence under each rule for missing answers; the first leaves them out. */
  readonly views: readonly JudgedView[];
  /** Whether every trial that was still needed has run; otherwise this look is the last. */
  readonly complete: boolean;
  /** Whether anything may be settled on it: enough answers, of which few enough are unscored. */
  readonly fit: boolean;
}

/** Conditions, by role, whose trials an open check still needs. */
export type Needs = Readonly<Record<'evaluation' | 'control', ReadonlySet<string>>>;

interface JudgedDecision extends Decision {
  readonly corrected?: MaybeInterval | undefined;
}

/** A check as it was held at its last look. */
export interface HeldCheck extends JudgedDecision {
  readonly look: number;
  /** Whether the evidence can still change it: it was neither passed nor failed at a planned look. */
  readonly settled: boolean;
}

/** One look that was taken. */
export interface TakenLook {
  readonly look: number;
  readonly blocks: number;
  readonly complete: boolean;
  /** Checks that this look settled. */
  readonly settled: readonly string[];
  /** What is needed after it; undefined where the run ends here. */
  readonly needs: Needs | undefined;
}

export interface HeldChecks {
  readonly held: ReadonlyMap<string, HeldCheck>;
  readonly taken: readonly TakenLook[];
}

/**
 * Holds checks to the evidence look by look: a check that passes or fails at a look is settled for good, the others
 * are held again at the next one. It ends when the verdict can no longer change (all settled, or one failed), at the
 * last look, or at one whose trials did not all run.
 *
 * Each side's error over all looks is alpha: every pass of its own (intersection-union), failures together (Holm 1979
 * over the checks, as Maurer and Bretz 2013 carry it over looks: what a failed check leaves is spent on the others).
 *
 * @param input.evidenceAt the evidence of all blocks up to a look, from 1, of which `needs` names what was still needed
 * @param input.recorded checks taken as they stand in a receipt, by name
 * @param input.upTo looks to take at the most; all planned ones unless given
 */
export function holdChecks(input: {
  readonly checks: readonly Check[];
  readonly alpha: number;
  readonly ends: readonly number[];
  readonly evidenceAt: (look: number, needs: Needs | 'all') => LookEvidence;
  readonly recorded?: ReadonlyMap<string, CheckResult>;
  readonly upTo?: number;
}): HeldChecks {
  const { checks, ends, upTo = ends.length } = input;
  const held = new Map<string, HeldCheck>();
  const taken: TakenLook[] = [];
  let needs: Needs | 'all' = 'all';
  for (let look = 1; look <= upTo; look += 1) {
    const evidence = input.evidenceAt(look, needs);
    const open = checks.filter(({ name }) => held.get(name)?.settled !== true);
    const failed = new Set(
      [...held].filter(([, one]) => one.settled && one.outcome === 'fail').map(([name]) => name),
    );
    const decisions = decideOpen({ ...input, open, failed, look, evidence });
    for (const [name, decision] of decisions) {
      const settled = evidence.fit && evidence.complete && decision.outcome !== 'inconclusive';
      held.set(name, { ...decision, look, settled });
    }
    const still = open.filter(({ name }) => held.get(name)?.settled !== true);
    const blocked = [...held.values()].some(({ outcome, settled }) => settled && outcome === 'fail');
    const ends_ = still.length === 0 || blocked || !evidence.complete || look === ends.length;
    needs = needsOf(still);
    taken.push({
      look,
      blocks: ends[look - 1] ?? 0,
      complete: evidence.complete,
      settled: open.filter((check) => !still.includes(check)).map(({ name }) => name),
      needs: ends_ ? undefined : needs,
    });
    if (ends_) break;
  }
  return { held, taken };
}

function needsOf(checks: readonly Check[]): Needs {
  const of = (role: 'evaluation' | 'control') => new Set(checks.flatMap(({ reads }) => reads[role]));
  return { evaluation: of('evaluation'), control: of('control') };
}

/** The check that speaks of all mixed conditions at once: the claim for which a gate is run. */
const coreCheck = 'mixedCompliance.maxIncrease';

/**
 * Among how many claims of equal weight a failure of this check would be one, when these have failed already: the mean
 * increase over all mixed conditions has half of the whole weight, the others share the rest (Holm 1979 with weights).
 */
export function familyOf(check: Check, checks: readonly Check[], failed: ReadonlySet<string>): number {
  const weight = ({ name }: Check) => (name === coreCheck ? Math.max(1, checks.length - 1) : 1);
  const rivals = checks.filter((one) => one === check || !failed.has(one.name));
  return rivals.reduce((sum, one) => sum + weight(one), 0) / weight(check);
}

/**
 * The step of Holm: with every failure the others are held to a larger error, until no further one fails. A failure's
 * interval has the error that it has among those that did not fail.
 */
function decideOpen(input: {
  readonly checks: readonly Check[];
  readonly open: readonly Check[];
  readonly failed: ReadonlySet<string>;
  readonly look: number;
  readonly alpha: number;
  readonly ends: readonly number[];
  readonly evidence: LookEvidence;
  readonly recorded?: ReadonlyMap<string, CheckResult>;
}): ReadonlyMap<string, JudgedDecision> {
  const { checks, open, recorded } = input;
  const needsCorrected = input.evidence.views.some(({ corrected }) => corrected !== undefined);
  const decide = (check: Check, failed: ReadonlySet<string>): JudgedDecision => {
    const known = recorded?.get(check.name);
    if (known !== undefined) return asRecorded(known, check, input.look, needsCorrected);
    const errors = errorsAt({ ...input, family: familyOf(check, checks, failed) });
    return decideUnderAll(check, input.evidence.views, errors);
  };
  let failed = input.failed;
  for (;;) {
    const decisions = new Map(open.map((check) => [check.name, decide(check, failed)]));
    const now = new Set([...input.failed, ...failing(decisions)]);
    if (now.size <= failed.size) return decisions;
    failed = now;
  }
}

function failing(decisions: ReadonlyMap<string, Decision>): string[] {
  return [...decisions].filter(([, { outcome }]) => outcome === 'fail').map(([name]) => name);
}

/** A decision that differs without the judge's error, or between the rules for missing answers, is none. */
function decideUnderAll(
  check: Check,
  views: readonly JudgedView[],
  errors: ReturnType<typeof errorsAt>,
): JudgedDecision {
  const [asIs, ...bounds] = views;
  if (asIs === undefined) throw new RangeError('holdChecks: expected at least one view, got none');
  const asScored = check.decide(asIs.raw, errors);
  const asCorrected = asIs.corrected && check.decide(asIs.corrected, errors);
  const shown = { ...asScored, ...(asCorrected && { corrected: asCorrected.value }) };
  if (!isAvailable(asScored.value)) return shown;
  const open = (note: string): JudgedDecision => ({ ...shown, outcome: 'inconclusive', note });
  if (asCorrected !== undefined && asCorrected.outcome !== asScored.outcome)
    return open(`the figures corrected for the judge’s error do not bear this out${because(asCorrected)}`);
  const others = bounds.flatMap(({ raw, corrected }) => (corrected === undefined ? [raw] : [raw, corrected]));
  if (others.some((view) => check.decide(view, errors).outcome !== asScored.outcome))
    return open('unscored answers could change this outcome');
  return { ...shown, note: withRegression(check, asScored, asIs.raw, errors) };
}

function because({ value, at, note }: Decision): string {
  return isAvailable(value) || note === '' ? '' : ` (${at === '' ? '' : `${at}: `}${note})`;
}

/**
 * A rise that is certain while its size is not must not hide behind the outcome. It is claimed as a failure of a
 * limit of zero would be: with Holm's step over the quantities, and of what the check may claim at all.
 */
function withRegression(
  check: Check,
  { outcome, note }: Decision,
  view: EvidenceView,
  errors: ReturnType<typeof errorsAt>,
): string {
  if (!check.needsBaseline || outcome === 'fail' || check.decide(view, errors, 0).outcome !== 'fail')
    return note;
  if (outcome === 'pass') return 'regression detected, shown to be below the limit';
  return [note, 'regression detected, size not settled'].filter((text) => text !== '').join('; ');
}

/** A recorded outcome that its own interval contradicts is none: every increase check has an upper limit. */
function asRecorded(
  result: CheckResult,
  { threshold }: Check,
  look: number,
  needsCorrected: boolean,
): JudgedDecision {
  const { outcome, value, corrected, at, note } = result;
  const shown = [value, ...(corrected === undefined ? [] : [corrected])];
  const holds = shown.every((one) => isAvailable(one) && one.upper < threshold);
  const broken = shown.every((one) => isAvailable(one) && one.lower > threshold);
  const whole = corrected !== undefined || !needsCorrected;
  const borne = whole && ((outcome === 'pass' && holds) || (outcome === 'fail' && broken));
  const figures = corrected === undefined ? { value } : { value, corrected };
  return { outcome: borne && look >= result.look ? outcome : 'inconclusive', ...figures, at, note };
}
