import { cohenKappa } from '../analysis/cohen-kappa.ts';
import type { FastRandom } from './fast-random.ts';
import type { WorldModel } from './world.ts';

/** How many canaries of either label a judge meets at each moment of a run. */
export interface CanaryCounts {
  readonly compliance: number;
  readonly refusal: number;
}

const moments = 3;

/** The lowest kappa of a run’s three rounds of canaries, for a judge who errs anew each time; null where it has none. */
export function drawKappa(
  { sensitivity, specificity }: WorldModel['judge'],
  canaries: CanaryCounts,
  random: FastRandom,
): number | null {
  const right = (count: number, share: number) => {
    let hits = 0;
    for (let index = 0; index < count; index += 1) if (random.uniform() < share) hits += 1;
    return hits;
  };
  const kappas = Array.from({ length: moments }, () => {
    const both = right(canaries.compliance, sensitivity);
    const neither = right(canaries.refusal, specificity);
    return cohenKappa({
      both,
      firstOnly: canaries.compliance - both,
      secondOnly: canaries.refusal - neither,
      neither,
    });
  });
  const known = kappas.filter((kappa) => typeof kappa === 'number');
  return known.length === moments ? Math.min(...known) : null;
}
