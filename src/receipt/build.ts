import type { JudgeAgreement } from '../analysis/judge-agreement.ts';
import type { CandidateRecord } from '../config/candidate.ts';
import type { Policy } from '../config/policy.ts';
import type { BaselineStanding } from '../gate/baseline-standing.ts';
import { listChecks } from '../gate/checks.ts';
import { planLooks } from '../gate/looks.ts';
import { suiteCells } from '../gate/suite-cells.ts';
import { stoppedBy, type TakenLooks } from '../gate/take-looks.ts';
import { lookAtRun } from '../gate/verdict.ts';
import type { ServedIdentity } from '../inference/served.ts';
import type { JudgeParameters } from '../judge/judge.ts';
import type { NamedCard } from '../judge/judge-card.ts';
import { type LabelledTrial, reasonOfLook } from '../suite/outcome.ts';
import type { Plan, RowsUsed } from '../suite/plan.ts';
import type { Source, Sources } from '../suite/sources.ts';
import { type Baseline, type Comparable, compareWithBaseline } from './baseline.ts';
import { bindingOf } from './binding.ts';
import { cardRecord } from './card-record.ts';
import { concludeFrom } from './conclude.ts';
import { digestOf, plain, sha256 } from './digest.ts';
import { renderLedger } from './ledger.ts';
import { limitsOf } from './limits.ts';
import { capsOf, layoutRecord, plannedRequests, publicPolicy, samplingRecord } from './policy-record.ts';
import { receiptDigest } from './read-receipt.ts';
import type { BaselineRecord, Evidence, Receipt, RunRecord, SourceRecord } from './receipt.ts';

/** All that a receipt is made of; none of it holds a request, a demonstration or an answer. */
export interface ReceiptParts {
  readonly policy: Policy;
  readonly policySha256: string;
  readonly plan: Plan;
  readonly sources: Sources;
  readonly trials: readonly LabelledTrial[];
  readonly ledgerIds: 'hash' | 'hmac';
  readonly candidate: CandidateRecord;
  readonly served: ServedIdentity;
  readonly judge: {
    readonly kind: string;
    readonly promptSha256: string;
    readonly served: ServedIdentity | null;
    readonly parameters?: JudgeParameters | undefined;
    readonly members?: Evidence['judge']['members'];
    readonly canariesSha256: string;
    readonly agreement: JudgeAgreement;
    readonly card?: NamedCard | undefined;
  };
  readonly baseline: Baseline | undefined;
  /** Where the answers were not asked of a live server. */
  readonly answersFrom?: 'batch' | undefined;
  /** Whether the server's counts could have told prompts that it cut. */
  readonly promptsCounted: boolean;
  readonly asOf: string;
  readonly attempt: number;
  readonly version: string;
}

/** @returns the evidence, and the ledger's text that it points to */
export function buildEvidence(parts: ReceiptParts): { evidence: Evidence; ledger: string } {
  const { policy, trials } = parts;
  const ledger = renderLedger(trials);
  const comparable = comparableOf(parts);
  const { standing, record } = standingOf(parts, comparable);
  const binding = bindingOf(policy, parts.candidate, parts.served);
  const conclusions = concludeFrom({
    policy,
    trials,
    baseline: standing,
    judge: parts.judge.agreement,
    card: comparable.judge.card?.tables,
    attempt: parts.attempt,
    binding,
  });
  const { ledgerIds: _ids, ...identity } = comparable;
  const evidence = plain({
    ...conclusions,
    ...identity,
    candidate: parts.candidate,
    binding,
    ...(parts.answersFrom === undefined ? {} : { answersFrom: parts.answersFrom }),
    baseline: record,
    budget: {
      caps: capsOf(policy),
      planned: plannedRequests(policy, trials.length, parts.judge.agreement.canaries),
      used: { trials: trials.filter(({ outcome }) => outcome.label !== 'notRun').length },
    },
    asOf: parts.asOf,
    attempt: parts.attempt,
    policy: { sha256: parts.policySha256, content: publicPolicy(policy) },
    ledger: { sha256: sha256(ledger), trials: trials.length, ids: parts.ledgerIds },
    version: parts.version,
  });
  return { evidence: { ...evidence, limits: limitsOf(evidence, policy) }, ledger };
}

