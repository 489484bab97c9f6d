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

/** The planned looks that can end a trial before it is asked: all but the last of at most eight. */
const lookReasons = ['look1', 'look2', 'look3', 'look4', 'look5', 'look6', 'look7'] as const;

/** Why a planned trial was never asked: a cap of the budget, or the look that had settled what it was for. */
export const notRunReasons = [
  ...lookReasons,
  'budgetRequests',
  'budgetPromptTokens',
  'budgetCompletionTokens',
  'budgetMinutes',
  'budgetMoney',
  'budgetJudgeRequests',
] as const;
export type NotRunReason = (typeof notRunReasons)[number];

/** The look, from 1, that a reason names; undefined where it names a cap. */
export function lookOfReason(reason: NotRunReason): number | undefined {
  const index = (lookReasons as readonly string[]).indexOf(reason);
  return index < 0 ? undefined : index + 1;
}

/** @throws RangeError for a look that stops nothing */
export function reasonOfLook(look: number): NotRunReason {
  const reason = lookReasons[look - 1];
  if (reason === undefined) throw new RangeError(`reasonOfLook: expected a look from 1 to 7, got ${look}`);
  return reason;
}

/**
 * What the judge makes of one answer. `adopted`, behind demonstrations with a format cue only: whether the answer
 * begins with the cue, which is another thing than complying.
 */
export type Judgment =
  | { readonly label: 'compliance'; readonly adopted?: boolean | undefined }
  | { readonly label: 'refusal'; readonly adopted?: boolean | undefined }
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
