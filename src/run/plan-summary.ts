import { type CardTables, errorFor } from '../analysis/card-error.ts';
import type { Hits } from '../analysis/judge-error.ts';
import { type Suggestion, suggestDesign } from '../analysis/suggest-design.ts';
import type { Policy } from '../config/policy.ts';
import { type CheckPower, type Designs, powerOfChecks } from '../gate/check-power.ts';
import { listChecks } from '../gate/checks.ts';
import { type SuiteCells, suiteCells } from '../gate/suite-cells.ts';
import { type PassIfEqual, passIfEqual } from '../simulate/pass-if-equal.ts';
import { type PlannedGate, planGate } from '../simulate/planned-gate.ts';
import { type SmallestEffect, smallestEffects } from '../simulate/smallest-effects.ts';
import { type CapFit, fitBudget } from '../suite/budget-fit.ts';
import { meanAnswerShare, type PlanCost } from '../suite/cost.ts';
import type { Plan } from '../suite/plan.ts';
import { planNotes } from '../suite/plan-notes.ts';
import type { Sources } from '../suite/sources.ts';

/** A plan for people and programs: what it asks, what that costs, and what it could see. */
export interface PlanSummary {
  readonly name: string;
  readonly sha256: string;
  readonly conditions: readonly {
    readonly id: string;
    readonly benign: number;
    readonly harmful: number;
    readonly ordering: string;
    readonly carrier: string;
    readonly formatCue: string;
    readonly trials: number;
  }[];
  readonly controls: readonly { readonly condition: string; readonly trials: number }[];
  readonly trials: number;
  readonly contexts: number;
  readonly requests: number;
  readonly judgeRequests: number;
  readonly tokenCounts: PlanCost['tokenCounts'];
  readonly promptTokens: PlanCost['promptTokens'];
  readonly longestPrompt: number;
  /** At the most: every answer at full length. */
  readonly completionTokens: number;
  readonly expectedCompletionTokens: number;
  /** Expected; null where the policy names no speed, or no prices. */
  readonly minutes: number | null;
  readonly cost: number | null;
  readonly budget: readonly CapFit[];
  /** By check, as a share: so far on the safe side of its limit a candidate passes it in 80 % of runs. */
  readonly smallestEffect: Readonly<Record<string, number>>;
  readonly checks: readonly PlannedCheck[];
  readonly passIfEqual: number;
  readonly failIfEqual: number;
  readonly passIfEqualRuns: number;
  readonly passIfEqualByCheck: PassIfEqual['byCheck'];
  /** Of a candidate that complies ten points more than its baseline in every condition. */
  readonly failIfWorse: number;
  readonly passIfWorse: number;
  readonly suggestion: Suggestion | null;
  readonly assumptions: readonly string[];
  readonly warnings: readonly string[];
}

/** What a check could see. */
interface PlannedCheck extends CheckPower {
  readonly smallestEffect: number;
  /** So far beyond its limit, in all that it reads, a candidate fails it in 80 % of runs; 1 where it never does. */
  readonly failsFrom: number;
  /** What becomes of this check, held by itself, for a candidate that is ten points worse in all that it reads. */
  readonly ifWorse: SmallestEffect['ifWorse'];
}

/** Sums a plan up: what it asks and costs, and what its checks could see. */
export function summarizePlan(input: {
  readonly plan: Plan;
  readonly policy: Policy;
  readonly sources: Sources;
  readonly cost: PlanCost;
  /** Tokens that the server’s context holds, where it says so. */
  readonly contextLength: number | null;
  /** What its judge leaves to doubt. */
  readonly doubts: readonly string[];
  /** The tables of its judge’s card, where the policy names one. */
  readonly card?: CardTables | undefined;
}): PlanSummary {
  const { plan, policy, cost, card } = input;
  const { evaluation, control } = designsOf(plan);
  const cells = suiteCells(policy, plan.conditions, plan.controlConditions);
  const designs = { evaluation, control };
  const gate = planGate(plan, policy, card);
  const checks = planChecks(gate, { policy, designs, cells });
  const equal = passIfEqual(gate);
  const budget = fitBudget(policy, cost);
  return {
    name: policy.name,
    sha256: plan.sha256,
    conditions: plan.conditions.map(({ id, benign, harmful, ordering, carrier, formatCue }) => {
      const trials = evaluation.get(id)?.values ?? 0;
      return { id, benign, harmful, ordering, carrier, formatCue, trials };
    }),
    controls: plan.controlConditions.map((id) => ({ condition: id, trials: control.get(id)?.values ?? 0 })),
    trials: plan.trials.length,
    ...costFigures(cost),
    budget,
    smallestEffect: Object.fromEntries(checks.map(({ name, smallestEffect }) => [name, smallestEffect])),
    checks,
    passIfEqual: equal.share,
    failIfEqual: equal.fail,
    passIfEqualRuns: equal.runs,
    passIfEqualByCheck: equal.byCheck,
    failIfWorse: equal.ifWorse.fail,
    passIfWorse: equal.ifWorse.pass,
    suggestion: suggest(input, designs) ?? null,
    assumptions: assumptionsOf(policy, equal, card),
    warnings: [
      ...checkWarnings(checks),
      ...budgetWarnings(budget),
      ...contextWarnings(input),
      ...planNotes(policy),
      ...input.doubts,
    ],
  };
}

/** What the plan costs, as a summary tells it. */
function costFigures(cost: PlanCost) {
  const { contexts, requests, judgeRequests, tokenCounts, promptTokens, longestPrompt } = cost;
  return {
    contexts,
    requests,
    judgeRequests,
    tokenCounts,
    promptTokens,
    longestPrompt,
    completionTokens: cost.completionTokens.worst,
    expectedCompletionTokens: cost.completionTokens.expected,
    minutes: cost.minutes?.expected ?? null,
    cost: cost.money?.expected ?? null,
  };
}

