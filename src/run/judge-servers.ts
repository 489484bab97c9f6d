import { ConfigError } from '../config/errors.ts';
import { isServed, type JudgeSpec, type MemberSpec } from '../config/judge-policy.ts';
import type { Client, Endpoint } from '../inference/client.ts';
import type { Exchange } from '../inference/exchange.ts';
import type { MetServer } from '../inference/replica.ts';
import { routeToReplicas } from '../inference/replicas.ts';
import type { ServedIdentity } from '../inference/served.ts';
import { makeClassifierJudge } from '../judge/classifier.ts';
import type { Judge } from '../judge/judge.ts';
import { makeLlamaGuardJudge } from '../judge/llama-guard.ts';
import { makePanelJudge } from '../judge/panel.ts';
import { makePhrasesJudge } from '../judge/phrases.ts';
import { makeRubricJudge } from '../judge/rubric.ts';
import { makeWildguardJudge } from '../judge/wildguard.ts';
import type { Evidence } from '../receipt/receipt.ts';
import { addressOf, meet, now, type TimeLimits } from './meet.ts';

/** Where judges are served, as flags and inputs say it: of a panel, one entry for each member that is served. */
export interface JudgeAddress {
  readonly judgeBaseUrl?: string | undefined;
  readonly judgeModel?: string | undefined;
  readonly judgeApiKey?: string | undefined;
}

/** Every single judge of a spec, in order. */
function membersOf(spec: JudgeSpec): readonly MemberSpec[] {
  return spec.kind === 'panel' ? spec.members : [spec];
}

/**
 * The endpoints of the judges that need one, in order; of several, one address may serve them all.
 *
 * @throws ConfigError JUDGE_MISSING: never the candidate, never a weaker judge in the place of the one that was asked for
 */
export function findJudges(spec: JudgeSpec, address: JudgeAddress, limits: TimeLimits): Endpoint[] {
  const served = membersOf(spec).filter(isServed);
  if (served.length === 0) return [];
  const { judgeBaseUrl, judgeModel, judgeApiKey: apiKey } = address;
  const split = (text: string | undefined) =>
    (served.length === 1 ? [text ?? ''] : (text ?? '').split(/[\s,]+/)).filter((one) => one !== '');
  const urls = split(judgeBaseUrl);
  const models = split(judgeModel);
  const baseUrls = urls.length === 1 ? models.map(() => urls[0] ?? '') : urls;
  // Without any server its models are the lesser want.
  if (urls.length > 0 && models.length !== served.length)
    throw missing(spec, { where: '--judge-model', expected: served.length, got: models.length });
  if (baseUrls.length !== served.length || urls.length === 0)
    throw missing(spec, { where: '--judge-base-url', expected: served.length, got: urls.length });
  return models.map((model, index) => ({
    baseUrl: baseUrls[index] ?? '',
    model,
    apiKey,
    ...limits,
    namedBy: '--judge-base-url',
  }));
}

function missing(
  spec: JudgeSpec,
  { where, expected, got }: { readonly where: string; readonly expected: number; readonly got: number },
): ConfigError {
  const what = where === '--judge-model' ? 'model' : 'server';
  return new ConfigError({
    code: 'JUDGE_MISSING',
    where,
    expected:
      expected === 1
        ? `the ${what} that serves the judge ${spec.kind}, as the policy asks`
        : `${expected} ${what}s, one for each judge of the panel that is served`,
    got: got === 0 ? 'nothing' : String(got),
    remedy: 'give --judge-base-url and --judge-model, or judge: { kind: phrases } in the policy',
  });
}

/** @throws ModelError on a server that is not there or does not serve the model */
export async function meetJudges(endpoints: readonly Endpoint[], signal: AbortSignal): Promise<MetServer[]> {
  const judges: MetServer[] = [];
  for (const endpoint of endpoints) {
    const judge = await meet(endpoint, signal);
    judges.push({ ...judge, client: routeToReplicas({ servers: [judge], now }) });
  }
  return judges;
}

/**
 * A model that judges itself can pass itself.
 *
 * @param candidates all replicas
 * @throws ConfigError JUDGE_IS_CANDIDATE
 */
export function refuseSelfJudging(candidates: readonly Endpoint[], judges: readonly Endpoint[]): void {
  for (const judge of judges) {
    const same = (one: Endpoint) => addressOf(one) === addressOf(judge) && one.model === judge.model;
    if (candidates.some(same)) throw selfJudging(judge);
  }
}

/**
 * Two names of one server for the same weights, as aliases are.
 *
 * @throws ConfigError JUDGE_IS_CANDIDATE
 */
export function refuseSharedRoot(
  candidates: readonly Endpoint[],
  candidate: ServedIdentity,
  judges: readonly MetServer[],
): void {
  for (const { client, served } of judges) {
    const shared = candidate.root !== null && candidate.root === served.root;
    if (shared && candidates.some((one) => addressOf(one) === addressOf(client.endpoint)))
      throw selfJudging(client.endpoint);
  }
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

/** What a judge that is served speaks through. */
export interface JudgeWire {
  /** Of `meetJudges`, in the order of `findJudges`. */
  readonly judges: readonly MetServer[];
  readonly exchange: (client: Client) => Exchange;
  readonly signal: AbortSignal;
}

/** The judge that a spec asks for. */
export function makeJudge(spec: JudgeSpec, { judges, exchange, signal }: JudgeWire): Judge {
  let next = 0;
  const members = membersOf(spec).map((member) => {
    if (member.kind === 'phrases') return makePhrasesJudge();
    const client = judges[next]?.client;
    next += 1;
    if (client === undefined)
      throw new RangeError(`makeJudge: expected a client for ${member.kind}, got none`);
    return makeServedJudge(member, { client, exchange: exchange(client), signal });
  });
  const [only] = members;
  if (spec.kind === 'panel') return makePanelJudge(members, spec.rule);
  if (only === undefined) throw new RangeError('makeJudge: expected a judge, got none');
  return only;
}

function makeServedJudge(
  spec: Exclude<MemberSpec, { kind: 'phrases' }>,
  at: { readonly client: Client; readonly exchange: Exchange; readonly signal: AbortSignal },
): Judge {
  switch (spec.kind) {
    case 'wildguard':
      return makeWildguardJudge(at);
    case 'llama-guard':
      return makeLlamaGuardJudge(at);
    case 'rubric':
      return makeRubricJudge({ ...at, ...spec });
    case 'classifier':
      return makeClassifierJudge({ ...at, ...spec });
  }
}

/** What a receipt says of who judged: a single judge's server, or each member of a panel with its own. */
export function describeJudges(
  judge: Judge,
  judges: readonly ServedIdentity[],
): Pick<Evidence['judge'], 'served' | 'members'> {
  if (judge.members === undefined) return { served: judges[0] ?? null };
  let next = 0;
  const members = judge.members.map(({ kind, promptSha256 }) => {
    const served = kind === 'phrases' ? null : (judges[next] ?? null);
    next += kind === 'phrases' ? 0 : 1;
    return { kind, promptSha256, served };
  });
  return { served: null, members };
}
