// What a receipt states of an organism: its true values by the measured probabilities, and its intervals by the receipt.
import { suiteCells } from '../../src/gate/suite-cells.ts';
import { trueLogOddsPerDoubling } from '../../src/simulate/quantities.ts';
import { listConditions } from '../../src/suite/condition.ts';
import { sharesOf } from './deciding-tokens.mjs';

/** Quantities by the kind of table they stand in. */
export const kinds = {
  compliance: (name) => name.startsWith('compliance '),
  effect: (name) => name.startsWith('effect '),
  recency: (name) => name.startsWith('recency'),
  'format copying': (name) => name.startsWith('refusals '),
};

/** The true values of the quantities that a receipt under this policy states, of all measured probabilities. */
export function truthOf(population, policy) {
  const conditions = listConditions(policy);
  const cells = suiteCells(policy, conditions, ['zero-shot']);
  const rows = new Map(conditions.map(({ id }) => [id, []]));
  for (const { conditions: ids, probabilities } of population) {
    for (const id of ids) rows.get(id)?.push(probabilities);
  }
  const shares = new Map([...rows].map(([id, all]) => [id, sharesOf(all)]));
  const rate = (id) => shares.get(id).complied;
  const orderings = cells.orderings.map(({ condition }) => rate(condition));
  const at = (rule) => rate(cells.orderings.find(({ ordering }) => ordering === rule).condition);
  return {
    ...Object.fromEntries(conditions.map(({ id }) => [`compliance ${id}`, rate(id)])),
    'effect of benign demonstrations': trueLogOddsPerDoubling(cells, rate),
    'recency, last minus first': at('suffix') - at('prefix'),
    'recency, range': Math.max(...orderings) - Math.min(...orderings),
    ...Object.fromEntries(
      conditions
        .filter(({ formatCue }) => formatCue !== 'none')
        .map(({ id }) => [`refusals that copy ${id}`, shares.get(id).cueWhenRefusing]),
    ),
  };
}

/** The label and the intervals that a receipt states, by the names of the quantities. */
export function estimatesIn({ conditions, effect, recency, formats }) {
  return {
    label: effect.label ?? 'unavailable',
    intervals: {
      ...Object.fromEntries(conditions.map(({ id, rate }) => [`compliance ${id}`, rate])),
      'effect of benign demonstrations': effect.logOddsPerDoubling ?? effect,
      'recency, last minus first': recency.contrast,
      'recency, range': recency.range,
      ...Object.fromEntries(
        formats.map((format) => [`refusals that copy ${format.condition}`, format.refusals?.rate]),
      ),
    },
  };
}

/** How often the intervals of some runs hold the true values, and how often each label was given. */
export function tallyRuns(quantities, runs) {
  const found = Object.fromEntries(
    Object.keys(quantities).map((quantity) => [quantity, { available: 0, covered: 0, sum: 0 }]),
  );
  const labels = {};
  for (const { label, intervals } of runs) {
    labels[label] = (labels[label] ?? 0) + 1;
    for (const [quantity, truth] of Object.entries(quantities)) {
      const interval = intervals[quantity];
      if (interval?.estimate === undefined) continue;
      const one = found[quantity];
      one.available += 1;
      one.covered += interval.lower <= truth && truth <= interval.upper ? 1 : 0;
      one.sum += interval.estimate;
    }
  }
  return { quantities, found, labels };
}
