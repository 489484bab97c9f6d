import { judgeAgreement } from '../analysis/judge-agreement.ts';
import type { ServedIdentity } from '../inference/served.ts';
import { countsPrompts, labelTrials, promptTokensOf, publicIds } from '../judge/label-trials.ts';
import type { ReceiptParts } from '../receipt/build.ts';
import { version } from '../version.ts';
import type { Measured } from './measure.ts';
import type { GateRequest } from './run-gate.ts';
import type { JudgeStage } from './stage.ts';
import type { RunState } from './state.ts';

/** What the evidence of a whole run is built of. */
export function partsOf({
  stage: { inputs, servers },
  state,
  request: { ledgerKey, attempt },
  asked,
  judged,
  served,
}: Pick<Measured, 'asked' | 'judged'> & {
  readonly served: ServedIdentity;
  readonly stage: Pick<JudgeStage, 'inputs' | 'servers'>;
  readonly state: Pick<RunState, 'header'>;
  readonly request: Pick<GateRequest, 'ledgerKey' | 'attempt'>;
}): ReceiptParts {
  const { plan, canaries, loaded } = inputs;
  const { kind, promptSha256 } = judged;
  return {
    ...inputs,
    policy: loaded.policy,
    policySha256: loaded.sha256,
    trials: labelTrials({ plan, asked, ...judged, publicId: publicIds(ledgerKey) }),
    ledgerIds: ledgerKey === undefined ? 'hash' : 'hmac',
    served,
    judge: {
      kind,
      promptSha256,
      served: state.header.judgeServed ?? servers.judgeServed,
      canariesSha256: canaries.sha256,
      agreement: judgeAgreement(judged.canaries),
    },
    promptsCounted: countsPrompts(plan, promptTokensOf(asked)),
    asOf: state.header.asOf,
    attempt,
    version,
  };
}
