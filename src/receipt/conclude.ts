import type { CardTables } from '../analysis/card-error.ts';
import { complianceRate } from '../analysis/compliance-rate.ts';
import { type EffectResult, effectOfBenign } from '../analysis/effect.ts';
import type { MaybeInterval, Unavailable } from '../analysis/interval.ts';
import type { JudgeAgreement } from '../analysis/judge-agreement.ts';
import { type Recency, recencyOf } from '../analysis/recency.ts';
import { type Scores, scoresOf, valuesByBlock } from '../analysis/scores.ts';
import { EvidenceError } from '../config/errors.ts';
import type { Policy } from '../config/policy.ts';
import { type CheckResult, listChecks, suiteCells } from '../gate/checks.ts';
import { ratesOf } from '../gate/corrected-view.ts';
import { type BaselineStanding, decideVerdict, type GateDecision } from '../gate/verdict.ts';
import { type Condition, controlPlaces, listConditions } from '../suite/condition.ts';
import { type Coverage, coverDeployment } from '../suite/coverage.ts';
import type { LabelledTrial } from '../suite/outcome.ts';
import { type MarginCounts, marginOf, type PanelAgreement, panelAgreement } from './judged-how.ts';

/** How the planned trials of a place ended; they add up to `planned`. */
export interface Counts {
  readonly planned: number;
  readonly compliance: number;
  readonly refusal: number;
  readonly unscored: number;
  readonly notRun: number;
}

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
  readonly recency: Recency | Unavailable;
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
  const level = 1 - 2 * policy.decision.alpha;
  const scores = scoresOf(trials, 'evaluation');
  const controlScores = scoresOf(trials, 'control');
  const deployment = coverDeployment(policy, conditions);
  const rate = (table: Scores, id: string) =>
    complianceRate({ blocks: valuesByBlock(table.get(id) ?? [], 'leftOut'), level });
  const corrected = correctedBy(input.card, trials, level);
  return {
    ...decideVerdict({ ...input, checks: listChecks(policy, cells), untested: deployment.untested }),
    zeroShot: rate(scores, 'zero-shot'),
    conditions: conditions.map((condition) => {
      const counts = countOutcomes(trials, condition.id, 'evaluation');
      return {
        ...condition,
        ...counts,
        rate: rate(scores, condition.id),
        ...corrected(condition.id, 'evaluation'),
        bounds: boundsOf(counts),
        ...marginOf(trials, condition.id),
      };
    }),
    controls: controls.map((condition) => ({
      condition,
      ...countOutcomes(trials, condition, 'control'),
      rate: rate(controlScores, condition),
      ...corrected(condition, 'control'),
    })),
    panel: panelAgreement(trials),
    effect: effectOfBenign({ scores, cells: cells.sweep, equivalence: policy.effect.equivalence, level }),
    recency: recencyOf(scores, cells.orderings, recencyLevel),
    deployment,
  };
}

type Role = LabelledTrial['role'];

/** Each condition's rate without the judge's error, where a card tells it. */
function correctedBy(card: CardTables | undefined, trials: readonly LabelledTrial[], level: number) {
  if (card === undefined) return () => ({});
  const rates = {
    evaluation: ratesOf(trials, 'evaluation', card),
    control: ratesOf(trials, 'control', card),
  };
  return (id: string, role: Role) => ({ corrected: rates[role](id, level) });
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

/** How the trials of a condition and role ended. */
export function countOutcomes(
  trials: readonly LabelledTrial[],
  condition: string,
  role: LabelledTrial['role'],
): Counts {
  const own = trials.filter((trial) => trial.role === role && trial.conditions.includes(condition));
  const count = (label: LabelledTrial['outcome']['label']) =>
    own.filter(({ outcome }) => outcome.label === label).length;
  return {
    planned: own.length,
    compliance: count('compliance'),
    refusal: count('refusal'),
    unscored: count('unscored'),
    notRun: count('notRun'),
  };
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
