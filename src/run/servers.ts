import { ConfigError } from '../config/errors.ts';
import { judgeSpecOf } from '../config/judge-policy.ts';
import type { Policy } from '../config/policy.ts';
import { type Client, connect, type Endpoint } from '../inference/client.ts';
import type { MetServer } from '../inference/replica.ts';
import { routeToReplicas } from '../inference/replicas.ts';
import { requireAlike, type ServedIdentity } from '../inference/served.ts';
import { findTokenizer, type Tokenizer } from '../inference/tokenizer.ts';
import type { GateRequest } from './gate-request.ts';
import { findJudges, meetJudges, refuseSelfJudging, refuseSharedRoot } from './judge-servers.ts';
import { addressOf, meet, now, type TimeLimits, timeLimitsOf } from './meet.ts';

/** The candidate's server, and those of the judges that have one, with what each says that it serves. */
export interface Servers {
  /** Sends each context to one of the replicas. */
  readonly client: Client;
  /** The candidate's servers one by one; often a single one. */
  readonly replicas: readonly Client[];
  readonly served: ServedIdentity;
  /** The candidate’s own, where its server offers one. */
  readonly tokenizer: Tokenizer | undefined;
  readonly judges: readonly MetServer[];
}

/** What names the servers of a run. */
export type ServersRequest = Pick<
  GateRequest,
  'baseUrl' | 'baseUrlFlag' | 'apiKey' | 'judgeBaseUrl' | 'judgeModel' | 'judgeApiKey'
>;

/**
 * Meets the candidate's servers and the judges'.
 *
 * @throws ConfigError on a wrong address or a judge that is the candidate; ModelError on a server that is not there
 */
export async function meetServers(
  { model, ...request }: ServersRequest & { readonly model: string },
  policy: Policy,
  signal: AbortSignal,
): Promise<Servers> {
  const limits = timeLimitsOf(policy);
  const candidates = findCandidate(request, model, limits);
  const endpoints = findJudges(judgeSpecOf(policy.judge), request, limits);
  // A wrong address is told before any server is asked.
  for (const endpoint of endpoints) connect(endpoint);
  refuseSelfJudging(candidates, endpoints);
  const { client, replicas, served } = await meetCandidate(candidates, signal);
  const judges = await meetJudges(endpoints, signal);
  refuseSharedRoot(candidates, served, judges);
  return { client, replicas, served, judges, tokenizer: await findTokenizer(client, signal) };
}

/** The replicas of the candidate, all of them there and alike, behind one client. */
export async function meetCandidate(
  endpoints: readonly Endpoint[],
  signal: AbortSignal,
): Promise<Pick<Servers, 'client' | 'replicas' | 'served'>> {
  const met: MetServer[] = [];
  // One after the other: the first that is not there is the one to name.
  for (const endpoint of endpoints) met.push(await meet(endpoint, signal));
  const [first, ...others] = met;
  if (first === undefined) throw new RangeError('meetCandidate: expected at least one endpoint, got none');
  for (const { client, served } of others) requireAlike(first.served, served, client.endpoint.namedBy);
  return {
    client: routeToReplicas({ servers: met, now }),
    replicas: met.map(({ client }) => client),
    served: first.served,
  };
}

/**
 * The candidate's servers: one address, or several between commas or blanks.
 *
 * @throws ConfigError BASE_URL on none, REPLICA_TWICE
 */
export function findCandidate(
  {
    baseUrl,
    baseUrlFlag: flag = '--base-url',
    apiKey,
  }: Pick<ServersRequest, 'baseUrl' | 'baseUrlFlag' | 'apiKey'>,
  model: string,
  limits: TimeLimits,
): Endpoint[] {
  const addresses = baseUrl.split(/[\s,]+/).filter((address) => address !== '');
  // Nothing is left for connect to say what is wrong with.
  if (addresses.length === 0) addresses.push('');
  const endpoints = addresses.map((address, index) => ({
    baseUrl: address,
    model,
    apiKey,
    ...limits,
    namedBy: addresses.length === 1 ? flag : `${flag} (replica ${index + 1} of ${addresses.length})`,
  }));
  for (const endpoint of endpoints) connect(endpoint);
  const twice = endpoints.find((one, index) =>
    endpoints.slice(0, index).some((other) => addressOf(other) === addressOf(one)),
  );
  if (twice === undefined) return endpoints;
  throw new ConfigError({
    code: 'REPLICA_TWICE',
    where: twice.namedBy,
    expected: 'an address that no other replica has',
    got: 'one that is named twice',
    remedy: 'name each replica once',
  });
}
