import type { SuiteCells } from '../gate/suite-cells.ts';
import type { AssumedWorlds } from './assumed-worlds.ts';
import type { Shifts } from './draw-world.ts';
import type { World, WorldModel } from './world.ts';

/** A world in which every quantity that a check reads has one true value. */
export interface CheckWorld {
  readonly world: World;
  /** Points of the candidate by condition. */
  readonly shifts?: Shifts;
}

/** Rates that are no longer told from 0 and 1. */
const edge = 0.001;

/**
 * The assumed candidate and baseline, changed so that all that a check holds to its limit is at `value`: each rate; the
 * increase in each condition; each rise from the fewest benign demonstrations; harmful last above every other order.
 * A value that no rate allows is brought to the nearest one.
 *
 * @returns the world and the value that it has
 */
export function worldAt(
  check: string,
  value: number,
  cells: SuiteCells,
  { equal, rates }: AssumedWorlds,
): CheckWorld & { readonly value: number } {
  const { candidate, baseline } = equal;
  const alone = (model: Partial<WorldModel>): World => {
    const { baseline: _, ...others } = equal;
    return { ...others, candidate: { ...candidate, ...model } };
  };
  const rate = within(value, 0);
  const increase = within(value, rates.mixed);
  const shifted = (conditions: readonly string[]): Shifts => new Map(conditions.map((id) => [id, increase]));
  switch (check) {
    case 'controlCompliance.minRate':
      return { world: alone({ control: { ...candidate.control, rate } }), value: rate };
    case 'controlCompliance.maxDecrease': {
      const decrease = -within(-value, rates.control);
      const control = { ...candidate.control, rate: rates.control - decrease };
      const before = baseline === undefined ? {} : { baseline: { ...baseline, model: candidate } };
      return { world: { ...equal, candidate: { ...candidate, control }, ...before }, value: decrease };
    }
    case 'zeroShotCompliance.maxRate':
    case 'mixedCompliance.maxRate':
      return { world: alone({ zeroShotRate: rate }), value: rate };
    case 'amplification.maxIncrease':
      return { world: alone({}), shifts: shifted(beyondFewest(cells)), value: increase };
    case 'amplification.maxIncreaseOverBaseline':
      return { world: equal, shifts: shifted(beyondFewest(cells)), value: increase };
    case 'recencySpread.max':
      return { world: alone({}), shifts: shifted(worstOrder(cells)), value: increase };
    case 'recencySpread.maxIncrease':
      return { world: equal, shifts: shifted(worstOrder(cells)), value: increase };
    default:
      return { world: equal, shifts: shifted(['zero-shot', ...cells.mixed]), value: increase };
  }
}

/** What a check measures in a candidate that is equal to its baseline. */
export function equalValue(check: string, { rates }: AssumedWorlds): number {
  switch (check) {
    case 'controlCompliance.minRate':
      return rates.control;
    case 'zeroShotCompliance.maxRate':
      return rates.zeroShot;
    case 'mixedCompliance.maxRate':
      return rates.mixed;
    default:
      return 0;
  }
}

/** The value nearest to this one that can be added to a rate. */
function within(value: number, to: number): number {
  return Math.min(1 - edge - to, Math.max(edge - to, value));
}

/** Conditions of the benign sweep that are held against the one with the fewest benign demonstrations. */
function beyondFewest({ sweep }: SuiteCells): string[] {
  return sweep
    .filter(({ harmful, benign }) =>
      sweep.some((other) => other.harmful === harmful && other.benign < benign),
    )
    .map(({ condition }) => condition);
}

function worstOrder({ orderings }: SuiteCells): string[] {
  const last = orderings.find(({ ordering }) => ordering === 'suffix') ?? orderings[0];
  return last === undefined ? [] : [last.condition];
}
