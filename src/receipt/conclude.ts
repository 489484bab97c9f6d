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
import { ratesOf } from '../gate/corrected-view.ts';
import type { LookRecord } from '../gate/look-record.ts';
import { nominalError, smallestError } from '../gate/looks.ts';
import { suiteCells } from '../gate/suite-cells.ts';
import { decideVerdict, type GateDecision } from '../gate/verdict.ts';
import { type Condition, controlPlaces, listConditions } from '../suite/condition.ts';
import { type Coverage, coverDeployment } from '../suite/coverage.ts';
import { type LabelledTrial, lookOfReason } from '../suite/outcome.ts';
import { type FactorPair, listFactorPairs } from '../suite/single-factor.ts';
import { type FormatResult, formatsOf } from './formats.ts';
import { type MarginCounts, marginOf, type PanelAgreement, panelAgreement } from './judged-how.ts';
import { type Counts, countOutcomes, noCounts } from './outcome-counts.ts';
import { resultsBySource, type SourceResult } from './source-results.ts';

/** Everything in the evidence that follows from policy, ledger and baseline: what an auditor recomputes. */
export interface Conclusions extends GateDecision {
  readonly zeroShot: MaybeInterval;
  readonly conditions: readonly (Condition &
    Counts & {
      rate: MaybeInterval;
      corrected?: MaybeInterval;
      bounds: { allSafe: number; allHarmful: number } | Unavailable;
      margin?: MarginCounts;
    })[];
  readonly controls: readonly (Counts & {
    condition: string;
    rate: MaybeInterval;
    corrected?: MaybeInterval;
  })[];
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

/** One-sided error of the figures that stand beside the checks for people, over all looks; each check has its own. */
const shownError = 0.025;

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
  const { policy, trials } = input;
  const conditions = listConditions(policy);
  const controls = controlPlaces(conditions);
  refuseUnknownConditions(trials, conditions);
  const cells = suiteCells(policy, conditions, controls);
  const deployment = coverDeployment(policy, conditions);
  const decision = decideVerdict({
    ...input,
    checks: listChecks(policy, cells),
    untested: deployment.untested,
  });
  const levels = errorsOf(trials, decision.looks);
  const level = (role: LabelledTrial['role'], ...places: readonly string[]) =>
    1 - 2 * levels(role, places, policy.decision.alpha);
  const sweepPlaces = cells.sweep.map(({ condition }) => condition);
  const labelError = (alpha: number) => Math.max(smallestError, levels('evaluation', sweepPlaces, alpha));
  const plain = plainCells(conditions, policy);
  const shownLevel = (cells: readonly { readonly condition: string }[]) => {
    const places = cells.map(({ condition }) => condition);
    return 1 - 2 * Math.max(smallestError, levels('evaluation', places, shownError));
  };
  const scores = scoresOf(trials, 'evaluation');
  const controlScores = scoresOf(trials, 'control');
  const [asked, askedAsControl] = [countOutcomes(trials, 'evaluation'), countOutcomes(trials, 'control')];
  const rate = (role: LabelledTrial['role'], id: string) => {
    const table = role === 'evaluation' ? scores : controlScores;
    return rateOfScores(scoresAt(table, id), level(role, id));
  };
  const corrected = correctedBy(input.card, trials);
  return {
    ...decision,
    zeroShot: rate('evaluation', 'zero-shot'),
    conditions: conditions.map((condition) => {
      const counts = asked.get(condition.id) ?? noCounts;
      return {
        ...condition,
        ...counts,
        rate: rate('evaluation', condition.id),
        ...corrected(condition.id, 'evaluation', level('evaluation', condition.id)),
        bounds: boundsOf(counts),
        ...marginOf(trials, condition.id),
      };
    }),
    controls: controls.map((condition) => ({
      condition,
      ...(askedAsControl.get(condition) ?? noCounts),
      rate: rate('control', condition),
      ...corrected(condition, 'control', level('control', condition)),
    })),
    panel: panelAgreement(trials),
    effect: effectOfBenign({
      scores,
      cells: cells.sweep,
      equivalence: policy.effect.equivalence,
      level: level('evaluation', ...sweepPlaces),
      errors: { sign: (claims) => labelError(shownError / claims), equivalence: labelError(0.05) },
    }),
    pointsPerDoubling: pointsPerDoubling({
      counts: countCells(scores, cells.sweep),
      level: level('evaluation', ...sweepPlaces),
    }),
    hypotheses: hypothesesOf({ scores, cells: plain, level: shownLevel(plain) }),
    formats: formatsOf(trials, conditions, (id) => level('evaluation', id)),
    recency: recencyOf(scores, cells.orderings, shownLevel(cells.orderings)),
    factors: listFactorPairs(policy, conditions).map((pair) => ({
      ...pair,
      difference: differenceOf(scores, pair, level('evaluation', pair.condition, pair.reference)),
    })),
    sources: resultsBySource({ policy, trials, conditions, level: (id) => level('evaluation', id) }),
    orderings: orderingRates(
      scores,
      cells.orderings,
      level('evaluation', ...cells.orderings.map(({ condition }) => condition)),
    ),
    deployment,
  };
}

/**
 * The one-sided error of a figure over conditions, of alpha over all looks: that of the look which ended the first of
 * them. A run that stopped early for what it saw has intervals that hold only at that look's own level.
 */
export function errorsOf(trials: readonly LabelledTrial[], { planned }: Pick<LookRecord, 'planned'>) {
  const ended = new Map<string, number>();
  for (const { role, conditions, outcome } of trials) {
    const look = outcome.label === 'notRun' ? lookOfReason(outcome.reason) : undefined;
    if (look === undefined) continue;
    for (const id of conditions) {
      const key = `${role} ${id}`;
      ended.set(key, Math.min(look, ended.get(key) ?? look));
    }
  }
  return (role: LabelledTrial['role'], conditions: readonly string[], alpha: number): number => {
    const looks = conditions.map((id) => ended.get(`${role} ${id}`) ?? planned.length);
    return nominalError(alpha, planned, Math.min(planned.length, ...looks));
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

type Role = LabelledTrial['role'];

/** Each condition's rate without the judge's error, where a card tells it. */
function correctedBy(card: CardTables | undefined, trials: readonly LabelledTrial[]) {
  if (card === undefined) return () => ({});
  const rates = {
    evaluation: ratesOf(trials, 'evaluation', card),
    control: ratesOf(trials, 'control', card),
  };
  return (id: string, role: Role, level: number) => ({ corrected: rates[role](id, level) });
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

function boundsOf({
  compliance,
  refusal,
  unscored,
}: Counts): { allSafe: number; allHarmful: number } | Unavailable {
  const ran = compliance + refusal + unscored;
  if (ran === 0) return { unavailable: 'no trial ran' };
  return { allSafe: compliance / ran, allHarmful: (compliance + unscored) / ran };
}
