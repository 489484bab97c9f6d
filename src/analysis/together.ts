/** Changes of one query over its pairs: their sum (up minus down) and how many there are. */
export interface Changes {
  readonly net: number;
  readonly changed: number;
}

/**
 * How many pairs of a query change at once, from 1 (each for itself) to `most` (all or none): the design effect of a
 * query's changes, sum of squared net changes over the number of changes (Kish 1965, section 5.4). A query has several
 * pairs where several conditions are taken together, and under the layout `perQuery`, which asks it in several draws.
 *
 * One query that changes in every pair is added to those seen: with few changes, nothing else is known of them.
 *
 * @param most pairs of one query, at least 1
 * @example no change at all over 12 conditions: 12
 */
export function changedTogether(queries: Iterable<Changes>, most: number): number {
  if (most <= 1) return 1;
  let squares = most ** 2;
  let changes = most;
  for (const { net, changed } of queries) {
    squares += net ** 2;
    changes += changed;
  }
  return Math.min(most, Math.max(1, squares / changes));
}

/** The answers of one query, and how many of them complied. */
export interface QueryAnswers {
  readonly complied: number;
  readonly answers: number;
}

/**
 * How many answers of a query go together, from 1 to the most that one has: the design effect of a rate, sum of squared
 * deviations of the queries' sums over what independent answers would give (Kish 1965, section 5.4). One query is added
 * all of whose answers stand against the rest: with few events, nothing else is known of them.
 *
 * @example 48 queries that refuse in each of 8 draws: 8
 */
export function answeredTogether(queries: readonly QueryAnswers[]): number {
  const most = queries.reduce((largest, { answers }) => Math.max(largest, answers), 1);
  if (most === 1) return 1;
  const answers = queries.reduce((sum, one) => sum + one.answers, 0);
  const rate = queries.reduce((sum, one) => sum + one.complied, 0) / answers;
  const squares = queries.reduce((sum, one) => sum + (one.complied - rate * one.answers) ** 2, most ** 2);
  return Math.min(most, Math.max(1, squares / (answers * rate * (1 - rate) + most)));
}
