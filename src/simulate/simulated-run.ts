import type { CardTables } from '../analysis/card-error.ts';
import { fewestClusters } from '../analysis/effect.ts';
import type { Policy } from '../config/policy.ts';
import type { Check } from '../gate/check.ts';
import { listChecks } from '../gate/checks.ts';
import { missingRules } from '../gate/evidence-view.ts';
import { type HeldChecks, holdChecks, type Needs } from '../gate/hold-checks.ts';
import { planLooks } from '../gate/looks.ts';
import { type SuiteCells, suiteCells } from '../gate/suite-cells.ts';
import { controlPlaces } from '../suite/condition.ts';
import { coverDeployment } from '../suite/coverage.ts';
import { type DrawnLabels, type LaidWorld, layWorld, type Shifts, unscored } from './draw-world.ts';
import { fastRandom } from './fast-random.ts';
import { evidenceOf, type GridEvidence } from './grid-view.ts';
import { type CanaryCounts, drawKappa } from './judge-canaries.ts';
import type { Luck } from './luck.ts';
import { gridOf, type Layout, type TrialGrid } from './trial-grid.ts';
import type { World } from './world.ts';

/** Where trials stand, and which blocks are seen at each look. */
export interface Places {
  readonly grid: TrialGrid;
  readonly seen: readonly (readonly number[])[];
}

/** A plan’s places, and what its looks see of them, whatever the world. */
export interface Ground extends Places {
  readonly policy: Policy;
  readonly layout: Layout;
  /** The look that sees a trial first. */
  readonly looks: Uint8Array;
  readonly cells: SuiteCells;
  /** Every check that the policy makes. */
  readonly planned: readonly Check[];
  /** Undefined where the judge is not doubted. */
  readonly canaries: CanaryCounts | undefined;
  /** The judge's card, by which figures are corrected as the gate does; undefined where the policy names none. */
  readonly card: CardTables | undefined;
  /** How many blocks each look has seen, and the trials that it adds. */
  readonly ends: readonly number[];
  readonly added: readonly (readonly TrialGroup[])[];
  /** Evaluation trials. */
  readonly evaluation: Int32Array;
  /** Whether declared contexts stay untested that the policy requires. */
  readonly uncovered: boolean;
}

/** A policy, a plan’s places and a world, made ready for run after run. */
export interface Stage extends Ground {
  readonly world: World;
  readonly laid: LaidWorld;
  /** The checks that are held; `unheld` counts those that need a baseline which the world lacks. */
  readonly checks: readonly Check[];
  readonly unheld: number;
  /** Whether an answer of either model can go missing. */
  readonly missing: boolean;
}

/** Trials of one look, role and set of conditions. */
interface TrialGroup {
  readonly role: 'evaluation' | 'control';
  readonly conditions: readonly string[];
  readonly trials: number[];
}

export interface SimulatedRun {
  readonly verdict: 'pass' | 'fail' | 'inconclusive';
  readonly held: HeldChecks['held'];
  readonly trialsUsed: number;
  readonly labels: DrawnLabels;
  readonly evidence: GridEvidence;
  /** The look that ended the first of these conditions: what was asked of them later is nothing. */
  readonly endedAt: (role: 'evaluation' | 'control', conditions: readonly string[]) => number;
}

/** @throws ConfigError WORLD_IMPOSSIBLE */
export function setStage(input: {
  readonly policy: Policy;
  readonly layout: Layout;
  readonly world: World;
  readonly canaries: CanaryCounts | undefined;
  readonly card?: CardTables | undefined;
}): Stage {
  return withWorld(layGround(input), input.world);
}

/**
 * Another world on the same places.
 *
 * @param shifts points of the candidate by condition, in place of the world’s own
 * @throws ConfigError WORLD_IMPOSSIBLE
 */
