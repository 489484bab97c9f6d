import { findRoot } from './find-root.ts';
import { gaussPanels, type Node } from './gauss-legendre.ts';
import { normalDensity, normalQuantile, normalSurvival } from './normal-distribution.ts';

/** How the error is given out: little early (O'Brien and Fleming's type) or evenly (Pocock's type). */
export type Spending = 'obrienFleming' | 'pocock';

export interface SequentialPlan {
  /** One-sided error over all looks together, in (0, 1). */
  readonly alpha: number;
  /** Share of the planned blocks seen at each look, in (0, 1], strictly increasing. */
  readonly information: readonly number[];
  readonly spending: Spending;
}

/** One planned look: what it may spend, and the test that spends just that. */
export interface SequentialLook {
  readonly information: number;
  /** Error spent at this look and those before it. */
  readonly cumulativeAlpha: number;
  /** Reject where the z statistic of the evidence so far exceeds this. */
  readonly criticalZ: number;
  /** The same as a one-sided p-value: reject where the p-value of the evidence so far is below this. */
  readonly nominalP: number;
}

/** Below this density of a standard normal start, no path can reach a boundary with a probability that counts. */
const NORMAL_REACH = 9;
/** A boundary further out than this has a tail below 1e-300, which no p-value can go under. */
const FURTHEST_Z = 37;
/** Panels of this many standard deviations of the next step, 16 nodes each, integrate its density to 1e-14. */
const PANEL_WIDTH = 1.5;

const known = new Map<string, readonly SequentialLook[]>();
const mostKnown = 1000;

/**
 * Error spent by the information fraction t, between 0 and alpha.
 *
 * Lan and DeMets (1983): 2 (1 - Phi(z(1 - alpha / 2) / sqrt(t))) of O'Brien and Fleming's type, alpha log(1 + (e - 1) t) of
 * Pocock's. R `rpact` typeOfDesign `asOF` and `asP`.
 *
 * @param t in (0, 1]
 * @throws RangeError outside the domain
 * @example spentAlpha(0.05, 0.5, 'obrienFleming') is 0.005574596680784402
 */
export function spentAlpha(alpha: number, t: number, spending: Spending): number {
  if (!(alpha > 0 && alpha < 1 && t > 0 && t <= 1)) {
    throw new RangeError(`spentAlpha: expected alpha in (0, 1) and t in (0, 1], got ${alpha} and ${t}`);
  }
  switch (spending) {
    case 'obrienFleming':
      return 2 * normalSurvival(-normalQuantile(alpha / 2) / Math.sqrt(t));
    case 'pocock':
      return alpha * Math.log1p((Math.E - 1) * t);
  }
}

/**
 * Boundaries of a one-sided test that looks at its evidence several times and errs with probability alpha in all.
 *
 * Error spending (Lan and DeMets 1983) with the recursive integration of Armitage, McPherson and Rowe (1969). R
 * `rpact::getDesignGroupSequential(sided = 1, alpha, informationRates, typeOfDesign = 'asOF')`. Valid where the increments
 * between looks are independent (whole blocks in a planned order) and the looks do not depend on what was seen; a t
 * statistic is compared through its p-value with `nominalP`.
 *
 * @param plan information need not end at 1: the rest is then not spent
 * @throws RangeError for fractions outside (0, 1] or not increasing, or so early or so close that a look spends nothing
 * @example alpha 0.05 at 1/4, 1/2, 3/4, 1: nominal p 0.0000886, 0.0055435, 0.0218963, 0.0427001
 */
export function sequentialBoundaries(plan: SequentialPlan): readonly SequentialLook[] {
  const { alpha, information, spending } = plan;
  const key = `${spending} ${alpha} ${information.join(' ')}`;
  const before = known.get(key);
  if (before !== undefined) return before;
  const looks: SequentialLook[] = [];
  let reached: Reached | undefined;
  for (const [k, t] of information.entries()) {
    if (!(t > (reached?.information ?? 0)))
      throw new RangeError(`looks: ${t} does not follow ${reached?.information}`);
    const cumulativeAlpha = spentAlpha(alpha, t, spending);
    const spent = cumulativeAlpha - (looks.at(-1)?.cumulativeAlpha ?? 0);
    const criticalZ = boundary(reached, t, spent);
    looks.push({ information: t, cumulativeAlpha, criticalZ, nominalP: normalSurvival(criticalZ) });
    const next = information[k + 1];
    if (next !== undefined) reached = goneOn(reached, { t, next, criticalZ });
  }
  if (known.size < mostKnown) known.set(key, looks);
  return looks;
}

/** The paths that have not stopped: density of the sum (z times sqrt(information)) at the nodes, times their weights. */
interface Reached {
  readonly information: number;
  readonly mass: readonly Node[];
}

/** The z that paths exceed for the first time at this look with the probability `spent`. */
function boundary(reached: Reached | undefined, t: number, spent: number): number {
  const excess = (z: number): number => Math.log(crossing(reached, t, z) / spent);
  if (!(spent > 0 && excess(FURTHEST_Z) < 0)) {
    throw new RangeError(`looks: nothing is left to spend at the information fraction ${t}`);
  }
  return reached === undefined ? -normalQuantile(spent) : findRoot(excess, -FURTHEST_Z, FURTHEST_Z);
}

function crossing(reached: Reached | undefined, t: number, z: number): number {
  if (reached === undefined) return normalSurvival(z);
  const sd = Math.sqrt(t - reached.information);
  const level = z * Math.sqrt(t);
  return reached.mass.reduce((sum, { x, weight }) => sum + weight * normalSurvival((level - x) / sd), 0);
}

function goneOn(
  reached: Reached | undefined,
  look: { readonly t: number; readonly next: number; readonly criticalZ: number },
): Reached {
  const { t, next, criticalZ } = look;
  const step = Math.sqrt(t - (reached?.information ?? 0));
  const width = PANEL_WIDTH * Math.min(step, Math.sqrt(next - t));
  const nodes = gaussPanels({ from: -NORMAL_REACH * Math.sqrt(t), to: criticalZ * Math.sqrt(t), width });
  const density = (x: number): number =>
    reached === undefined
      ? normalDensity(x / step) / step
      : reached.mass.reduce((sum, node) => sum + node.weight * normalDensity((x - node.x) / step), 0) / step;
  return { information: t, mass: nodes.map(({ x, weight }) => ({ x, weight: weight * density(x) })) };
}
