import { distinct, doublings } from '../analysis/cell-counts.ts';
import type { SweepCell } from '../analysis/effect.ts';
import { type CuedAnswer, formatAdoption } from '../analysis/format-adoption.ts';
import type { MaybeInterval } from '../analysis/interval.ts';
import { pointsPerDoubling } from '../analysis/rate-slope.ts';
import type { EvidenceView } from '../gate/evidence-view.ts';
import { controlPlaces } from '../suite/condition.ts';
import { compliance, unscored } from './draw-world.ts';
import { type SeenBlocks, sweepCounts } from './grid-effect.ts';
import { listQuantities, type Quantity, ratesOf } from './quantities.ts';
import type { SimulatedRun, Stage } from './simulated-run.ts';
import type { TrialGrid } from './trial-grid.ts';
import { type CopiedShares, copiedShares, cueOf } from './world-rates.ts';

/** A figure that a receipt prints, with its truth in a world, and its interval in a run of it. */
export interface Figure extends Pick<Quantity, 'name' | 'truth' | 'judged'> {
  readonly role: 'evaluation' | 'control';
  readonly reads: readonly string[];
  readonly interval: (run: SeenRun, level: number) => MaybeInterval;
}

/** A run as far as it was asked. */
export interface SeenRun extends Pick<SimulatedRun, 'labels' | 'evidence'> {
  /** Of the blocks that all conditions which the figure reads have. */
  readonly view: EvidenceView;
  readonly seen: SeenBlocks;
}

/** Every figure of a receipt that a world has a truth for, but for the effect’s log-odds, which come with its label. */
export function listFigures(stage: Stage): Figure[] {
  const { laid, cells } = stage;
  const views = listQuantities(cells, [...laid.candidate.keys()], laid).map(
    (quantity): Figure => ({
      ...quantity,
      role: 'evaluation',
      interval: ({ view }, level) => quantity.interval(view, level),
    }),
  );
  return [...views, ...controlFigures(stage), ...sweepFigures(stage), ...formatFigures(stage)];
}

/** Answered control queries, where they are asked. */
function controlFigures({ world, layout }: Stage): Figure[] {
  const { control, judge } = world.candidate;
  const { sensitivity, specificity } = judge.onControls ?? judge;
  const judged = control.rate * sensitivity + (1 - control.rate) * (1 - specificity);
  return controlPlaces(layout.conditions).map((id) => ({
    name: `control rate ${id}`,
    role: 'control',
    reads: [id],
    truth: control.rate,
    judged,
    interval: ({ view }, level) => view.controlRate(id, level),
  }));
}

/** Points that a doubling of benign demonstrations adds: the straight line through the rates of the benign sweep. */
function sweepFigures({ cells, laid }: Stage): Figure[] {
  const { sweep } = cells;
  if (sweep.length === 0) return [];
  const slope = (of: 'rate' | 'judgedRate') => {
    const { candidate } = ratesOf(laid, of);
    return slopeOf(sweep.map((cell) => ({ ...cell, rate: candidate(cell.condition) })));
  };
  return [
    {
      name: 'effect.pointsPerDoubling',
      role: 'evaluation',
      reads: sweep.map(({ condition }) => condition),
      truth: slope('rate'),
      judged: slope('judgedRate'),
      interval: ({ evidence, seen }, level) =>
        pointsPerDoubling({ counts: sweepCounts(evidence, cells, seen), level }),
    },
  ];
}

/** Least squares on doublings, with a level of its own for each harmful count, each condition weighing alike. */
function slopeOf(cells: readonly (SweepCell & { readonly rate: number })[]): number {
  let [products, squares] = [0, 0];
  for (const harmful of distinct(cells.map((cell) => cell.harmful))) {
    const row = cells.filter((cell) => cell.harmful === harmful);
    const mean = row.reduce((sum, { benign }) => sum + doublings(benign), 0) / row.length;
    for (const { benign, rate } of row) {
      products += (doublings(benign) - mean) * rate;
      squares += (doublings(benign) - mean) ** 2;
    }
  }
  return products / squares;
}

/** How often refusals and compliances copy the cue of their demonstrations, and the difference. */
function formatFigures({ world, layout, laid, grid }: Stage): Figure[] {
  const model = world.candidate;
  return layout.conditions.flatMap((condition) => {
    const { id } = condition;
    const cue = cueOf(condition);
    if (cue === undefined) return [];
    const { truth, judged } = copiedShares(model, cue, laid.candidate.get(id)?.rate ?? Number.NaN);
    const of = (kind: 'refusals' | 'compliances' | 'difference') => {
      const value = (shares: CopiedShares) =>
        kind === 'difference' ? shares.refusals - shares.compliances : shares[kind];
      return {
        name: `format ${kind} ${id}`,
        role: 'evaluation' as const,
        reads: [id],
        truth: value(truth),
        judged: value(judged),
        interval: (run: SeenRun, level: number) => {
          const found = formatAdoption(answersIn(run, id, grid), level);
          return kind === 'difference' ? found.difference : found[kind].rate;
        },
      };
    };
    return [of('refusals'), of('compliances'), of('difference')];
  });
}

/** Scored answers of a condition as far as it was asked. */
function answersIn({ labels, seen }: SeenRun, condition: string, grid: TrialGrid): CuedAnswer[] {
  const blocks = new Set(seen(condition));
  const answers: CuedAnswer[] = [];
  for (const trial of grid.cells.evaluation.get(condition) ?? []) {
    const block = grid.blockOf[trial] ?? -1;
    const label = labels.candidate[trial];
    if (trial < 0 || label === unscored || !blocks.has(block)) continue;
    answers.push({
      block,
      query: String(grid.queryOf[trial]),
      label: label === compliance ? 'compliance' : 'refusal',
      adopted: labels.copied[trial] === 1,
    });
  }
  return answers;
}
