import { fitClusteredLogistic, waldContrast } from '../analysis/clustered-logistic.ts';
import { type EffectLabel, labelEffect } from '../analysis/effect.ts';
import type { MaybeInterval } from '../analysis/interval.ts';
import type { SuiteCells } from '../gate/suite-cells.ts';
import type { GridEvidence } from './grid-view.ts';

/** The pooled effect of benign demonstrations in drawn labels. */
export interface GridEffect {
  readonly label: EffectLabel;
  readonly logOddsPerDoubling: MaybeInterval;
}

const [labelLevel, equivalenceLevel] = [0.95, 0.9];

/** The model of `effectOfBenign`, from tallies instead of lists of trials; undefined without a benign sweep. */
export function gridEffect(
  evidence: GridEvidence,
  { sweep }: SuiteCells,
  equivalence: number,
  blocks: readonly number[],
): GridEffect | undefined {
  if (sweep.length === 0) return undefined;
  const levels = [...new Set(sweep.map(({ harmful }) => harmful))];
  const rows = sweep.flatMap(({ condition, benign, harmful }) => {
    const x = [...levels.map((level) => (level === harmful ? 1 : 0)), Math.log2(1 + benign)];
    return evidence.complianceByBlock(condition, blocks).flatMap(({ sum, count }, block) => {
      return count === 0 ? [] : [{ x, successes: sum, trials: count, cluster: String(block) }];
    });
  });
  const fit = fitClusteredLogistic({ rows, covariance: 'cr1' });
  const at = (level: number): MaybeInterval => {
    if (fit.status !== 'ok') return { unavailable: fit.unavailable };
    const contrast = fit.coefficients.map((_, index) => (index === fit.coefficients.length - 1 ? 1 : 0));
    const wald = waldContrast({ fit, contrast, level });
    return wald.status === 'ok' ? wald.interval : { unavailable: wald.unavailable };
  };
  const [wide, narrow] = [at(labelLevel), at(equivalenceLevel)];
  const clusters = new Set(rows.map(({ cluster }) => cluster)).size;
  return { label: labelEffect({ wide, narrow, equivalence, clusters }), logOddsPerDoubling: wide };
}
