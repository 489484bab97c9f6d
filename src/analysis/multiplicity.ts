/**
 * Holm's step-down adjustment of a family of p-values, in their order: the chance of any false claim stays below alpha
 * when those with an adjusted p-value of at most alpha are claimed. Valid under any dependence.
 *
 * Holm (1979). R `p.adjust(p, 'holm')`.
 *
 * @throws RangeError for a p-value outside [0, 1]
 * @example [0.01, 0.04, 0.03] gives [0.03, 0.06, 0.06]
 */
export function holm(pValues: readonly number[]): number[] {
  let reached = 0;
  return adjusted(pValues, rising(pValues), (p, rank) => {
    reached = Math.max(reached, Math.min(1, p * (pValues.length - rank)));
    return reached;
  });
}

/**
 * Benjamini and Hochberg's adjustment: the expected share of false claims among the claims stays below alpha. For
 * information only: a gate promises Holm's bound.
 *
 * Benjamini and Hochberg (1995). R `p.adjust(p, 'BH')`. Valid for independent or positively dependent tests.
 *
 * @throws RangeError for a p-value outside [0, 1]
 * @example [0.01, 0.04, 0.03] gives [0.03, 0.04, 0.04]
 */
export function benjaminiHochberg(pValues: readonly number[]): number[] {
  let reached = 1;
  return adjusted(pValues, rising(pValues).reverse(), (p, rank) => {
    reached = Math.min(reached, (p * pValues.length) / (pValues.length - rank));
    return reached;
  });
}

/** Adjusted values in the order of `pValues`, computed in the given order of ranks. */
function adjusted(
  pValues: readonly number[],
  order: readonly number[],
  adjust: (p: number, rank: number) => number,
): number[] {
  const result = [...pValues];
  for (const [rank, place] of order.entries()) result[place] = adjust(pValues[place] ?? 1, rank);
  return result;
}

function rising(pValues: readonly number[]): number[] {
  if (!pValues.every((p) => p >= 0 && p <= 1)) {
    throw new RangeError(`p-values: expected numbers in [0, 1], got ${pValues.join(', ')}`);
  }
  return pValues.map((_, place) => place).sort((a, b) => (pValues[a] ?? 0) - (pValues[b] ?? 0));
}