export function withWorld(ground: Ground, world: World, shifts?: Shifts): Stage {
  const laid = layWorld(world, ground.grid, ground.layout.conditions, shifts);
  const { planned } = ground;
  const checks = planned.filter(({ needsBaseline }) => !needsBaseline || laid.baseline !== undefined);
  return { ...ground, world, laid, checks, unheld: planned.length - checks.length, missing: canMiss(world) };
}

export function layGround(input: {
  readonly policy: Policy;
  readonly layout: Layout;
  readonly canaries: CanaryCounts | undefined;
  readonly card?: CardTables | undefined;
}): Ground {
  const { policy, layout, canaries, card } = input;
  const { conditions, trials } = layout;
  const cells = suiteCells(policy, conditions, controlPlaces(conditions));
  const { ends, lookOf } = planLooks(trials, policy.decision.looks);
  const looks = Uint8Array.from(trials, lookOf);
  const places = placesAt(layout, looks, ends.length);
  return {
    policy,
    layout,
    looks,
    ...places,
    cells,
    planned: listChecks(policy, cells).filter(
      ({ needsBaseline }) => !(needsBaseline && policy.baseline === 'none'),
    ),
    canaries,
    card,
    ends,
    added: groupTrials(trials, looks, ends.length),
    evaluation: Int32Array.from(looks.keys()).filter((trial) => places.grid.isControl[trial] === 0),
    uncovered:
      policy.deployment?.requireCoverage === true && coverDeployment(policy, conditions).untested.length > 0,
  };
}

/** The places that some conditions have, seen at the looks of all: what holding a single check needs. */
export function partOf(ground: Ground, reads: Check['reads']): Places {
  const { layout, looks, ends } = ground;
  const read = { evaluation: new Set(reads.evaluation), control: new Set(reads.control) };
  const kept = layout.trials.flatMap(({ role, conditions }, trial) =>
    conditions.some((id) => read[role].has(id)) ? [trial] : [],
  );
  // What is left out would hardly be missed.
  if (kept.length > 0.9 * layout.trials.length) return ground;
  const trials = kept.flatMap((trial) => layout.trials[trial] ?? []);
  const own = Uint8Array.from(kept, (trial) => looks[trial] ?? 1);
  return placesAt({ conditions: layout.conditions, trials }, own, ends.length);
}

function placesAt(layout: Layout, looks: Uint8Array, count: number): Places {
  const grid = gridOf(layout);
  return { grid, seen: Array.from({ length: count }, (_, index) => blocksUpTo(index + 1, looks, grid)) };
}

function blocksUpTo(last: number, looks: Uint8Array, { blockOf }: TrialGrid): number[] {
  const blocks = new Set<number>();
  looks.forEach((look, trial) => {
    if (look <= last) blocks.add(blockOf[trial] ?? 0);
  });
  return [...blocks].sort((a, b) => a - b);
}

/** By look. */
function groupTrials(trials: Layout['trials'], looks: Uint8Array, count: number): TrialGroup[][] {
  const byLook = Array.from({ length: count }, () => ({
    evaluation: new Map<string, TrialGroup>(),
    control: new Map<string, TrialGroup>(),
  }));
  trials.forEach(({ role, conditions }, trial) => {
    const groups = byLook[(looks[trial] ?? 1) - 1]?.[role];
    const key = conditions.length === 1 ? (conditions[0] ?? '') : conditions.join(' ');
    const group = groups?.get(key) ?? { role, conditions, trials: [] };
    groups?.set(key, group);
    group.trials.push(trial);
  });
  return byLook.map(({ evaluation, control }) => [...evaluation.values(), ...control.values()]);
}

/** One run: labels drawn, looks taken, checks held, verdict reached by the gate’s own rules. */
export function simulateRun(stage: Stage, label: string): SimulatedRun {
  return decideRun(stage, stage.laid.luckOf(label));
}

