import type { Policy } from '../config/policy.ts';
import type { AskResult } from '../inference/ask.ts';
import { moneyOf } from '../inference/budget.ts';
import type { Client } from '../inference/client.ts';
import { type Engine, profileOf, type RequestFields } from '../inference/engine.ts';
import type { Surroundings } from '../inference/exchange.ts';
import { presetFields } from '../inference/presets.ts';
import type { RunRecord } from '../receipt/receipt.ts';
import type { PlanCost } from '../suite/cost.ts';
import { askingOf } from './batch-export.ts';
import type { GateInputs } from './gate-inputs.ts';
import type { GateRequest } from './gate-request.ts';
import { plannedUse } from './plan-cost.ts';
import type { Servers } from './servers.ts';
import type { RunState } from './state.ts';

/**
 * What a run took, for the part of the receipt that is no evidence.
 *
 * @param run.checks requests of the preflight, which are no trials and no retries
 */
export function describeRun(run: {
  readonly request: GateRequest;
  readonly policy: Policy;
  readonly servers: Servers;
  readonly state: RunState;
  readonly around: Surroundings;
  readonly answers: AskResult;
  readonly checks: number;
  readonly cost: PlanCost;
}): RunRecord {
  const { request, state, around, checks } = run;
  const { asked, mostInFlight, concurrency, cache } = run.answers;
  const { spent } = state.budget;
  const ended = [...asked.values()];
  const countsCache = ended.some((one) => one.t === 'answer' && one.usage.cachedTokens !== null);
  return {
    startedAt: state.header.asOf,
    finishedAt: around.now().toISOString(),
    minutes: state.minutesUsed(),
    sessions: state.sessions,
    requests: spent.requests,
    retries: spent.requests - checks - ended.filter(({ t }) => t !== 'notRun').length,
    checks,
    judgeRequests: state.judgeBudget.spent.requests,
    promptTokens: spent.prompt,
    cachedTokens: countsCache ? spent.cached : null,
    completionTokens: spent.completion,
    money: moneyOf(spent, run.policy.prices) ?? null,
    planned: plannedUse(run.cost),
    mostInFlight,
    concurrency,
    cache,
    requestFields: fieldsOf(run.servers.client, run.policy),
    ...machine,
    github: request.github,
  };
}

/** The same of answers that came from batch files: what they say of their tokens, and what judging them took here. */
export function describeImport({
  engine,
  github,
  inputs,
  state,
  around,
  asked,
}: {
  readonly engine: Engine;
  readonly github: GateRequest['github'];
  readonly inputs: GateInputs;
  readonly state: RunState;
  readonly around: Surroundings;
  readonly asked: AskResult['asked'];
}): RunRecord {
  const { policy } = inputs.loaded;
  const usages = [...asked.values()].flatMap((one) => (one.t === 'answer' ? [one.usage] : []));
  const sum = (tokens: readonly (number | null)[]) =>
    tokens.reduce<number>((all, one) => all + (one ?? 0), 0);
  const cached = usages.map(({ cachedTokens }) => cachedTokens);
  const spent = {
    prompt: sum(usages.map(({ promptTokens }) => promptTokens)),
    cached: sum(cached),
    completion: sum(usages.map(({ completionTokens }) => completionTokens)),
  };
  const { manner } = askingOf({ model: inputs.candidate.model, engine }, policy.sampling);
  return {
    startedAt: state.header.asOf,
    finishedAt: around.now().toISOString(),
    minutes: state.minutesUsed(),
    sessions: state.sessions,
    requests: asked.size,
    retries: 0,
    checks: 0,
    judgeRequests: state.judgeBudget.spent.requests,
    promptTokens: spent.prompt,
    cachedTokens: cached.some((tokens) => tokens !== null) ? spent.cached : null,
    completionTokens: spent.completion,
    money: moneyOf(spent, policy.prices) ?? null,
    mostInFlight: 0,
    requestFields: fieldsOf({ manner }, policy),
    ...machine,
    github,
  };
}

/** The fields of a trial's request that are the same for all. */
function fieldsOf({ manner }: Pick<Client, 'manner'>, { sampling }: Policy): RequestFields {
  const profile = manner?.profile ?? profileOf('unknown');
  const { seed: _ownToEach, ...fields } = profile.fields(sampling);
  return { ...fields, ...presetFields(manner?.preset, profile) };
}

/** What rejudging took: the candidate was asked nothing. */
export function describeRejudging(run: {
  readonly started: Date;
  readonly finished: Date;
  readonly judgeRequests: number;
}): RunRecord {
  const { started, finished, judgeRequests } = run;
  return {
    startedAt: started.toISOString(),
    finishedAt: finished.toISOString(),
    minutes: (finished.getTime() - started.getTime()) / 60_000,
    sessions: 1,
    requests: 0,
    retries: 0,
    checks: 0,
    judgeRequests,
    promptTokens: 0,
    cachedTokens: null,
    completionTokens: 0,
    money: null,
    mostInFlight: 0,
    ...machine,
    github: null,
  };
}

/** What ran the gate. */
const machine = { node: process.version, platform: `${process.platform}-${process.arch}` };
