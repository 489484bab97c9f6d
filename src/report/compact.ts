import type { BaselineRecord, CheckResult, Receipt } from '../receipt/receipt.ts';
import { verifyCommand } from './comment-parts.ts';
import { policyName } from './facts.ts';
import { safeJson } from './markdown.ts';

/**
 * The receipt in small, kept inside the comment: enough for a parser (which model, what failed, by how much, how sure,
 * against what, what to do, how to check), and for `verify --comment` to hold a comment that somebody saved against its
 * receipt. Numbers are the receipt's, not rounded.
 */
const maxBytes = 20_000;

/** The receipt in a few lines of JSON, for a comment. */
export function renderCompact(receipt: Receipt): string {
  const { evidence, evidenceDigest, digest } = receipt;
  const { verdict, candidate, zeroShot, checks } = evidence;
  const policy = policyName(receipt);
  const last = { verify: verifyCommand(receipt), evidenceDigest, digest };
  const baseline = compactBaseline(evidence.baseline);
  const base = { schema: 'mixgate.compact/1', verdict, policy };
  const known = { ...base, candidate, baseline, zeroShot };
  // Only absurd names get past the first; what is left out is said, never cut in half.
  const forms = [
    { ...known, checks: checks.map(compactCheck), ...last },
    { ...known, checks: checks.map(withoutRemedy), ...last },
    { ...known, checks: null, ...last },
  ];
  const whole = forms.map(safeJson).find((text) => text.length < maxBytes);
  return whole ?? safeJson({ ...base, policy: null, candidate: null, baseline: null, checks: null, ...last });
}

/** What to do stands with the checks that leave something to do. */
function compactCheck(check: CheckResult): object {
  const isOpen = check.outcome === 'fail' || check.outcome === 'inconclusive';
  return { ...withoutRemedy(check), ...(isOpen ? { note: check.note, remedy: check.remedy } : {}) };
}

function withoutRemedy({ name, outcome, value, threshold, at }: CheckResult): object {
  return { name, outcome, value, threshold, at };
}

function compactBaseline(baseline: BaselineRecord): object {
  if (baseline.status !== 'compared') return { status: baseline.status };
  const { status, candidate, verdict, asOf, ageDays, acceptedBy, notComparable, pairs, receiptDigest } =
    baseline;
  const { model } = candidate;
  return { status, model, verdict, asOf, ageDays, acceptedBy, notComparable, pairs, receiptDigest };
}
