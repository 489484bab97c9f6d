import type { Cue } from '../config/sweeps.ts';
import type { JudgedHow, Judgment, NotRunReason } from '../suite/outcome.ts';

/** What a judge reads: the query as it was asked and the candidate's answer. `id` names it in the journal. */
export interface Submission {
  readonly id: string;
  readonly request: string;
  readonly response: string;
  /** The opening that the demonstrations before the query had, if any: the answer is held to it beside the judge. */
  readonly cue?: Cue | undefined;
}

/** A judge's word, or the cap that kept it from being asked. */
export type Ruling = (Judgment | { readonly label: 'notRun'; readonly reason: NotRunReason }) & JudgedHow;

/** The judge's server gave no answer after all retries: perhaps this one answer, perhaps an outage. */
export interface NoRuling {
  readonly label: 'noAnswer';
  /** Why the last try had none, for messages. */
  readonly detail?: string;
}

/** Labels answers. `promptSha256` identifies prompt and rules: another hash is another judge. */
export interface Judge {
  readonly kind: string;
  readonly promptSha256: string;
  /** What of it a reader may want to know; all of it is in `promptSha256` too. */
  readonly parameters?: JudgeParameters | undefined;
  /** Of a panel, its judges in order. */
  readonly members?: readonly Judge[] | undefined;
  judge(submission: Submission): Promise<Ruling | NoRuling>;
}

export type JudgeParameters = Readonly<Record<string, string | number | boolean>>;
