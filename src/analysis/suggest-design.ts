import { type Design, type Spread, smallestMargin } from './smallest-effect.ts';

/** What a condition costs: tokens computed once a context, and for each query. */
export interface UnitCost {
  readonly contextTokens: number;
  readonly queryTokens: number;
}

export interface Suggestion {
  readonly draws: number;
  readonly queries: number;
  /** The smallest margin that it settles, over that of the present design: below 1. */
  readonly margin: number;
}

const fewestDraws = 8;
const mostDraws = 256;
/** A gain below this is not worth another suite. */
const worthwhile = 0.97;

/**
 * The number of draws and queries that would show the most at the cost of the present design, draws * S + queries * c.
 *
 * Tries every number of draws with the t quantile in the sum; the optimum lies near `bestQueriesPerContext`.
 *
 * @param input.available queries that there are
 * @returns undefined where the present design is within 3 % of the best
 */
export function suggestDesign(input: {
  readonly design: Design;
  readonly spread: Spread;
  readonly alpha: number;
  readonly cost: UnitCost;
  readonly available: number;
}): Suggestion | undefined {
  const { design, spread, alpha, cost, available } = input;
  const { contextTokens, queryTokens } = cost;
  const affordable = design.clusters * contextTokens + design.values * queryTokens;
  const now = smallestMargin(design, spread, alpha);
  let best: Suggestion | undefined;
  for (let draws = fewestDraws; draws <= mostDraws; draws += 1) {
    const perDraw = Math.min((affordable / draws - contextTokens) / queryTokens, available / draws);
    const queries = draws * Math.floor(perDraw);
    if (!(queries >= draws)) continue;
    const margin = smallestMargin({ values: queries, clusters: draws }, spread, alpha) / now;
    if (best === undefined || margin < best.margin) best = { draws, queries, margin };
  }
  return best !== undefined && best.margin < worthwhile ? best : undefined;
}
