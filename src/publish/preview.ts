import { MixgateError } from '../config/errors.ts';
import type { Policy } from '../config/policy.ts';
import type { Verdict } from '../gate/verdict.ts';
import { type Baseline, compareWithBaseline } from '../receipt/baseline.ts';
import { concludeFrom } from '../receipt/conclude.ts';
import { differencesBetween } from '../receipt/difference.ts';
import { parseLedger } from '../receipt/ledger.ts';
import { publicPolicy } from '../receipt/policy-record.ts';
import type { Evidence, Receipt } from '../receipt/receipt.ts';

/** What a changed policy would have said of the same evidence, or why that cannot be told. */
export type Preview = { readonly verdict: Verdict } | { readonly unavailable: string };

/** Keys by which a policy asks and labels; under another value there would be other evidence. */
const evidenceKeys = /^(version|suite|sampling|judge|inference|decision\.looks)\b/;
const freeKeys = /^judge\.minKappa$/;

/**
 * The verdict that a changed policy would have given on a run's evidence: not binding, for the pull request that
 * proposes it.
 *
 * @param input.policy the changed policy
 * @param input.ledger text of the run's ledger
 */
export function previewVerdict(input: {
  readonly receipt: Receipt;
  readonly ledger: string;
  readonly policy: Policy;
  readonly baseline: Baseline | undefined;
}): Preview {
  const { policy, receipt } = input;
  const { evidence } = receipt;
  const changed = differencesBetween(evidence.policy.content, publicPolicy(policy), '').map(
    ({ where }) => where,
  );
  const other = changed.find((key) => evidenceKeys.test(key) && !freeKeys.test(key));
  if (other !== undefined) return { unavailable: `${other} changes what is asked or how it is judged` };
  try {
    return { verdict: concludeAgain({ ...input, evidence }).verdict };
  } catch (error) {
    if (!(error instanceof MixgateError)) throw error;
    return { unavailable: error.message };
  }
}

function concludeAgain({
  policy,
  evidence,
  ledger,
  baseline,
}: {
  readonly policy: Policy;
  readonly evidence: Evidence;
  readonly ledger: string;
  readonly baseline: Baseline | undefined;
}) {
  const trials = parseLedger(ledger, 'ledger');
  const { judge, asOf, attempt, binding } = evidence;
  const candidate = {
    ...evidence,
    judge: { ...judge, minKappa: policy.judge.minKappa },
    ledgerIds: evidence.ledger.ids,
  };
  return concludeFrom({
    policy,
    trials,
    baseline:
      baseline === undefined
        ? { status: policy.baseline === 'none' ? 'none' : 'notGiven' }
        : compareWithBaseline({ baseline, candidate, trials, asOf }).standing,
    judge: judge.canaries,
    card: judge.card?.tables,
    attempt,
    binding,
  });
}