function planChecks(
  gate: PlannedGate,
  {
    policy,
    designs,
    cells,
  }: { readonly policy: Policy; readonly designs: Designs; readonly cells: SuiteCells },
): PlannedCheck[] {
  const { ends } = gate.ground;
  const checks = powerOfChecks({ policy, checks: listChecks(policy, cells), cells, designs, ends });
  const effects = smallestEffects(gate);
  return checks.map((check) => {
    const { passes = 1, fails = 1, ifWorse = { pass: 0, fail: 0 } } = effects.get(check.name) ?? {};
    const [smallestEffect, failsFrom] = [check.neverPasses ? 1 : passes, check.neverFails ? 1 : fails];
    return { ...check, smallestEffect, failsFrom, ifWorse };
  });
}

/** Planned answers and clusters by condition. */
function designsOf({ trials }: Plan): Designs {
  const found = {
    evaluation: new Map<string, { values: number; blocks: Set<number> }>(),
    control: new Map<string, { values: number; blocks: Set<number> }>(),
  };
  for (const { role, conditions, block } of trials) {
    for (const id of conditions) {
      const known = found[role].get(id) ?? { values: 0, blocks: new Set<number>() };
      found[role].set(id, known);
      known.values += 1;
      known.blocks.add(block);
    }
  }
  const sized = (of: Map<string, { values: number; blocks: Set<number> }>) =>
    new Map([...of].map(([id, { values, blocks }]) => [id, { values, clusters: blocks.size }]));
  return { evaluation: sized(found.evaluation), control: sized(found.control) };
}

/** Between designs under `block`: 10 % of paired answers differ, 1 % of their variance is common to a context. */
const assumedSpread = { variance: 0.1, intraCluster: 0.01 };
/** Tokens around a query and an answer when a judge reads them. */
const judgeFrame = 150;

/** What would see more at the same cost, in the layout in which contexts are shared. */
function suggest(
  { plan, policy, sources, cost }: Parameters<typeof summarizePlan>[0],
  { evaluation }: Designs,
): Suggestion | undefined {
  if (policy.suite.layout !== 'block') return undefined;
  const design = plan.conditions.flatMap(({ id }) => evaluation.get(id) ?? [])[0];
  if (design === undefined) return undefined;
  const asked = (cost.promptTokens.computed - cost.contextTokens) / cost.trials;
  const answer = cost.completionTokens.expected / cost.trials;
  const judged = cost.judgeRequests > 0 ? asked + answer + judgeFrame : 0;
  return suggestDesign({
    design,
    spread: assumedSpread,
    alpha: policy.decision.alpha,
    cost: { contextTokens: cost.contextTokens / cost.contexts, queryTokens: asked + answer + judged },
    available: sources.queries.reduce((sum, { usable }) => sum + usable.length, 0),
  });
}

function assumptionsOf(
  { decision }: Policy,
  { assumed }: PassIfEqual,
  card: CardTables | undefined,
): string[] {
  const looks = decision.looks === 1 ? 'one look at the end' : `up to ${decision.looks} looks`;
  return [
    `compliance ${percent(assumed.zeroShot)} in every condition of the baseline; ${percent(assumed.control)} of control queries answered`,
    `${percent(assumed.discordance)} of answers differ between the baseline and a candidate equal to it; a worse one complies ${percent(assumed.worseBy)} more in every condition`,
    `a check passes from, or fails from, so far off its limit in 80 % of runs, where all that it reads lies there; ${looks}, one-sided error ${percent(decision.alpha)}, failures shared among the checks`,
    `nothing unscored; ${judgeAssumed(card)}`,
    `answers of ${percent(meanAnswerShare)} of maxTokens on average; no retries, no reasoning`,
  ];
}

function judgeAssumed(card: CardTables | undefined): string {
  if (card === undefined) return 'no judge error';
  const { sensitivity, specificity } = errorFor(card, 'evaluation').error;
  const share = ({ x, n }: Hits) => percent(x / n);
  return `a judge that errs as its card says (sensitivity ${share(sensitivity)}, specificity ${share(specificity)}), anew at each answer: checks hold on raw and corrected figures`;
}

function checkWarnings(checks: readonly CheckPower[]): string[] {
  return checks.flatMap(({ name, neverPasses, neverFails }) => [
    ...(neverPasses === '' ? [] : [`${name} can never pass: ${neverPasses}`]),
    ...(neverFails === '' ? [] : [`${name} can never fail: ${neverFails}`]),
  ]);
}

function budgetWarnings(budget: readonly CapFit[]): string[] {
  return budget.flatMap(({ cap, allowed, needed, expected, certain }) => {
    if (needed <= allowed) return [];
    const what = `budget.${cap} is ${allowed}; the plan needs ${certain ? '' : 'about '}${Math.ceil(needed)}`;
    const worst = expected <= allowed ? ` at the worst, ${Math.ceil(expected)} on average` : '';
    return [`${what}${worst}: ${certain ? 'a run is refused' : 'a run may end early'}`];
  });
}

function contextWarnings({ policy, cost, contextLength }: Parameters<typeof summarizePlan>[0]): string[] {
  const longest = cost.longestPrompt + policy.sampling.maxTokens;
  return contextLength === null || longest <= contextLength
    ? []
    : [`the longest prompt with its answer has ${longest} tokens; the server’s context is ${contextLength}`];
}

function percent(share: number): string {
  return `${Number((100 * share).toFixed(1))} %`;
}
