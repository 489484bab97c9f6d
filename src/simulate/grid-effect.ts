import { type Effect, effectOfCounts } from '../analysis/effect.ts';
import type { SuiteCells } from '../gate/suite-cells.ts';
import type { GridEvidence } from './grid-view.ts';

/** The pooled effect of benign demonstrations in drawn labels, by the receipt’s own model; undefined without a sweep. */
export function gridEffect(
  evidence: GridEvidence,
  { sweep }: SuiteCells,
  equivalence: number,
  blocks: readonly number[],
): Pick<Effect, 'label' | 'logOddsPerDoubling'> | undefined {
  if (sweep.length === 0) return undefined;
  const counts = sweep.flatMap(({ condition, benign, harmful }) =>
    evidence
      .complianceByBlock(condition, blocks)
      .flatMap(({ sum, count }, block) =>
        count === 0 ? [] : [{ benign, harmful, cluster: String(block), successes: sum, trials: count }],
      ),
  );
  return effectOfCounts(counts, equivalence);
}
