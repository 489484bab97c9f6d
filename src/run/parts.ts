import type { Asked } from '../inference/ask.ts';
import type { ServedIdentity } from '../inference/served.ts';
import type { JudgeResult } from '../judge/judge-answers.ts';
import { countsPrompts, labelTrials, promptTokensOf, publicIds } from '../judge/label-trials.ts';
import type { ReceiptParts } from '../receipt/build.ts';
import type { PlannedTrial } from '../suite/plan.ts';
import { version } from '../version.ts';
import type { GateRequest } from './gate-request.ts';
import { judgeRecord } from './judge-record.ts';
import { type JudgeStage, judgeOf } from './stage.ts';
import type { RunState } from './state.ts';

/**
 * What the evidence of a run is built of.
 *
 * @param input.trials those that have ended; all of the plan unless given
 */
export function partsOf(input: {
  readonly asked: ReadonlyMap<string, Asked>;
  readonly judged: JudgeResult;
  readonly served: ServedIdentity;
  readonly stage: JudgeStage;
  readonly state: Pick<RunState, 'header'>;
  readonly request: Pick<GateRequest, 'ledgerKey' | 'attempt'>;
  readonly trials?: readonly PlannedTrial[];
}): ReceiptParts {
  const { stage, state, asked, judged, served } = input;
  const { inputs } = stage;
  const { ledgerKey, attempt } = input.request;
  const { loaded } = inputs;
  const plan = { ...inputs.plan, trials: input.trials ?? inputs.plan.trials };
  return {
    ...inputs,
    policy: loaded.policy,
    policySha256: loaded.sha256,
    trials: labelTrials({ plan, asked, ...judged, publicId: publicIds(ledgerKey) }),
    ledgerIds: ledgerKey === undefined ? 'hash' : 'hmac',
    served,
    judge: judgeRecord({
      ...inputs,
      judge: judgeOf(stage, undefined),
      judged,
      served: judgesServed(stage, state),
    }),
    promptsCounted: countsPrompts(plan, promptTokensOf(asked)),
    asOf: state.header.asOf,
    attempt,
    version,
  };
}

/** What the judges' servers said at the run's first start. */
export function judgesServed(
  { servers }: JudgeStage,
  { header }: Pick<RunState, 'header'>,
): ServedIdentity[] {
  const [first, ...others] = servers.judges.map(({ served }) => served);
  return first === undefined ? [] : [header.judgeServed ?? first, ...others];
}
