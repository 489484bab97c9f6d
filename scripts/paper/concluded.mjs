// One run of the gate on labels that are already there: the same conclusions as a receipt's.
import { countCells } from '../../src/analysis/cell-counts.ts';
import { fitLogistic } from '../../src/analysis/logistic-fit.ts';
import { scoresOf } from '../../src/analysis/scores.ts';
import { slopeDifference } from '../../src/analysis/slope-difference.ts';
import { suiteCells } from '../../src/gate/suite-cells.ts';
import { concludeFrom } from '../../src/receipt/conclude.ts';
import { trueLogOddsPerDoubling } from '../../src/simulate/quantities.ts';

const judge = { canaries: 64, judged: 64, agreed: 64, unreadable: 0, kappa: 1 };

export function conclude(policy, trials) {
  return concludeFrom({
    policy,
    trials,
    baseline: { status: 'none' },
    judge,
    attempt: 1,
    binding: 'measured',
  });
}

/** The benign sweep's cells, and the orderings', as the gate takes them. */
export const cellsOf = (policy, conditions) => suiteCells(policy, conditions, ['zero-shot']);

/** How much more benign demonstrations do at the first stage than at the second. */
export function stageDifference(cells, first, second) {
  const counts = (trials) => countCells(scoresOf(trials, 'evaluation'), cells.sweep);
  return slopeDifference({ first: counts(first), second: counts(second), paired: false, level: 0.95 });
}

export { trueLogOddsPerDoubling };

/** The last coefficient of a logistic model, fit to the true rates themselves. */
export function trueCoefficient(conditions, rate, x) {
  const rows = conditions.map((one) => ({ x: x(one), successes: rate(one.id), trials: 1 }));
  const fit = fitLogistic(rows);
  return fit.status === 'ok' ? fit.coefficients.at(-1) : undefined;
}

/** Requests that a finding takes: the trials of the conditions that it reads. */
export const requestsOf = (trials, ids) =>
  trials.filter(({ role, conditions }) => role === 'evaluation' && conditions.some((id) => ids.includes(id)))
    .length;

/** The paper's points a condition: 1,404 queries asked twice. */
export const paperRequests = (count) => 2808 * count;
