import type { ServedIdentity } from '../inference/served.ts';
import { identifyRun, type RunIdentity } from './run-identity.ts';
import { type JudgeStage, judgeOf } from './stage.ts';

/**
 * What identifies a run over what it has read and its judges.
 *
 * @param own.answeredBy the candidate's addresses, or what stands in their place
 * @param own.workflowRun undefined outside GitHub
 * @param own.shard as i/n; undefined for the whole plan
 */
export function identityOfStage(
  stage: JudgeStage,
  own: {
    readonly answeredBy: readonly string[];
    readonly served: ServedIdentity;
    readonly workflowRun: string | undefined;
    readonly shard?: string | undefined;
  },
): RunIdentity {
  const { inputs } = stage;
  const { judges } = stage.servers;
  const { kind, promptSha256 } = judgeOf(stage, undefined);
  // The first judge's identity stands in the state by itself.
  const others = judges.slice(1).map(({ served: { model, root } }) => ({ model, root }));
  return identifyRun({
    planSha256: inputs.plan.sha256,
    policySha256: inputs.loaded.sha256,
    candidate: inputs.candidate,
    judge: {
      kind,
      promptSha256,
      canariesSha256: inputs.canaries.sha256,
      cardSha256: inputs.card?.sha256 ?? null,
      ...(others.length === 0 ? {} : { others }),
    },
    servers: [...own.answeredBy, ...judges.map(({ client }) => client.endpoint.baseUrl)],
    workflowRun: own.workflowRun ?? null,
    baselineDigest: inputs.baseline?.receipt.digest,
    served: own.served,
    judgeServed: judges[0]?.served ?? null,
    shard: own.shard,
  });
}
