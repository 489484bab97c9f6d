import { MixgateError } from '../config/errors.ts';
import { judgeSpecOf } from '../config/judge-policy.ts';
import type { Policy } from '../config/policy.ts';
import { Budget } from '../inference/budget.ts';
import type { Client, Endpoint } from '../inference/client.ts';
import { makeExchange, type Surroundings } from '../inference/exchange.ts';
import type { Finding } from '../inference/preflight.ts';
import { findTokenizer } from '../inference/tokenizer.ts';
import { estimatingCounter } from '../suite/token-count.ts';
import { pickCandidate, readCanaries, readSuite } from './gate-inputs.ts';
import { findJudges, makeJudge, meetJudges, refuseSelfJudging } from './judge-servers.ts';
import { timeLimitsOf } from './meet.ts';
import { noJournal } from './meet-judge.ts';
import { costWith, policyAsked, roomBeside } from './plan-cost.ts';
import { checkCandidate, describeServer } from './preflight.ts';
import { checkJudge } from './preflight-judge.ts';
import { findCandidate, meetCandidate, type ServersRequest } from './servers.ts';

/** What `mixgate preflight` is asked to try. */
export interface PreflightRequest extends ServersRequest {
  readonly policyPath: string;
  readonly model?: string | undefined;
  readonly candidatePath?: string | undefined;
}

export interface PreflightReport {
  /** Whether a run could start. */
  readonly ready: boolean;
  readonly findings: readonly Finding[];
}

/**
 * Tries the servers of a run without starting one: what is found of each, and whether a run could start. Nothing is
 * written to the disk.
 *
 * @throws ConfigError on the policy, its files or the flags; what servers do is a finding
 */
export async function preflightServers(
  request: PreflightRequest,
  around: Surroundings,
): Promise<PreflightReport> {
  const { model } = pickCandidate(request);
  const suite = await readSuite(request.policyPath);
  const { policy } = suite.loaded;
  const limits = timeLimitsOf(policy);
  const endpoints = findCandidate(request, model, limits);
  const setting = { ...suite, around };
  const findings = [
    ...(await foundAt(endpoints[0]?.namedBy ?? '', () => tryCandidate(endpoints, setting))),
    ...(await foundAt('--judge-base-url', async () => {
      const judges = findJudges(judgeSpecOf(policy.judge), request, limits);
      refuseSelfJudging(endpoints, judges);
      return judges.length === 0 ? [] : tryJudge(judges, setting);
    })),
  ];
  return { ready: findings.every(({ outcome }) => outcome !== 'fail'), findings };
}

interface Setting extends Awaited<ReturnType<typeof readSuite>> {
  readonly around: Surroundings;
}

async function tryCandidate(
  endpoints: ReturnType<typeof findCandidate>,
  { loaded, plan, around }: Setting,
): Promise<Finding[]> {
  const { policy } = loaded;
  const met = await meetCandidate(endpoints, around.signal);
  // Counting a whole plan at a server takes longer than a preflight may; its longest prompts are counted there.
  const asked = { ...loaded, policy: policyAsked(policy, met.client) };
  const cost = await costWith(estimatingCounter, { loaded: asked, plan, canaries: readCanaries(loaded) });
  return checkCandidate({
    plan,
    policy,
    servers: { ...met, tokenizer: await findTokenizer(met.client, around.signal) },
    budget: budgetOf(policy.budget, policy),
    journal: noJournal,
    around,
    takeRoom: roomBeside(policy, cost),
    longestPrompt: { tokens: cost.longestPrompt, exact: false },
  });
}

async function tryJudge(endpoints: readonly Endpoint[], setting: Setting): Promise<Finding[]> {
  const { loaded, around } = setting;
  const { policy } = loaded;
  const judges = await meetJudges(endpoints, around.signal);
  const budget = budgetOf({ requests: policy.budget.judge?.requests }, policy);
  const { retries } = policy.inference;
  const exchange = ({ endpoint }: Client) =>
    makeExchange({ to: 'judge', endpoint, budget, journal: noJournal, retries, around });
  const canaries = await checkJudge({
    judge: makeJudge(judgeSpecOf(policy.judge), { judges, exchange, signal: around.signal }),
    of: '--judge-base-url',
    canaries: readCanaries(loaded).rows,
    journal: noJournal,
    room: Number.POSITIVE_INFINITY,
    around,
  });
  return [...judges.map(({ client, served }) => describeServer(client, served)), ...canaries];
}

function budgetOf(caps: Omit<Policy['budget'], 'judge'>, { prices }: Policy): Budget {
  const spent = { requests: 0, prompt: 0, cached: 0, completion: 0 };
  return new Budget({ caps, prices, spent, minutesUsed: () => 0 });
}

/** What stops the trying of one server is a finding of it, so that the other is tried too. */
async function foundAt(of: string, look: () => Promise<Finding[]>): Promise<Finding[]> {
  try {
    return await look();
  } catch (error) {
    if (!(error instanceof MixgateError) || error.code === 'INTERRUPTED') throw error;
    return error.complaints.map(({ where, got, expected, remedy }) => ({
      check: 'served',
      of: where.startsWith('--') ? where : `${of}: ${where}`,
      outcome: 'fail',
      what: `expected ${expected}, got ${got}`,
      remedy,
    }));
  }
}
