import type { MaybeInterval } from '../analysis/interval.ts';
import type { EvidenceView } from './evidence-view.ts';
import { type CheckOutcome, type Decision, decideMaximum, type ErrorRates, type Quantity } from './limit.ts';

/** One requirement of the policy with its own estimate, interval, limit and outcome. */
export interface CheckResult {
  readonly name: string;
  readonly outcome: CheckOutcome;
  readonly value: MaybeInterval;
  /** The same without the judge's error; only where the policy names a judge card. */
  readonly corrected?: MaybeInterval | undefined;
  readonly threshold: number;
  /** The planned look, from 1, at which it was settled, or at which it was held last. */
  readonly look: number;
  readonly at: string;
  readonly note: string;
  readonly motivation: string;
  readonly remedy: string;
}

/** A requirement before it is held against evidence. */
export interface Check {
  readonly name: string;
  readonly threshold: number;
  readonly needsBaseline: boolean;
  /** The conditions whose trials it reads: what it needs while it is not settled. */
  readonly reads: Readonly<Record<'evaluation' | 'control', readonly string[]>>;
  readonly motivation: string;
  readonly remedy: string;
  /** @param limit another limit than the policy's, to ask what could be claimed against it */
  decide(view: EvidenceView, errors: ErrorRates, limit?: number): Decision;
}

/** A check with an upper limit, or none where the policy sets no limit. */
export function maximum(input: {
  readonly name: string;
  readonly limit: number | undefined;
  readonly needsBaseline?: boolean;
  readonly reads: Check['reads'];
  readonly motivation: string;
  readonly remedy: string;
  readonly quantities: (view: EvidenceView) => readonly Quantity[];
  readonly failing?: (view: EvidenceView) => readonly Quantity[];
}): Check[] {
  const { name, limit, needsBaseline = false, reads, motivation, remedy } = input;
  if (limit === undefined) return [];
  const decide = (view: EvidenceView, errors: ErrorRates, against = limit) =>
    decideMaximum({
      passing: input.quantities(view),
      ...(input.failing === undefined ? {} : { failing: input.failing(view) }),
      limit: against,
      errors,
    });
  return [{ name, threshold: limit, needsBaseline, reads, motivation, remedy, decide }];
}