/**
 * The planned looks up to one of them, while a run goes on.
 *
 * @param parts those of the receipt, but with the trials that have ended so far; the plan is the whole one
 */
export function lookAtParts(parts: ReceiptParts, upTo: number): TakenLooks {
  const { policy, plan, trials } = parts;
  const cells = suiteCells(policy, plan.conditions, plan.controlConditions);
  const comparable = comparableOf(parts);
  return lookAtRun({
    policy,
    checks: listChecks(policy, cells),
    planned: plan.trials,
    trials,
    baseline: standingOf(parts, comparable).standing,
    card: comparable.judge.card?.tables,
    upTo,
  });
}

/**
 * The trials as a run in one piece would have left them: those that a planned look made needless were not run.
 *
 * @param parts with the labels of all trials of the plan, in its order
 */
export function withLooks(parts: ReceiptParts): LabelledTrial[] {
  const { trials, policy, plan } = parts;
  const { ends, lookOf } = planLooks(plan.trials, policy.decision.looks);
  const left: LabelledTrial[] = [...trials];
  for (let look = 1; look < ends.length; look += 1) {
    const seen = left.filter((trial) => lookOf(trial) <= look);
    const taken = lookAtParts({ ...parts, trials: seen }, look);
    left.forEach((trial, at) => {
      const stopped = lookOf(trial) === look + 1 ? stoppedBy(trial, taken) : undefined;
      if (stopped === undefined) return;
      left[at] = { ...trial, outcome: { label: 'notRun', reason: reasonOfLook(stopped) }, cut: false };
    });
  }
  return left;
}

/** Evidence and run under their digests. */
export function buildReceipt(evidence: Evidence, run: RunRecord): Receipt {
  const evidenceDigest = digestOf(evidence);
  return {
    schema: 'mixgate.receipt/1',
    evidence,
    run,
    evidenceDigest,
    digest: receiptDigest({ evidence, run }),
  };
}

function standingOf(
  parts: ReceiptParts,
  candidate: Comparable,
): { standing: BaselineStanding; record: BaselineRecord } {
  const { baseline, policy, trials, asOf } = parts;
  if (baseline !== undefined) return compareWithBaseline({ baseline, candidate, trials, asOf });
  const status = policy.baseline === 'none' ? 'none' : 'notGiven';
  return { standing: { status }, record: { status } };
}

/** What of a run must be as in another for the two to be compared. */
export function comparableOf({
  policy,
  plan,
  sources,
  served,
  judge,
  ledgerIds,
  promptsCounted,
}: Pick<
  ReceiptParts,
  'policy' | 'plan' | 'sources' | 'served' | 'judge' | 'ledgerIds' | 'promptsCounted'
>): Comparable {
  const { rowsUsed } = plan;
  return {
    served,
    judge: {
      kind: judge.kind,
      served: judge.served,
      promptSha256: judge.promptSha256,
      parameters: judge.parameters,
      members: judge.members,
      card: judge.card === undefined ? null : cardRecord(judge.card),
      minKappa: policy.judge.minKappa,
      canaries: { sha256: judge.canariesSha256, ...judge.agreement },
    },
    suite: {
      planSha256: plan.sha256,
      ...layoutRecord(policy),
      truncation: promptsCounted ? 'refused' : 'unchecked',
      harmfulDemonstrations: sources.harmful.map((pool) => sourceRecord(pool, rowsUsed.demonstrations)),
      benignDemonstrations: sources.benign.map((pool) => sourceRecord(pool, rowsUsed.demonstrations)),
      queries: sources.queries.map((list) => sourceRecord(list, rowsUsed.queries)),
      controlQueries: sources.controls.map((list) => sourceRecord(list, rowsUsed.controls)),
    },
    sampling: samplingRecord(policy, sha256(policy.sampling.systemPrompt)),
    ledgerIds,
  };
}

function sourceRecord<Row>(source: Source<Row>, used: RowsUsed): SourceRecord {
  const { name, sha256: hash, licence, hub, fileRows, usable, nearDuplicates } = source;
  const counts = { rows: fileRows, usable: usable.length, nearDuplicates, used: used.get(name) ?? 0 };
  return { name, sha256: hash, licence, hub, ...counts };
}
