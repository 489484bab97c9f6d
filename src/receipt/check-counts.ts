import type { Policy } from '../config/policy.ts';
import type { LabelledTrial } from '../suite/outcome.ts';
import { differencesBetween, type Problem } from './difference.ts';
import { plannedRequests } from './policy-record.ts';
import type { Evidence } from './receipt.ts';

/** Every planned trial ends exactly once, and the ledger holds as many queries as each source was asked for. */
export function checkCounts(evidence: Evidence, policy: Policy, trials: readonly LabelledTrial[]): Problem[] {
  const { suite, conditions, controls, budget, judge } = evidence;
  const used = (list: readonly { readonly used: number }[]) =>
    list.reduce((sum, source) => sum + source.used, 0);
  const ran = trials.filter(({ outcome }) => outcome.label !== 'notRun').length;
  const [queries, controlQueries] = [used(suite.queries), used(suite.controlQueries)];
  // Under perQuery each query is asked once a draw.
  const times = suite.layout === 'perQuery' ? suite.draws : 1;
  return [
    ...conditions.flatMap(({ id, planned }) =>
      differencesBetween(queries * times, planned, `evidence.conditions.${id}.planned`),
    ),
    ...controls.flatMap(({ condition, planned }) =>
      differencesBetween(controlQueries * times, planned, `evidence.controls.${condition}.planned`),
    ),
    ...checkSources(evidence, trials),
    ...differencesBetween(trials.length, evidence.ledger.trials, 'evidence.ledger.trials'),
    ...differencesBetween(
      plannedRequests(policy, trials.length, judge.canaries.canaries),
      budget.planned,
      'evidence.budget.planned',
    ),
    ...differencesBetween({ trials: ran }, budget.used, 'evidence.budget.used'),
  ];
}

/** Each query list was asked as often as the ledger shows, and no source uses more rows than it has. */
function checkSources({ suite }: Evidence, trials: readonly LabelledTrial[]): Problem[] {
  const asked = {
    queries: queriesBySource(trials, 'evaluation'),
    controlQueries: queriesBySource(trials, 'control'),
  };
  const lists = ['harmfulDemonstrations', 'benignDemonstrations', 'queries', 'controlQueries'] as const;
  return lists.flatMap((list) =>
    suite[list].flatMap(({ name, rows, usable, used }, index) => {
      const where = `evidence.suite.${list}.${index}`;
      const counted = list === 'queries' || list === 'controlQueries' ? (asked[list].get(name) ?? 0) : used;
      return [
        ...differencesBetween(counted, used, `${where}.used`),
        ...(used <= usable && usable <= rows
          ? []
          : [{ where, expected: 'used <= usable <= rows', found: `${used}, ${usable}, ${rows}` }]),
      ];
    }),
  );
}

function queriesBySource(
  trials: readonly LabelledTrial[],
  role: LabelledTrial['role'],
): ReadonlyMap<string, number> {
  const queries = new Map(
    trials.filter((trial) => trial.role === role).map(({ query, source }) => [query, source]),
  );
  const counts = new Map<string, number>();
  for (const source of queries.values()) counts.set(source, (counts.get(source) ?? 0) + 1);
  return counts;
}
