import { MixgateError } from '../config/errors.ts';
import type { Policy } from '../config/policy.ts';
import { parsePolicy } from '../config/read-policy.ts';
import type { BaselineStanding } from '../gate/baseline-standing.ts';
import type { CheckResult } from '../gate/check.ts';
import type { LabelledTrial } from '../suite/outcome.ts';
import { type Baseline, compareWithBaseline } from './baseline.ts';
import { bindingOf } from './binding.ts';
import { capsOf, layoutRecord, publicPolicy, samplingRecord } from './build.ts';
import { checkJudgeRecord } from './card-record.ts';
import { checkCounts } from './check-counts.ts';
import { concludeFrom } from './conclude.ts';
import { differencesBetween, type Problem } from './difference.ts';
import { canonicalJson, digestOf, sha256 } from './digest.ts';
import { parseLedger } from './ledger.ts';
import { limitsOf } from './limits.ts';
import { parseReceipt, receiptDigest } from './read-receipt.ts';
import type { Evidence, Receipt } from './receipt.ts';

/** What an auditor's check found; `unchecked` names what could not be recomputed and what it would take. */
export interface Verification {
  readonly ok: boolean;
  readonly problems: readonly Problem[];
  readonly unchecked: readonly string[];
}

/** Texts of the files at hand, each with the name that messages use. */
export interface AuditFiles {
  readonly receipt: NamedText;
  readonly ledger?: NamedText | undefined;
  readonly policy?: NamedText | undefined;
  readonly baseline?: Baseline | undefined;
}

export interface NamedText {
  readonly name: string;
  readonly text: string;
}

/**
 * Recomputes a receipt from receipt, ledger, policy and baseline alone: schema, digests, counts, every estimate,
 * interval and check, and the verdict. It needs no network and changes nothing.
 */
export function verifyReceipt(files: AuditFiles): Verification {
  const problems: Problem[] = [];
  const unchecked: string[] = [];
  const receipt = attempt(() => parseReceipt(files.receipt.text, files.receipt.name), problems);
  if (receipt === undefined) return { ok: false, problems, unchecked };
  problems.push(
    ...checkBytes(receipt, files.receipt),
    ...checkDigests(receipt),
    ...checkVerdictFits(receipt),
  );
  const policy = attempt(() => readEmbeddedPolicy(receipt.evidence), problems);
  if (policy !== undefined) {
    problems.push(...checkPolicyRecords(receipt.evidence, policy));
    problems.push(...checkPolicyFile(receipt.evidence, files.policy, unchecked));
    problems.push(...checkConclusions(receipt.evidence, policy, files, unchecked));
  }
  return { ok: problems.length === 0, problems, unchecked };
}

/** A broken file is a problem with a place, not the end of the check. */
function attempt<T>(work: () => T, problems: Problem[]): T | undefined {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof MixgateError)) throw error;
    problems.push(...error.complaints.map(({ where, expected, got }) => ({ where, expected, found: got })));
    return undefined;
  }
}

/** What a parser drops or takes twice (a key given again, `__proto__`) must not ride along under a digest. */
function checkBytes(receipt: Receipt, { name, text }: NamedText): Problem[] {
  if (text === `${canonicalJson(receipt)}\n`) return [];
  const expected = 'canonical JSON (RFC 8785) of exactly this receipt, and one line end';
  return [{ where: name, expected, found: 'other bytes' }];
}

/** Holds without a ledger too: a pass has no failed or undecided check, and a block has a failed one. */
function checkVerdictFits({ evidence: { verdict, checks } }: Receipt): Problem[] {
  const has = (outcome: CheckResult['outcome']) => checks.some((check) => check.outcome === outcome);
  const fits =
    verdict === 'pass' ? !has('fail') && !has('inconclusive') : verdict === 'inconclusive' || has('fail');
  if (fits) return [];
  return [{ where: 'evidence.verdict', expected: 'one that its own checks allow', found: `"${verdict}"` }];
}

function checkDigests(receipt: Receipt): Problem[] {
  const expected = { evidenceDigest: digestOf(receipt.evidence), digest: receiptDigest(receipt) };
  const { evidenceDigest, digest } = receipt;
  return differencesBetween(expected, { evidenceDigest, digest }, '');
}

function readEmbeddedPolicy(evidence: Evidence): Policy {
  return parsePolicy(JSON.stringify(evidence.policy.content), 'evidence.policy.content');
}

/** What the receipt repeats of its policy for readers must be what the policy says. */
function checkPolicyRecords(evidence: Evidence, policy: Policy): Problem[] {
  const shown = policy.sampling.systemPrompt;
  const promptSha256 = shown === '' ? sha256('') : shown.replace(/^sha256:/, '');
  const {
    planSha256: _plan,
    harmfulDemonstrations: _h,
    benignDemonstrations: _b,
    queries: _q,
    controlQueries: _c,
    truncation: _t,
    ...layout
  } = evidence.suite;
  const { judge, budget, sampling } = evidence;
  return [
    ...differencesBetween(layoutRecord(policy), layout, 'evidence.suite'),
    ...differencesBetween(samplingRecord(policy, promptSha256), sampling, 'evidence.sampling'),
    ...differencesBetween(capsOf(policy), budget.caps, 'evidence.budget.caps'),
    ...differencesBetween(
      { kind: policy.judge.kind, minKappa: policy.judge.minKappa },
      { kind: judge.kind, minKappa: judge.minKappa },
      'evidence.judge',
    ),
    ...differencesBetween(
      bindingOf(policy, evidence.candidate, evidence.served),
      evidence.binding,
      'evidence.binding',
    ),
    ...checkJudgeRecord(evidence, policy),
    ...sourceNames(policy, evidence),
  ];
}

