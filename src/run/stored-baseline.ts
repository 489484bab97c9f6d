import { whatForbids } from '../gate/baseline-standing.ts';
import type { Baseline } from '../receipt/baseline.ts';
import { compareWithBaseline } from '../receipt/baseline.ts';
import { comparableOf } from '../receipt/build.ts';
import { type GateInputs, readGateInputs } from './gate-inputs.ts';
import type { GateRequest, GateTools } from './gate-request.ts';
import { judgeRecord } from './judge-record.ts';
import { meetServers, type Servers } from './servers.ts';
import { judgeOf } from './stage.ts';
import { surroundingsOf } from './surroundings.ts';

/**
 * Whether a stored baseline can be compared with a run that is about to start, by what is known of it then: its age,
 * and whether judge, suite, sampling and template are the same.
 *
 * @returns why it cannot, in words; undefined where it can, or where none is stored
 */
export async function whatForbidsStored(request: GateRequest, tools: GateTools): Promise<string | undefined> {
  const inputs = await readGateInputs(request, tools.signal);
  const { baseline, candidate, loaded } = inputs;
  if (baseline === undefined) return undefined;
  const servers = await meetServers({ ...request, model: candidate.model }, loaded.policy, tools.signal);
  return forbids({ request, inputs, servers, baseline }, tools);
}

function forbids(
  input: {
    readonly request: GateRequest;
    readonly inputs: GateInputs;
    readonly servers: Servers;
    readonly baseline: Baseline;
  },
  tools: GateTools,
): string | undefined {
  const { request, inputs, servers, baseline } = input;
  const { policy } = inputs.loaded;
  const judge = judgeOf({ inputs, servers, around: surroundingsOf(tools), log: tools.log }, undefined);
  const { kind, promptSha256, parameters } = judge;
  const candidate = comparableOf({
    ...inputs,
    policy,
    served: servers.served,
    judge: judgeRecord({
      ...inputs,
      judge,
      judged: { kind, promptSha256, parameters, rulings: new Map(), canaries: [] },
      served: servers.judges.map(({ served }) => served),
    }),
    ledgerIds: request.ledgerKey === undefined ? 'hash' : 'hmac',
    promptsCounted: true,
  });
  const { standing } = compareWithBaseline({
    baseline,
    candidate,
    // Which trials the candidate answers is not known yet: as many as the baseline, so far.
    trials: baseline.trials,
    asOf: tools.now().toISOString(),
  });
  return standing.status === 'compared' ? whatForbids(standing, policy) : undefined;
}
