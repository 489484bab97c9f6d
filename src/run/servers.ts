import { ConfigError } from '../config/errors.ts';
import type { Policy } from '../config/policy.ts';
import { type Client, connect, type Endpoint } from '../inference/client.ts';
import { profileOf } from '../inference/engine.ts';
import type { Exchange } from '../inference/exchange.ts';
import { presetOf } from '../inference/presets.ts';
import { type MetServer, routeToReplicas } from '../inference/replicas.ts';
import { meetServer, requireAlike, type ServedIdentity } from '../inference/served.ts';
import { findTokenizer, type Tokenizer } from '../inference/tokenizer.ts';
import type { Judge } from '../judge/judge.ts';
import { makePhrasesJudge } from '../judge/phrases.ts';
import { makeWildguardJudge } from '../judge/wildguard.ts';
import type { GateRequest } from './run-gate.ts';

/** The candidate's server, and the judge's where the judge has one, with what each says that it serves. */
export interface Servers {
  /** Sends each context to one of the replicas. */
  readonly client: Client;
  /** The candidate's servers one by one; often a single one. */
  readonly replicas: readonly Client[];
  readonly served: ServedIdentity;
  /** The candidate’s own, where its server offers one. */
  readonly tokenizer: Tokenizer | undefined;
  readonly judgeClient: Client | undefined;
  readonly judgeServed: ServedIdentity | null;
}

/** What names the servers of a run. */
export type ServersRequest = Pick<
  GateRequest,
  'baseUrl' | 'baseUrlFlag' | 'apiKey' | 'judgeBaseUrl' | 'judgeModel' | 'judgeApiKey'
>;

type TimeLimits = Pick<Endpoint, 'timeoutMs' | 'connectMs' | 'firstByteMs'>;

export function timeLimitsOf({ inference }: Pick<Policy, 'inference'>): TimeLimits {
  const { timeoutSeconds, connectSeconds, firstByteSeconds } = inference;
  return {
    timeoutMs: timeoutSeconds * 1000,
    connectMs: connectSeconds * 1000,
    firstByteMs: (firstByteSeconds ?? timeoutSeconds) * 1000,
  };
}

/** @throws ConfigError on a wrong address or a judge that is the candidate; ModelError on a server that is not there */
export async function meetServers(
  request: ServersRequest,
  model: string,
  policy: Policy,
  signal: AbortSignal,
): Promise<Servers> {
  const limits = timeLimitsOf(policy);
  const endpoints = findCandidate(request, model, limits);
  const judgeEndpoint = findJudge(request, policy, limits);
  if (judgeEndpoint !== undefined) refuseSelfJudging(endpoints, judgeEndpoint);
  const { client, replicas, served } = await meetCandidate(endpoints, signal);
  const judge = judgeEndpoint === undefined ? undefined : await meet(judgeEndpoint, signal);
  if (judge !== undefined) refuseSharedRoot(endpoints, judge, served);
  return {
    client,
    replicas,
    served,
    judgeClient: judge && routeToReplicas({ servers: [judge], now }),
    judgeServed: judge?.served ?? null,
    tokenizer: await findTokenizer(client, signal),
  };
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

/** A server, known: from here on it is spoken to in its engine's manner. */
export async function meet(endpoint: Endpoint, signal: AbortSignal): Promise<MetServer> {
  const { served, engine } = await meetServer(connect(endpoint), signal);
  const manner = { profile: profileOf(engine), preset: presetOf([served.root, endpoint.model]) };
  return { client: connect(endpoint, manner), served };
}

function now(): number {
  return performance.now();
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

export function findJudge(request: ServersRequest, policy: Policy, limits: TimeLimits): Endpoint | undefined {
  if (policy.judge.kind === 'phrases') return undefined;
  const { judgeBaseUrl: baseUrl, judgeModel: model, judgeApiKey: apiKey } = request;
  if (baseUrl !== undefined && model !== undefined) {
    return { baseUrl, model, apiKey, ...limits, namedBy: '--judge-base-url' };
  }
  // Never the candidate, never a weaker judge: what was asked for is there, or the run does not start.
  throw new ConfigError({
    code: 'JUDGE_MISSING',
    where: baseUrl === undefined ? '--judge-base-url' : '--judge-model',
    expected: `the server that serves the judge ${policy.judge.kind}, as the policy asks`,
    got: 'nothing',
    remedy: 'give --judge-base-url and --judge-model, or judge: { kind: phrases } in the policy',
  });
}

/** A model that judges itself can pass itself. */
export function refuseSelfJudging(candidates: readonly Endpoint[], judge: Endpoint): void {
  const same = (one: Endpoint) => addressOf(one) === addressOf(judge) && one.model === judge.model;
  if (candidates.some(same)) throw selfJudging(judge);
}

/** Two names of one server for the same weights, as aliases are. */
function refuseSharedRoot(candidates: readonly Endpoint[], judge: MetServer, served: ServedIdentity): void {
  const { endpoint } = judge.client;
  const shared = served.root !== null && served.root === judge.served.root;
  if (shared && candidates.some((one) => addressOf(one) === addressOf(endpoint))) throw selfJudging(endpoint);
}

function selfJudging({ model }: Endpoint): ConfigError {
  return new ConfigError({
    code: 'JUDGE_IS_CANDIDATE',
    where: '--judge-model',
    expected: 'another model than the candidate',
    got: `${JSON.stringify(model)} at the candidate’s address`,
    remedy: 'serve the judge under a name of its own',
  });
}

/** An address by what it means: `localhost` is 127.0.0.1, and `/v1` may be left out. */
export function addressOf({ baseUrl }: Pick<Endpoint, 'baseUrl'>): string {
  const url = new URL(baseUrl);
  const host = ['localhost', '[::1]'].includes(url.hostname) ? '127.0.0.1' : url.hostname;
  const path = url.pathname.replace(/\/+$/, '').replace(/\/v1$/, '');
  return `${url.protocol}//${host}:${url.port}${path}`;
}

/** The judge that the policy asks for. */
export function makeJudge(
  kind: Policy['judge']['kind'],
  client: Client | undefined,
  exchange: (client: Client) => Exchange,
  signal: AbortSignal,
): Judge {
  switch (kind) {
    case 'phrases':
      return makePhrasesJudge();
    case 'wildguard':
      if (client === undefined) throw new RangeError('makeJudge: expected a client for wildguard, got none');
      return makeWildguardJudge({ client, exchange: exchange(client), signal });
  }
}
