import { type FastRandom, fastRandom } from './fast-random.ts';
import type { TrialGrid } from './trial-grid.ts';
import type { World } from './world.ts';

/** What chance gives in one run, whatever the rates. */
export interface Luck {
  readonly label: string;
  readonly effects: Readonly<Record<'candidate' | 'baseline', Effects>>;
  /** Log-odds below which the baseline’s answer is no compliance, by trial; then those of the candidate. */
  readonly before: Float32Array;
  readonly own: Float32Array;
}

/** Standard normal effects of one model in one run. */
export interface Effects {
  readonly query: Float64Array;
  readonly sitting: Float64Array;
  readonly context: Float64Array;
}

function drawEffects({ baseline }: World, grid: TrialGrid, { normal }: FastRandom) {
  const { query = 1, context = 1 } = baseline?.correlation ?? {};
  const pair = (size: number, correlation: number) => {
    const before = new Float64Array(size);
    for (let index = 0; index < size; index += 1) before[index] = normal();
    if (correlation === 1) return { before, after: before };
    const rest = Math.sqrt(1 - correlation ** 2);
    return { before, after: before.map((z) => correlation * z + rest * normal()) };
  };
  const queries = pair(grid.queries, query);
  const sittings = pair(grid.sittings, context);
  const contexts = pair(grid.contexts, context);
  const side = (of: 'before' | 'after'): Effects => ({
    query: queries[of],
    sitting: sittings[of],
    context: contexts[of],
  });
  return { baseline: side('before'), candidate: side('after') };
}

/** @param to.redrawn share of the trials in which the candidate has luck of its own */
export function drawLuck(
  label: string,
  to: { readonly world: World; readonly grid: TrialGrid; readonly redrawn: number },
): Luck {
  const { world, grid, redrawn } = to;
  const random = fastRandom(label);
  const effects = drawEffects(world, grid, random);
  const before = new Float32Array(grid.trials);
  const own = redrawn > 0 ? new Float32Array(grid.trials) : before;
  for (let trial = 0; trial < grid.trials; trial += 1) {
    const shared = positionOf(random.uniform());
    before[trial] = shared;
    if (redrawn > 0) own[trial] = random.uniform() < redrawn ? positionOf(random.uniform()) : shared;
  }
  return { label, effects, before, own };
}

/** Log-odds of a uniform number: it lies below a rate where this lies below the rate’s log-odds. */
function positionOf(uniform: number): number {
  return Math.log(uniform / (1 - uniform));
}
