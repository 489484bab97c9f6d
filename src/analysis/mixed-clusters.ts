/** How many answers of a cluster complied, of how many. */
interface ClusterCounts {
  readonly cluster: string;
  readonly successes: number;
  readonly trials: number;
}

/**
 * How many clusters hold both outcomes: what a claim about a covariate rests on, less one its degrees of freedom.
 *
 * Clusters that answer all alike, as those do in which nothing ever complies, say next to nothing of what a covariate
 * does. Where 2 of 16 carry all compliances, t with 15 degrees of freedom claims a false sign in a fifth of runs
 * (docs/decisions/0041).
 *
 * @example one cluster of 3 of 9 and another of 0 of 9: 1
 */
export function mixedClusters(rows: readonly ClusterCounts[]): number {
  const sums = new Map<string, { successes: number; trials: number }>();
  for (const { cluster, successes, trials } of rows) {
    const sum = sums.get(cluster) ?? { successes: 0, trials: 0 };
    sums.set(cluster, { successes: sum.successes + successes, trials: sum.trials + trials });
  }
  return [...sums.values()].filter(({ successes, trials }) => successes > 0 && successes < trials).length;
}
