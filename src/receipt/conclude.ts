import type { CardTables } from '../analysis/card-error.ts';
import { type CountCell, countCells } from '../analysis/cell-counts.ts';
import { rateOfScores } from '../analysis/compliance-rate.ts';
import { type EffectResult, effectOfBenign } from '../analysis/effect.ts';
import { type Hypotheses, hypothesesOf } from '../analysis/hypotheses.ts';
import type { MaybeInterval, Unavailable } from '../analysis/interval.ts';
import type { JudgeAgreement } from '../analysis/judge-agreement.ts';
import { orderingRates } from '../analysis/ordering-rates.ts';
import { pairedIncrease } from '../analysis/paired-increase.ts';
import { pointsPerDoubling } from '../analysis/rate-slope.ts';
import { type Recency, recencyOf } from '../analysis/recency.ts';
import { pairScores, type Scores, scoresAt, scoresOf } from '../analysis/scores.ts';
import { EvidenceError } from '../config/errors.ts';
import type { Policy } from '../config/policy.ts';
import type { BaselineStanding } from '../gate/baseline-standing.ts';
import type { CheckResult } from '../gate/check.ts';
import { listChecks } from '../gate/checks.ts';
import { type SuiteCells, suiteCells } from '../gate/suite-cells.ts';
import { decideVerdict, type GateDecision } from '../gate/verdict.ts';
import { type Condition, controlPlaces, listConditions } from '../suite/condition.ts';
import { type Coverage, coverDeployment } from '../suite/coverage.ts';
import type { LabelledTrial } from '../suite/outcome.ts';
import { type FactorPair, listFactorPairs } from '../suite/single-factor.ts';
import { type ConditionRate, type ControlRate, conditionRates, controlRates } from './condition-rates.ts';
import { type FormatResult, formatsOf } from './formats.ts';
import { type PanelAgreement, panelAgreement } from './judged-how.ts';
import { levelsOf, type ShownLevels } from './shown-levels.ts';
import { resultsBySource, type SourceResult } from './source-results.ts';

/** Everything in the evidence that follows from policy, ledger and baseline: what an auditor recomputes. */
export interface Conclusions extends GateDecision {
  readonly zeroShot: MaybeInterval;
  readonly conditions: readonly ConditionRate[];
  readonly controls: readonly ControlRate[];
  readonly panel?: PanelAgreement | undefined;
  readonly effect: EffectResult | Unavailable;
  /** Points of compliance (in rate) that a doubling of benign demonstrations adds. */
  readonly pointsPerDoubling: MaybeInterval;
  readonly hypotheses: Hypotheses;
  readonly formats: readonly FormatResult[];
  readonly recency: Recency | Unavailable;
  readonly factors: readonly (FactorPair & { difference: MaybeInterval })[];
  readonly sources: readonly SourceResult[];
  readonly orderings: readonly { readonly ordering: string; readonly rate: MaybeInterval }[];
  readonly deployment: Coverage;
}

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
  readonly card?: CardTables | undefined;
  readonly attempt: number;
  readonly binding: 'declared' | 'served' | 'measured';
  readonly recorded?: readonly CheckResult[] | undefined;
}): Conclusions {
  const { policy, trials, card } = input;
  const conditions = listConditions(policy);
  refuseUnknownConditions(trials, conditions);
  const controls = controlPlaces(conditions);
  const cells = suiteCells(policy, conditions, controls);
  const deployment = coverDeployment(policy, conditions);
  const { untested } = deployment;
  const decision = decideVerdict({ ...input, checks: listChecks(policy, cells), untested });
  const levels = levelsOf(trials, decision.looks, policy.decision.alpha);
  const scores = scoresOf(trials, 'evaluation');
  const levelOf = (id: string) => levels.of('evaluation', id);
  return {
    ...decision,
    zeroShot: rateOfScores(scoresAt(scores, 'zero-shot'), levelOf('zero-shot')),
    conditions: conditionRates(conditions, { trials, scores, card, levels }),
    controls: controlRates(controls, { trials, scores: scoresOf(trials, 'control'), card, levels }),
    panel: panelAgreement(trials),
    ...countsFindings({ policy, conditions, cells, scores, levels }),
    ...orderFindings({ cells, scores, levels }),
    formats: formatsOf(trials, conditions, levelOf),
    factors: factorFindings(listFactorPairs(policy, conditions), { scores, levels }),
    sources: resultsBySource({ policy, trials, conditions, level: levelOf }),
    deployment,
  };
}

/** What findings over several conditions are made of. */
interface Ground {
  readonly policy: Policy;
  readonly conditions: readonly Condition[];
  readonly cells: SuiteCells;
  readonly scores: Scores;
  readonly levels: ShownLevels;
}

/** What the counts of demonstrations do: the benign sweep's effect, and the hypotheses about counts. */
function countsFindings({ policy, conditions, cells, scores, levels }: Ground) {
  const swept = idsOf(cells.sweep);
  const level = levels.of('evaluation', ...swept);
  const plain = plainCells(conditions, policy);
  return {
    effect: effectOfBenign({
      scores,
      cells: cells.sweep,
      equivalence: policy.effect.equivalence,
      level,
      errors: levels.label(swept),
    }),
    pointsPerDoubling: pointsPerDoubling({ counts: countCells(scores, cells.sweep), level }),
    hypotheses: hypothesesOf({ scores, cells: plain, level: levels.beside(idsOf(plain)) }),
  };
}

/** What the order of the same demonstrations does. */
function orderFindings({
  cells: { orderings },
  scores,
  levels,
}: Pick<Ground, 'cells' | 'scores' | 'levels'>) {
  const ids = idsOf(orderings);
  return {
    recency: recencyOf(scores, orderings, levels.beside(ids)),
    orderings: orderingRates(scores, orderings, levels.of('evaluation', ...ids)),
  };
}

/** Compliance in a condition minus that in its reference, paired by query: what the one factor does. */
function factorFindings(
  factors: readonly FactorPair[],
  { scores, levels }: Pick<Ground, 'scores' | 'levels'>,
): Conclusions['factors'] {
  return factors.map((factor) => {
    const { condition, reference } = factor;
    const pairs = pairScores({
      by: 'query',
      first: scores.get(condition) ?? [],
      second: scores.get(reference) ?? [],
      fill: { first: 'leftOut', second: 'leftOut' },
    });
    const level = levels.of('evaluation', condition, reference);
    return { ...factor, difference: pairedIncrease(pairs, level) };
  });
}

function idsOf(cells: readonly { readonly condition: string }[]): string[] {
  return cells.map(({ condition }) => condition);
}

/** The conditions that differ in their counts alone: what the hypotheses about counts read. */
function plainCells(conditions: readonly Condition[], policy: Policy): CountCell[] {
  const main = policy.suite.benignDemonstrations[0]?.name ?? '';
  const isPlain = (one: Condition) =>
    one.ordering === 'suffix' &&
    one.carrier === 'chat' &&
    one.formatCue === 'none' &&
    one.systemPrompt === '' &&
    (one.benign === 0 || one.benignSource === main);
  return conditions.filter(isPlain).map(({ id, benign, harmful }) => ({ condition: id, benign, harmful }));
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
