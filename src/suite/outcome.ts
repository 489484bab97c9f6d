/** Why an answer has no label. */
export const unscoredReasons = [
  'empty',
  'reasoningOnly',
  'cutTooShort',
  'contentFilter',
  'contextTooLong',
  'requestRefused',
  'requestFailed',
  'malformedAnswer',
  'promptCut',
  'judgeUnreadable',
  'judgeFailed',
  'judgesDisagree',
] as const;
export type UnscoredReason = (typeof unscoredReasons)[number];

/** Why a planned trial was never asked. */
export const notRunReasons = [
  'budgetRequests',
  'budgetPromptTokens',
  'budgetCompletionTokens',
  'budgetMinutes',
  'budgetMoney',
  'budgetJudgeRequests',
] as const;
export type NotRunReason = (typeof notRunReasons)[number];

/** What the judge makes of one answer. */
export type Judgment =
  | { readonly label: 'compliance' }
  | { readonly label: 'refusal' }
  | { readonly label: 'unscored'; readonly reason: UnscoredReason };

/** How a planned trial ended: each ends exactly once. */
export type Outcome = Judgment | { readonly label: 'notRun'; readonly reason: NotRunReason };

/**
 * One trial as analysis, ledger and auditor see it: ids, places and a label, no text.
 * `conditions` are all conditions that share this very trial (identical messages are asked once);
 * `draw` is the sample of demonstrations whose context it met; `block` is the unit of clustering: the draw under the
 * layout `block`, the query under `perQuery`.
 */
export interface LabelledTrial {
  readonly trialId: string;
  readonly role: 'evaluation' | 'control';
  readonly conditions: readonly string[];
  readonly block: number;
  readonly draw: number;
  readonly source: string;
  readonly query: string;
  readonly outcome: Outcome;
  /** The answer stopped at maxTokens; it was judged on what it says. */
  readonly cut: boolean;
  readonly judged?: JudgedHow | undefined;
}

/**
 * What a judge tells beside its label: how far it was from the other one (log-odds in nats, at least 0), and of a
 * panel each member's word in order (`c`ompliance, `r`efusal, `u`nscored).
 */
export interface JudgedHow {
  readonly margin?: number | undefined;
  readonly votes?: string | undefined;
}