/** The same with luck that another world of these places may have met too. */
export function decideRun(stage: Stage, luck: Luck): SimulatedRun {
  const { policy, grid, laid, ends, missing } = stage;
  const labels = laid.meet(luck);
  const evidence = evidenceOf(grid, labels);
  const compares = !missing || baselineIsFit(stage, labels);
  const checks = stage.checks.filter(({ needsBaseline }) => compares || !needsBaseline);
  const asked = { trials: 0, unscored: 0 };
  const ended = { evaluation: new Map<string, number>(), control: new Map<string, number>() };
  const isFit = () =>
    (stage.seen.at(-1)?.length ?? 0) >= fewestClusters &&
    // Written so that NaN is refused too.
    asked.unscored / asked.trials <= policy.decision.maxUnscored;
  const evidenceAt = (look: number, needs: Needs | 'all') => {
    for (const group of stage.added[look - 1] ?? []) {
      if (!needed(group, needs)) {
        endAt(ended[group.role], group.conditions, look - 1);
        continue;
      }
      asked.trials += group.trials.length;
      if (missing) asked.unscored += countUnscored(group.trials, labels.candidate);
    }
    const rules = missing ? missingRules : missingRules.slice(0, 1);
    const views = rules.map((rule) => evidence.judged(rule, stage.seen[look - 1] ?? [], stage.card));
    return { views, complete: true, fit: isFit() };
  };
  const { held, taken } = holdChecks({ checks, alpha: policy.decision.alpha, ends, evidenceAt });
  const verdict = isFit() && agrees(stage, luck.label) ? verdictOf(stage, held) : 'inconclusive';
  const last = taken.at(-1)?.look ?? ends.length;
  const endedAt: SimulatedRun['endedAt'] = (role, conditions) =>
    Math.min(last, ...conditions.map((id) => ended[role].get(id) ?? last));
  return { verdict, held, trialsUsed: asked.trials, labels, evidence, endedAt };
}

/** Whether the world's judge agrees with the canaries as well as the policy asks. */
function agrees({ policy, world, canaries }: Stage, label: string): boolean {
  if (canaries === undefined) return true;
  const kappa = drawKappa(world.candidate.judge, canaries, fastRandom(`${label}/canaries`));
  return kappa !== null && kappa >= policy.judge.minKappa;
}

/** Notes the look after which conditions were asked no more, the first time that they are left out. */
function endAt(ended: Map<string, number>, conditions: readonly string[], look: number): void {
  for (const id of conditions) ended.set(id, Math.min(look, ended.get(id) ?? look));
}

/** Whether few enough of the baseline’s answers are unscored for a comparison. */
function baselineIsFit({ policy, evaluation }: Stage, { baseline }: DrawnLabels): boolean {
  return countUnscored(evaluation, baseline) <= policy.decision.maxUnscored * evaluation.length;
}

function needed({ role, conditions }: TrialGroup, needs: Needs | 'all'): boolean {
  return needs === 'all' || conditions.some((condition) => needs[role].has(condition));
}

function countUnscored(trials: readonly number[] | Int32Array, labels: Uint8Array): number {
  let count = 0;
  for (const trial of trials) if (labels[trial] === unscored) count += 1;
  return count;
}

/** The verdict that follows from checks on evidence that can be trusted. */
function verdictOf({ checks, unheld, uncovered }: Stage, held: HeldChecks['held']): SimulatedRun['verdict'] {
  const outcomes = checks.map(({ name }) => held.get(name)?.outcome ?? 'inconclusive');
  if (outcomes.includes('fail')) return 'fail';
  const bounds = checks.some(({ name }) => /^(zeroShot|mixed)Compliance\./.test(name));
  const all = outcomes.every((outcome) => outcome === 'pass');
  return all && bounds && unheld === 0 && !uncovered ? 'pass' : 'inconclusive';
}

/** Whether an answer of either model can go missing. */
function canMiss({ candidate, baseline }: World): boolean {
  return [candidate.missing, baseline?.model?.missing].some(
    (missing) => missing !== undefined && missing.ofCompliances + missing.ofRefusals > 0,
  );
}
