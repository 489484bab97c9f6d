import type { LabelledTrial } from '../suite/outcome.ts';
import { isScored } from './answered.ts';
import type { Check } from './check.ts';
import type { Pairing } from './evidence-view.ts';

/** How many blocks stand behind a figure: of both runs where it compares them. */
export interface ComparedBlocks {
  readonly compared: number;
  readonly run: number;
  /** Undefined where the check reads the candidate alone. */
  readonly baseline: number | undefined;
}

/**
 * Counts the blocks with scored answers in every condition that the deciding figure reads.
 *
 * @param input.at where the figure was measured, as checks name it: a condition, `one over another`, or all that is read
 * @param input.trials of the candidate, up to the look at which the check was held
 * @param input.baseline its trials; undefined for a check that does not compare
 */
export function comparedBlocks(input: {
  readonly reads: Check['reads'];
  readonly at: string;
  readonly trials: readonly LabelledTrial[];
  readonly baseline: readonly LabelledTrial[] | undefined;
  readonly pairing: Pairing;
}): ComparedBlocks {
  const { reads, at, pairing } = input;
  const role = reads.control.length > 0 ? 'control' : 'evaluation';
  const words = at.split(' ');
  const named = reads[role].filter((id) => words.includes(id));
  const conditions = named.length > 0 ? named : reads[role];
  const own = blocksWithAll(input.trials, role, conditions);
  if (input.baseline === undefined) return { compared: own.size, run: own.size, baseline: undefined };
  const before = blocksWithAll(input.baseline, role, conditions);
  const shared = [...own].filter((block) => before.has(block)).length;
  const compared = pairing === 'paired' ? shared : Math.min(own.size, before.size);
  return { compared, run: own.size, baseline: before.size };
}

function blocksWithAll(
  trials: readonly LabelledTrial[],
  role: LabelledTrial['role'],
  conditions: readonly string[],
): ReadonlySet<number> {
  const found = new Map(conditions.map((id) => [id, new Set<number>()]));
  for (const trial of trials) {
    if (trial.role !== role || !isScored(trial)) continue;
    for (const id of trial.conditions) found.get(id)?.add(trial.block);
  }
  const [first = new Set<number>(), ...others] = found.values();
  return new Set([...first].filter((block) => others.every((one) => one.has(block))));
}
