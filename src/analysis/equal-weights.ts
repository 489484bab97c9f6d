/** The blocks that several conditions share, in rising order, and the weight of one answer in each condition. */
export interface EqualWeights {
  readonly blocks: readonly number[];
  readonly weights: readonly number[];
}

/**
 * What makes conditions weigh alike in a mean over them, however many answers each has: the blocks that have answers in
 * every condition, and a weight for each condition's answers there. A condition that ended early would else count for
 * less, and a rise in it would drown in those that went on.
 *
 * Blocks that some condition lacks are left out of all: what is left are whole blocks, exchangeable as planned.
 *
 * @param conditions the number of answers by block, of each condition
 * @returns weights whose sum over all answers is the number of answers; 1 each where conditions have equally many
 * @example 20 answers in block 0 and 20 in block 1 of one condition, 10 in block 0 of another: block 0, weights 0.75 and 1.5
 */
export function equalWeights(conditions: readonly ReadonlyMap<number, number>[]): EqualWeights {
  const [first, ...others] = conditions;
  const blocks = [...(first?.keys() ?? [])]
    .filter((block) => conditions.every((counts) => (counts.get(block) ?? 0) > 0))
    .sort((a, b) => a - b);
  if (others.length === 0) return { blocks, weights: conditions.map(() => 1) };
  const sizes = conditions.map((counts) => blocks.reduce((sum, block) => sum + (counts.get(block) ?? 0), 0));
  const all = sizes.reduce((sum, size) => sum + size, 0);
  return { blocks, weights: sizes.map((size) => (size === 0 ? 0 : all / (conditions.length * size))) };
}
