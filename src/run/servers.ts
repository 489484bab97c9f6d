import { judgeSpecOf } from '../config/judge-policy.ts';
import type { Policy } from '../config/policy.ts';
import { type Client, connect } from '../inference/client.ts';
import { readServedIdentity, type ServedIdentity } from '../inference/served.ts';
import { findTokenizer, type Tokenizer } from '../inference/tokenizer.ts';
import {
  findJudges,
  type MetJudge,
  meetJudges,
  refuseSelfJudging,
  refuseSharedRoot,
} from './judge-servers.ts';
import type { GateRequest } from './run-gate.ts';

/** The candidate's server, and those of the judges that have one, with what each says that it serves. */
export interface Servers {
  readonly client: Client;
  readonly served: ServedIdentity;
  /** The candidate’s own, where its server offers one. */
  readonly tokenizer: Tokenizer | undefined;
  readonly judges: readonly MetJudge[];
}

/** @throws ConfigError on a wrong address or a judge that is the candidate; ModelError on a server that is not there */
export async function meetServers(
  request: GateRequest,
  model: string,
  policy: Policy,
  signal: AbortSignal,
): Promise<Servers> {
  const timeoutMs = policy.inference.timeoutSeconds * 1000;
  const { baseUrl, apiKey } = request;
  const client = connect({ baseUrl, model, apiKey, timeoutMs, namedBy: '--base-url' });
  const endpoints = findJudges(judgeSpecOf(policy.judge), request, timeoutMs);
  // A wrong address is told before any server is asked.
  for (const endpoint of endpoints) connect(endpoint);
  refuseSelfJudging(client.endpoint, endpoints);
  const served = await readServedIdentity(client, signal);
  const judges = await meetJudges(endpoints, signal);
  refuseSharedRoot({ client, served }, judges);
  return { client, served, judges, tokenizer: await findTokenizer(client, signal) };
}