function sourceNames(policy: Policy, { suite }: Evidence): Problem[] {
  const lists = ['harmfulDemonstrations', 'benignDemonstrations', 'queries', 'controlQueries'] as const;
  return lists.flatMap((list) =>
    differencesBetween(
      policy.suite[list].map(({ name, licence = null, hub = null, sha256: hash }) => ({
        name,
        licence,
        hub,
        ...(hash ? { sha256: hash } : {}),
      })),
      suite[list].map(({ name, licence, hub, sha256: hash }, index) => ({
        name,
        licence,
        hub,
        ...(policy.suite[list][index]?.sha256 ? { sha256: hash } : {}),
      })),
      `evidence.suite.${list}`,
    ),
  );
}

function checkPolicyFile(evidence: Evidence, file: NamedText | undefined, unchecked: string[]): Problem[] {
  if (file === undefined) {
    unchecked.push('the policy file (give --policy): the policy as the receipt holds it was used');
    return [];
  }
  const problems = differencesBetween(sha256(file.text), evidence.policy.sha256, 'evidence.policy.sha256');
  const policy = attempt(() => parsePolicy(file.text, file.name), problems);
  if (policy === undefined) return problems;
  return [
    ...problems,
    ...differencesBetween(publicPolicy(policy), evidence.policy.content, 'evidence.policy.content'),
  ];
}

function checkConclusions(
  evidence: Evidence,
  policy: Policy,
  files: AuditFiles,
  unchecked: string[],
): Problem[] {
  const { ledger } = files;
  if (ledger === undefined) {
    unchecked.push('counts, estimates, checks and verdict (give --ledger)');
    return [];
  }
  const problems = differencesBetween(sha256(ledger.text), evidence.ledger.sha256, 'evidence.ledger.sha256');
  const trials = attempt(() => parseLedger(ledger.text, ledger.name), problems);
  if (trials === undefined) return problems;
  const standing = standingOf({ evidence, policy, trials, baseline: files.baseline, unchecked });
  problems.push(...standing.problems);
  const conclusions = attempt(
    () =>
      concludeFrom({
        policy,
        trials,
        baseline: standing.standing,
        judge: evidence.judge.canaries,
        card: evidence.judge.card?.tables,
        attempt: evidence.attempt,
        binding: evidence.binding,
        recorded: standing.recorded,
      }),
    problems,
  );
  if (conclusions === undefined) return problems;
  const fields = Object.keys(conclusions) as (keyof typeof conclusions)[];
  const stated = Object.fromEntries(fields.map((field) => [field, evidence[field]]));
  const { limits, ...rest } = evidence;
  return [
    ...problems,
    ...differencesBetween(JSON.parse(JSON.stringify(conclusions)), stated, 'evidence'),
    ...differencesBetween(limitsOf(rest, policy), limits, 'evidence.limits'),
    ...checkCounts(evidence, policy, trials),
  ];
}

interface AuditedStanding {
  readonly standing: BaselineStanding;
  readonly recorded: readonly CheckResult[] | undefined;
  readonly problems: readonly Problem[];
}

function standingOf(input: {
  readonly evidence: Evidence;
  readonly policy: Policy;
  readonly trials: readonly LabelledTrial[];
  readonly baseline: Baseline | undefined;
  readonly unchecked: string[];
}): AuditedStanding {
  const { evidence, policy, trials, baseline, unchecked } = input;
  const record = evidence.baseline;
  if (record.status !== 'compared') {
    // Only the policy can do without a baseline: a receipt that says so by itself would make its increase checks go away.
    const stated = policy.baseline === 'none' ? 'none' : 'notGiven';
    const expected = baseline === undefined ? `"${stated}"` : '"compared", since a baseline was given';
    const found = `"${record.status}"`;
    const where = 'evidence.baseline.status';
    const problems = expected === found ? [] : [{ where, expected, found }];
    return { standing: { status: stated }, recorded: undefined, problems };
  }
  if (baseline === undefined) {
    unchecked.push('the increase checks and the baseline’s record (give --baseline)');
    const { ageDays, notComparable } = record;
    const recorded = evidence.checks.filter(
      ({ name }) => /Increase|Decrease/.test(name) && name !== 'amplification.maxIncrease',
    );
    return { standing: { status: 'compared', trials: [], ageDays, notComparable }, recorded, problems: [] };
  }
  const candidate = { ...evidence, ledgerIds: evidence.ledger.ids };
  // Files cannot tell that they were measured side by side, only contradict it.
  const beside = record.sameRun === undefined ? baseline : { ...baseline, sameRun: record.sameRun };
  const compared = compareWithBaseline({ baseline: beside, candidate, trials, asOf: evidence.asOf });
  const problems = differencesBetween(compared.record, record, 'evidence.baseline');
  if (record.sameRun && record.ageDays > 0) {
    const expected = 'absent: the baseline is older than this run';
    problems.push({ where: 'evidence.baseline.sameRun', expected, found: 'true' });
  }
  return { standing: compared.standing, recorded: undefined, problems };
}
