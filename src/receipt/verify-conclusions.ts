import type { Policy } from '../config/policy.ts';
import type { BaselineStanding } from '../gate/baseline-standing.ts';
import type { CheckResult } from '../gate/check.ts';
import type { LabelledTrial } from '../suite/outcome.ts';
import { type Audit, found, joinAudits, type NamedText, tryTo } from './audit.ts';
import { type Baseline, compareWithBaseline } from './baseline.ts';
import { checkCounts } from './check-counts.ts';
import { type Conclusions, concludeFrom } from './conclude.ts';
import { differencesBetween, type Problem } from './difference.ts';
import { plain, sha256 } from './digest.ts';
import { parseLedger } from './ledger.ts';
import { limitsOf } from './limits.ts';
import type { Evidence } from './receipt.ts';

interface Concluded {
  readonly evidence: Evidence;
  readonly policy: Policy;
  readonly ledger: NamedText | undefined;
  readonly baseline: Baseline | undefined;
}

/** Draws every conclusion again from the ledger's labels, and holds the receipt to it. */
export function checkConclusions({ evidence, policy, ledger, baseline }: Concluded): Audit {
  if (ledger === undefined) {
    return { problems: [], unchecked: ['counts, estimates, checks and verdict (give --ledger)'] };
  }
  const bytes = differencesBetween(sha256(ledger.text), evidence.ledger.sha256, 'evidence.ledger.sha256');
  const read = tryTo(() => parseLedger(ledger.text, ledger.name));
  if ('problems' in read) return found([...bytes, ...read.problems]);
  const trials = read.value;
  const { standing, recorded, ...against } = auditStanding({ evidence, policy, trials, baseline });
  const concluded = tryTo(() =>
    concludeFrom({
      policy,
      trials,
      baseline: standing,
      judge: evidence.judge.canaries,
      card: evidence.judge.card?.tables,
      attempt: evidence.attempt,
      binding: evidence.binding,
      recorded,
    }),
  );
  const drawn =
    'problems' in concluded
      ? concluded.problems
      : [...compareConclusions(concluded.value, evidence, policy), ...checkCounts(evidence, policy, trials)];
  return joinAudits([found(bytes), against, found(drawn)]);
}

function compareConclusions(conclusions: Conclusions, evidence: Evidence, policy: Policy): Problem[] {
  const fields = Object.keys(conclusions) as (keyof Conclusions)[];
  const stated = Object.fromEntries(fields.map((field) => [field, evidence[field]]));
  const { limits, ...rest } = evidence;
  return [
    ...differencesBetween(plain(conclusions), stated, 'evidence'),
    ...differencesBetween(limitsOf(rest, policy), limits, 'evidence.limits'),
  ];
}

interface AuditedStanding extends Audit {
  readonly standing: BaselineStanding;
  /** The checks as the receipt has them, where there is no baseline to make them again. */
  readonly recorded: readonly CheckResult[] | undefined;
}

interface StandingParts {
  readonly evidence: Evidence;
  readonly policy: Policy;
  readonly trials: readonly LabelledTrial[];
  readonly baseline: Baseline | undefined;
}

function auditStanding({ evidence, policy, trials, baseline }: StandingParts): AuditedStanding {
  if (evidence.baseline.status !== 'compared') return withoutComparison(evidence, policy, baseline);
  return baseline === undefined
    ? asRecorded(evidence, evidence.baseline)
    : comparedAgain({ evidence, record: evidence.baseline, baseline, trials });
}

/** Only the policy can do without a baseline: a receipt that says so by itself would make its increase checks go away. */
function withoutComparison(
  { baseline: { status } }: Evidence,
  policy: Policy,
  baseline: Baseline | undefined,
): AuditedStanding {
  const stated = policy.baseline === 'none' ? 'none' : 'notGiven';
  const expected = baseline === undefined ? `"${stated}"` : '"compared", since a baseline was given';
  const told = `"${status}"`;
  const problems = expected === told ? [] : [{ where: 'evidence.baseline.status', expected, found: told }];
  return { standing: { status: stated }, recorded: undefined, ...found(problems) };
}

type ComparedRecord = Extract<Evidence['baseline'], { status: 'compared' }>;

function asRecorded({ checks }: Evidence, { ageDays, notComparable }: ComparedRecord): AuditedStanding {
  const recorded = checks.filter(
    ({ name }) => /Increase|Decrease/.test(name) && name !== 'amplification.maxIncrease',
  );
  const unchecked = ['the increase checks and the baseline’s record (give --baseline)'];
  const standing = { status: 'compared', trials: [], ageDays, notComparable } as const;
  return { standing, recorded, problems: [], unchecked };
}

function comparedAgain({
  evidence,
  record,
  baseline,
  trials,
}: {
  readonly evidence: Evidence;
  readonly record: ComparedRecord;
  readonly baseline: Baseline;
  readonly trials: readonly LabelledTrial[];
}): AuditedStanding {
  const candidate = { ...evidence, ledgerIds: evidence.ledger.ids };
  // Files cannot tell that they were measured side by side, only contradict it.
  const beside = record.sameRun === undefined ? baseline : { ...baseline, sameRun: record.sameRun };
  const compared = compareWithBaseline({ baseline: beside, candidate, trials, asOf: evidence.asOf });
  const problems = differencesBetween(compared.record, record, 'evidence.baseline');
  if (record.sameRun && record.ageDays > 0) {
    const expected = 'absent: the baseline is older than this run';
    problems.push({ where: 'evidence.baseline.sameRun', expected, found: 'true' });
  }
  return { standing: compared.standing, recorded: undefined, ...found(problems) };
}
