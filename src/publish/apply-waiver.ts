import type { Waiver } from '../config/waiver.ts';
import { differencesBetween } from '../receipt/difference.ts';
import { digestOf } from '../receipt/digest.ts';
import type { Evidence, Receipt } from '../receipt/receipt.ts';

/** What a waiver does for a run; the verdict itself never changes by it. */
export type WaiverOutcome =
  | { readonly kind: 'holds'; readonly waiver: Waiver }
  | { readonly kind: 'noEffect'; readonly reason: string };

/** Nobody signs for longer: a release that needs more needs another policy. */
const longestDays = 92;
const millisecondsADay = 86_400_000;

/**
 * Whether a waiver lets a failed release go on.
 *
 * @param input.waived the receipt that the waiver names, where it names one and it is intact
 * @param input.attempt of this job: evidence that is only shown again is the same evidence
 */
export function applyWaiver(input: {
  readonly waiver: Waiver;
  readonly receipt: Receipt;
  readonly policyName: string;
  readonly waived: Receipt | undefined;
  readonly now: Date;
}): WaiverOutcome {
  const { waiver, receipt, waived } = input;
  const none = (reason: string): WaiverOutcome => ({ kind: 'noEffect', reason });
  if (receipt.evidence.verdict !== 'fail') {
    return none(`it waives a failed release, and the verdict is ${receipt.evidence.verdict}`);
  }
  if (waiver.policy !== input.policyName) return none(`it is for policy ${waiver.policy}`);
  const late = dateProblem(waiver, input.now);
  if (late !== null) return none(late);
  if (isSameEvidence(receipt, waiver.evidenceDigest)) return { kind: 'holds', waiver };
  const evidence = waiver.evidenceDigest.slice(0, 12);
  if (waived === undefined) {
    return none(`it is for evidence ${evidence}, and this run’s is ${receipt.evidenceDigest.slice(0, 12)}`);
  }
  const reason = whyNotAgain(waived, receipt, waiver.evidenceDigest);
  return reason === null ? { kind: 'holds', waiver } : none(reason);
}

function dateProblem({ date, until }: Waiver, now: Date): string | null {
  const [from, to] = [Date.parse(date), Date.parse(until)];
  if (from > now.getTime()) return `it is dated ${date}, which is still to come`;
  if (to + millisecondsADay <= now.getTime()) return `it ended on ${until}`;
  if (to < from) return `it ends on ${until}, before its date`;
  return to - from > longestDays * millisecondsADay ? `it is for more than ${longestDays} days` : null;
}

/** A re-run that goes on from saved answers has the same evidence but for the number of its attempt. */
function isSameEvidence({ evidence, evidenceDigest }: Receipt, digest: string): boolean {
  if (evidenceDigest === digest) return true;
  for (let attempt = 1; attempt < evidence.attempt; attempt += 1) {
    if (digestOf({ ...evidence, attempt }) === digest) return true;
  }
  return false;
}

/** Why a new measurement is not that which was waived: another release, another gate, or a new failure. */
function whyNotAgain(waived: Receipt, receipt: Receipt, digest: string): string | null {
  if (waived.evidenceDigest !== digest) return 'its receipt is of other evidence than it says';
  const [before, now] = [waived.evidence, receipt.evidence];
  const other = differencesBetween(identityOf(before), identityOf(now), '')[0];
  if (other !== undefined) return `the run that it waives differs in ${other.where}`;
  const known = new Set(failuresOf(before));
  const fresh = failuresOf(now).find((failure) => !known.has(failure));
  return fresh === undefined ? null : `${fresh} failed now and had not in the run that it waives`;
}

function identityOf({ candidate, served, policy, suite, judge }: Evidence) {
  const { model, root, templateSha256 } = served;
  return {
    candidate,
    served: { model, root, templateSha256 },
    policySha256: policy.sha256,
    planSha256: suite.planSha256,
    judge: { kind: judge.kind, promptSha256: judge.promptSha256 },
  };
}

function failuresOf({ checks }: Evidence): string[] {
  return checks
    .filter(({ outcome }) => outcome === 'fail')
    .map(({ name, at }) => (at === '' ? name : `${name} at ${at}`));
}
