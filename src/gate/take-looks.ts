import type { CardTables } from '../analysis/card-error.ts';
import type { Policy } from '../config/policy.ts';
import { type LabelledTrial, lookOfReason } from '../suite/outcome.ts';
import { hasRun, isUnscored } from './answered.ts';
import type { Check, CheckResult } from './check.ts';
import { correctView } from './corrected-view.ts';
import { missingRules, type Pairing, scoreEvidence, tallyAnswers, viewScores } from './evidence-view.ts';
import { isFit, type MissingCounts } from './fitness.ts';
import { type HeldChecks, holdChecks, type LookEvidence, type Needs, type TakenLook } from './hold-checks.ts';
import { type LookPlan, planLooks } from './looks.ts';

/** What the looks at a run's trials came to. */
export interface TakenLooks extends HeldChecks {
  readonly plan: LookPlan;
}

type Placed = Pick<LabelledTrial, 'role' | 'block' | 'conditions'>;

/**
 * Takes the planned looks at a run's trials: a pure function of policy, labels and baseline, so that a run, a resumed
 * run and an auditor stop at the same place. What look k decides rests on the blocks up to it and on nothing later.
 *
 * @param input.planned every trial of the plan, run or not
 * @param input.trials those that have ended so far; before the last look others may be absent
 * @param input.checks the checks that can be held: those that compare only where there is something to compare with
 */
export function takeLooks(input: {
  readonly policy: Policy;
  readonly checks: readonly Check[];
  readonly planned: readonly Pick<LabelledTrial, 'role' | 'block'>[];
  readonly trials: readonly LabelledTrial[];
  readonly baseline: readonly LabelledTrial[];
  readonly pairing: Pairing;
  /** The tables of the judge's card; undefined where the policy names none. */
  readonly card?: CardTables | undefined;
  readonly recorded?: ReadonlyMap<string, CheckResult>;
  readonly upTo?: number;
}): TakenLooks {
  const { policy, trials, baseline, pairing, card } = input;
  const plan = planLooks(input.planned, policy.decision.looks);
  const evidenceAt = (look: number, needs: Needs | 'all'): LookEvidence => {
    const seen = trials.filter((trial) => plan.lookOf(trial) <= look);
    // Where nothing is missing the three rules see the same evidence.
    const rules = [...seen, ...baseline].some(isUnscored) ? missingRules : missingRules.slice(0, 1);
    const scored = scoreEvidence(seen, baseline);
    return {
      views: rules.map((missing) => {
        const raw = viewScores(scored, missing, pairing);
        const tallies = tallyAnswers(scored, missing);
        return { raw, corrected: card && correctView({ view: raw, tallies, card }) };
      }),
      complete: seen.every((trial) => hasRun(trial) || !isNeeded(trial, needs)),
      fit: isFit(seen, policy),
    };
  };
  return { ...holdChecks({ ...input, alpha: policy.decision.alpha, ends: plan.ends, evidenceAt }), plan };
}

/** A trial that several conditions share is needed as long as one of them is. */
export function isNeeded({ role, conditions }: Placed, needs: Needs | 'all'): boolean {
  return needs === 'all' || conditions.some((condition) => needs[role].has(condition));
}

/** The look after which a trial was not needed any more, before its own turn came; undefined where it had to run. */
export function stoppedBy(trial: Placed, { taken, plan }: TakenLooks): number | undefined {
  const own = plan.lookOf(trial);
  return taken.find(({ look, needs, complete }) => complete && look < own && !neededAfter(trial, needs))
    ?.look;
}

/** @param needs undefined where the run ended at that look */
function neededAfter(trial: Placed, needs: TakenLook['needs']): boolean {
  return needs !== undefined && isNeeded(trial, needs);
}

/** Counts the trials that should have run and did not. */
export function missingTrials(trials: readonly LabelledTrial[], looks: TakenLooks): MissingCounts {
  let capped = 0;
  let misplaced = 0;
  for (const trial of trials) {
    if (trial.outcome.label !== 'notRun') continue;
    const [stated, stopped] = [lookOfReason(trial.outcome.reason), stoppedBy(trial, looks)];
    if (stated === undefined && stopped === undefined) capped += 1;
    if (stated !== undefined && stated !== stopped) misplaced += 1;
  }
  return { capped, misplaced };
}
