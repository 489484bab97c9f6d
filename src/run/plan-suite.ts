import { findTokenizer } from '../inference/tokenizer.ts';
import { cardRecord } from '../receipt/card-record.ts';
import { estimatingCounter } from '../suite/token-count.ts';
import { readCanaries, readSuite } from './gate-inputs.ts';
import { timeLimitsOf } from './meet.ts';
import { costAtServer, costWith, policyAsked } from './plan-cost.ts';
import { type PlanSummary, summarizePlan } from './plan-summary.ts';
import { doubtsOf, readCard } from './read-card.ts';
import { withRepeats } from './repeat.ts';
import { findCandidate, meetCandidate } from './servers.ts';

/** What to plan, and the server whose tokenizer counts; without one the network is not touched. */
export interface PlanRequest {
  readonly policyPath: string;
  /** Share of the trials, in (0, 1], that the run would ask again. */
  readonly repeatFraction?: number | undefined;
  readonly server:
    | { readonly baseUrl: string; readonly model: string; readonly apiKey: string | undefined }
    | undefined;
}

/**
 * Lays out a policy's suite and works out what it costs and what it could see.
 *
 * @throws ConfigError on a policy or a source; ModelError where the named server is not there
 */
export async function planSuite({ policyPath, repeatFraction, server }: PlanRequest): Promise<PlanSummary> {
  const { loaded, sources, plan } = await readSuite(policyPath);
  const { policy } = loaded;
  const named = readCard(loaded);
  const doubts = doubtsOf(policy, named);
  const card = named && cardRecord(named).tables;
  const all = withRepeats(plan, repeatFraction, policy.suite.seed);
  const costed = { loaded, plan: all, canaries: readCanaries(loaded) };
  if (server === undefined) {
    const cost = await costWith(estimatingCounter, costed);
    return summarizePlan({ plan, policy, sources, cost, contextLength: null, doubts, card });
  }
  const { signal } = new AbortController();
  const endpoints = findCandidate(server, server.model, timeLimitsOf(policy));
  const { client, served } = await meetCandidate(endpoints, signal);
  const { contextLength } = served;
  const asked = { ...costed, loaded: { ...loaded, policy: policyAsked(policy, client) } };
  const cost = await costAtServer(asked, await findTokenizer(client, signal), signal);
  return summarizePlan({ plan, policy, sources, cost, contextLength, doubts, card });
}
