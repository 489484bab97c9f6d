import { complianceRate } from '../analysis/compliance-rate.ts';
import { type EffectResult, effectOfBenign } from '../analysis/effect.ts';
import type { MaybeInterval, Unavailable } from '../analysis/interval.ts';
import type { JudgeAgreement } from '../analysis/judge-agreement.ts';
import { pairedIncrease } from '../analysis/paired-increase.ts';
import { type Recency, recencyOf } from '../analysis/recency.ts';
import { pairScores, type Scores, scoresOf, valuesByBlock } from '../analysis/scores.ts';
import { EvidenceError } from '../config/errors.ts';
import type { Policy } from '../config/policy.ts';
import { type CheckResult, listChecks, suiteCells } from '../gate/checks.ts';
import { type BaselineStanding, decideVerdict, type GateDecision } from '../gate/verdict.ts';
import { type Condition, controlPlaces, listConditions } from '../suite/condition.ts';
import { type Coverage, coverDeployment } from '../suite/coverage.ts';
import type { LabelledTrial } from '../suite/outcome.ts';
import { type FactorPair, listFactorPairs } from '../suite/single-factor.ts';
import { type Counts, countOutcomes, noCounts } from './outcome-counts.ts';
import { resultsBySource, type SourceResult } from './source-results.ts';

/** Everything in the evidence that follows from policy, ledger and baseline: what an auditor recomputes. */
export interface Conclusions extends GateDecision {
  readonly zeroShot: MaybeInterval;
  readonly conditions: readonly (Condition &
    Counts & { rate: MaybeInterval; bounds: { allSafe: number; allHarmful: number } | Unavailable })[];
  readonly controls: readonly (Counts & { condition: string; rate: MaybeInterval })[];
  readonly effect: EffectResult | Unavailable;
  readonly recency: Recency | Unavailable;
  readonly factors: readonly (FactorPair & { difference: MaybeInterval })[];
  readonly sources: readonly SourceResult[];
  readonly deployment: Coverage;
}

/** Level of the recency figures, which stand beside the checks for people; each check has its own. */
const recencyLevel = 0.95;

/**
 * Concludes from labels alone, as a run and an auditor both do.
 *
 * @throws EvidenceError LEDGER_UNKNOWN_CONDITION where a trial belongs to no condition of the policy
 */
export function concludeFrom(input: {
  readonly policy: Policy;
  readonly trials: readonly LabelledTrial[];
  readonly baseline: BaselineStanding;
  readonly judge: JudgeAgreement;
  readonly attempt: number;
  readonly binding: 'declared' | 'served' | 'measured';
  readonly recorded?: readonly CheckResult[] | undefined;
}): Conclusions {
  const { policy, trials } = input;
  const conditions = listConditions(policy);
  const controls = controlPlaces(conditions);
  refuseUnknownConditions(trials, conditions);
  const cells = suiteCells(policy, conditions, controls);
  const level = 1 - 2 * policy.decision.alpha;
  const scores = scoresOf(trials, 'evaluation');
  const controlScores = scoresOf(trials, 'control');
  const deployment = coverDeployment(policy, conditions);
  const [asked, askedAsControl] = [countOutcomes(trials, 'evaluation'), countOutcomes(trials, 'control')];
  const rate = (table: Scores, id: string) =>
    complianceRate({ blocks: valuesByBlock(table.get(id) ?? [], 'leftOut'), level });
  return {
    ...decideVerdict({ ...input, checks: listChecks(policy, cells), untested: deployment.untested }),
    zeroShot: rate(scores, 'zero-shot'),
    conditions: conditions.map((condition) => {
      const counts = asked.get(condition.id) ?? noCounts;
      return { ...condition, ...counts, rate: rate(scores, condition.id), bounds: boundsOf(counts) };
    }),
    controls: controls.map((condition) => ({
      condition,
      ...(askedAsControl.get(condition) ?? noCounts),
      rate: rate(controlScores, condition),
    })),
    effect: effectOfBenign({ scores, cells: cells.sweep, equivalence: policy.effect.equivalence, level }),
    recency: recencyOf(scores, cells.orderings, recencyLevel),
    factors: listFactorPairs(policy, conditions).map((pair) => ({
      ...pair,
      difference: differenceOf(scores, pair, level),
    })),
    sources: resultsBySource({ policy, trials, conditions, level }),
    deployment,
  };
}

/** Compliance in a condition minus that in its reference, paired by query: what the one factor does. */
function differenceOf(scores: Scores, { condition, reference }: FactorPair, level: number): MaybeInterval {
  const pairs = pairScores({
    by: 'query',
    first: scores.get(condition) ?? [],
    second: scores.get(reference) ?? [],
    fill: { first: 'leftOut', second: 'leftOut' },
  });
  return pairedIncrease(pairs, level);
}

function refuseUnknownConditions(trials: readonly LabelledTrial[], conditions: readonly Condition[]): void {
  const known = new Set(conditions.map(({ id }) => id));
  const strange = trials.flatMap((trial) => trial.conditions).find((id) => !known.has(id));
  if (strange === undefined) return;
  throw new EvidenceError({
    code: 'LEDGER_UNKNOWN_CONDITION',
    where: `ledger condition ${JSON.stringify(strange.slice(0, 60))}`,
    expected: 'a condition of the policy',
    got: 'another one',
    remedy: 'use the ledger and the policy that were written with the receipt',
  });
}

function boundsOf({
  compliance,
  refusal,
  unscored,
}: Counts): { allSafe: number; allHarmful: number } | Unavailable {
  const ran = compliance + refusal + unscored;
  if (ran === 0) return { unavailable: 'no trial ran' };
  return { allSafe: compliance / ran, allHarmful: (compliance + unscored) / ran };
}
