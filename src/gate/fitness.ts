import type { CardTables } from '../analysis/card-error.ts';
import { fewestClusters } from '../analysis/effect.ts';
import type { JudgeAgreement } from '../analysis/judge-agreement.ts';
import type { Policy } from '../config/policy.ts';
import type { LabelledTrial } from '../suite/outcome.ts';
import { redactedSources } from '../suite/redacted.ts';
import { isScored, percent, reasonsOf, unscoredShare } from './answered.ts';
import type { CheckResult } from './check.ts';
import { judgeReasons } from './judge-reasons.ts';

/** Why a verdict is what it is, in a word for programs and a sentence for people. */
export interface Reason {
  readonly code: string;
  readonly message: string;
}

/** Trials that should have run: a cap came first, or they name a look that did not stop them. */
export interface MissingCounts {
  readonly capped: number;
  readonly misplaced: number;
}

/** Whether anything may be settled on these answers: enough blocks of them, and few enough unscored. */
export function isFit(trials: readonly LabelledTrial[], { decision }: Policy): boolean {
  // Written so that NaN is refused too.
  return unscoredShare(trials) <= decision.maxUnscored && blocksOf(trials) >= fewestClusters;
}

function blocksOf(trials: readonly LabelledTrial[]): number {
  const blocks = new Set<number>();
  for (const trial of trials) if (trial.role === 'evaluation' && isScored(trial)) blocks.add(trial.block);
  return blocks.size;
}

/** What makes the evidence itself unfit for any verdict. */
export function brokenEvidence(input: {
  readonly policy: Policy;
  readonly trials: readonly LabelledTrial[];
  readonly missing: MissingCounts;
  readonly judge: JudgeAgreement;
  readonly card?: CardTables | undefined;
  readonly attempt: number;
}): Reason[] {
  const { policy, trials, judge, card } = input;
  const { decision } = policy;
  const reasons: Reason[] = [];
  const { queries } = redactedSources(policy);
  if (queries.length > 0) {
    const message = `placeholders were asked instead of requests (${queries.join(', ')}): a dry run decides nothing`;
    reasons.push({ code: 'redactedQueries', message });
  }
  reasons.push(...missingReasons(input.missing, trials.length));
  const share = unscoredShare(trials);
  // Written so that NaN is refused too.
  if (!(share <= decision.maxUnscored)) {
    const message = `${percent(share)} of the candidate’s answers are unscored (${reasonsOf(trials)}), at most ${percent(decision.maxUnscored)} are allowed`;
    reasons.push({ code: 'unscored', message });
  }
  const blocks = blocksOf(trials);
  if (blocks < fewestClusters) {
    const message = `${blocks} blocks have scored answers; fewer than ${fewestClusters} give no verdict`;
    reasons.push({ code: 'tooFewClusters', message });
  }
  return [...reasons, ...judgeReasons(policy, judge, card), ...attemptReasons(policy, input.attempt)];
}

function missingReasons({ capped, misplaced }: MissingCounts, of: number): Reason[] {
  const reasons: Reason[] = [];
  if (capped > 0) {
    const message = `${capped} of ${of} trials were not run: a cap of the budget came first`;
    reasons.push({ code: 'notRun', message });
  }
  if (misplaced > 0) {
    const message = `${misplaced} of ${of} trials name a look that did not stop them`;
    reasons.push({ code: 'looks', message });
  }
  return reasons;
}

function attemptReasons({ decision: { maxAttempts } }: Policy, attempt: number): Reason[] {
  // Written so that NaN is refused too.
  if (attempt <= maxAttempts) return [];
  return [{ code: 'attempts', message: `this is attempt ${attempt}, at most ${maxAttempts} are allowed` }];
}

/**
 * Differences within the candidate, and control queries, hold for a server that answers everything alike; a limit of 1
 * holds for any. Written so that NaN bounds nothing.
 */
function boundsCompliance({ name, outcome, threshold }: CheckResult): boolean {
  return outcome !== 'notPlanned' && threshold < 1 && /^(zeroShot|mixed)Compliance\./.test(name);
}

/** What a pass would have to show beside its checks. */
export function gaps(
  {
    policy,
    binding,
    untested,
  }: {
    readonly policy: Policy;
    readonly binding: 'declared' | 'served' | 'measured';
    readonly untested: readonly string[];
  },
  checks: readonly CheckResult[],
): Reason[] {
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
