import type { CheckResult } from '../gate/check.ts';
import { type Audit, found, joinAudits, type NamedText, tryTo } from './audit.ts';
import type { Baseline } from './baseline.ts';
import { differencesBetween, type Problem } from './difference.ts';
import { canonicalJson, digestOf } from './digest.ts';
import { parseReceipt, receiptDigest } from './read-receipt.ts';
import type { Receipt } from './receipt.ts';
import { checkConclusions } from './verify-conclusions.ts';
import { checkPolicyFile, checkPolicyRecords, parseEmbeddedPolicy } from './verify-policy.ts';

export interface Verification extends Audit {
  readonly ok: boolean;
}

/** The files at hand. */
export interface AuditFiles {
  readonly receipt: NamedText;
  readonly ledger?: NamedText | undefined;
  readonly policy?: NamedText | undefined;
  readonly baseline?: Baseline | undefined;
}

/**
 * Recomputes a receipt from receipt, ledger, policy and baseline alone: schema, digests, counts, every estimate,
 * interval and check, and the verdict. It needs no network and changes nothing.
 */
export function verifyReceipt(files: AuditFiles): Verification {
  const read = tryTo(() => parseReceipt(files.receipt.text, files.receipt.name));
  const { problems, unchecked } = 'problems' in read ? found(read.problems) : audit(read.value, files);
  return { ok: problems.length === 0, problems, unchecked };
}

function audit(receipt: Receipt, files: AuditFiles): Audit {
  const { evidence } = receipt;
  const itself = found([
    ...checkBytes(receipt, files.receipt),
    ...checkDigests(receipt),
    ...checkVerdictFits(receipt),
  ]);
  const read = tryTo(() => parseEmbeddedPolicy(evidence));
  if ('problems' in read) return joinAudits([itself, found(read.problems)]);
  const policy = read.value;
  const { ledger, baseline } = files;
  return joinAudits([
    itself,
    found(checkPolicyRecords(evidence, policy)),
    checkPolicyFile(evidence, files.policy),
    checkConclusions({ evidence, policy, ledger, baseline }),
  ]);
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
