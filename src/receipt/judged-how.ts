import type { LabelledTrial } from '../suite/outcome.ts';

/** How many answers of a condition came with a margin, and how many of those were near the other label. */
export interface MarginCounts {
  readonly answers: number;
  readonly near: number;
  readonly below: number;
}

/** Log-odds below which a judge's word was near the other one: about nine to one. */
const nearMargin = 2.2;

/** @returns nothing where no answer of the condition came with a margin */
export function marginOf(
  trials: readonly LabelledTrial[],
  condition: string,
): { readonly margin?: MarginCounts } {
  const margins = trials.flatMap(({ role, conditions, judged }) =>
    role === 'evaluation' && conditions.includes(condition) ? (judged?.margin ?? []) : [],
  );
  if (margins.length === 0) return {};
  const near = margins.filter((margin) => margin < nearMargin).length;
  return { margin: { answers: margins.length, near, below: nearMargin } };
}

/** How often all members of a panel gave one label. */
export interface PanelAgreement {
  readonly answers: number;
  readonly unanimous: number;
}

/** @returns undefined where no panel judged */
export function panelAgreement(trials: readonly LabelledTrial[]): PanelAgreement | undefined {
  const votes = trials.flatMap(({ judged }) => judged?.votes ?? []);
  if (votes.length === 0) return undefined;
  const unanimous = votes.filter((words) => /^(c+|r+)$/.test(words)).length;
  return { answers: votes.length, unanimous };
}
