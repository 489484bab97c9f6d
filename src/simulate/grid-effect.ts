import type { CellCounts } from '../analysis/cell-counts.ts';
import { type Effect, effectOfCounts } from '../analysis/effect.ts';
import type { SuiteCells } from '../gate/suite-cells.ts';
import type { GridEvidence } from './grid-view.ts';

/** The blocks that were seen of a condition. */
export type SeenBlocks = (condition: string) => readonly number[];

/** One-sided errors of the label, as `effectOfCounts` takes them. */
type Errors = Parameters<typeof effectOfCounts>[2];

/** The pooled effect of benign demonstrations in drawn labels, by the receipt’s own model; undefined without a sweep. */
export function gridEffect(
  evidence: GridEvidence,
  cells: SuiteCells,
  equivalence: number,
  seen: SeenBlocks,
  errors?: Errors,
): Pick<Effect, 'label' | 'logOddsPerDoubling'> | undefined {
  if (cells.sweep.length === 0) return undefined;
  return effectOfCounts(sweepCounts(evidence, cells, seen), equivalence, errors);
}

/** Scored answers of the benign sweep by condition and block. */
export function sweepCounts(evidence: GridEvidence, { sweep }: SuiteCells, seen: SeenBlocks): CellCounts[] {
  return sweep.flatMap(({ condition, benign, harmful }) => {
    const blocks = seen(condition);
    return evidence
      .complianceByBlock(condition, blocks)
      .flatMap(({ sum, count }, place) =>
        count === 0
          ? []
          : [{ benign, harmful, cluster: String(blocks[place]), successes: sum, trials: count }],
      );
  });
}
