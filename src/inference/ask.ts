import { ModelError } from '../config/errors.ts';
import type { Policy } from '../config/policy.ts';
import type { NotRunReason, UnscoredReason } from '../suite/outcome.ts';
import type { Plan, PlannedTrial } from '../suite/plan.ts';
import { askOne, type CountPrompt, type Exchanged } from './ask-one.ts';
import { cacheScope, fitsBeside, TokenLengths } from './ask-order.ts';
import type { Budget } from './budget.ts';
import { type CacheReport, cacheAdvice, joinReports, reportCache, spareable } from './cache-report.ts';
import { type Capacity, readCapacity } from './capacity.ts';
import { answerRoom, type Client } from './client.ts';
import { interrupted, makeExchange, OutageWatch, type Surroundings } from './exchange.ts';
import { isFault } from './fault.ts';
import type { Journal } from './journal.ts';
import type { AnswerEntry, JournalEntry } from './journal-entry.ts';
import { Limiter } from './limiter.ts';
import { onePlace } from './places.ts';
import { walkContexts } from './prefix-walk.ts';
import { Prompts } from './prompts.ts';
import { type CountersAround, withQueueWatch } from './queue-watch.ts';
import { RefusalWatch } from './refusal-watch.ts';
import type { Answer } from './reply.ts';
import { workInPrefixOrder } from './schedule.ts';
import { WorstCosts } from './worst-cost.ts';

/** How asking one trial ended. */
export type Asked =
  | AnswerEntry
  | { readonly t: 'unanswered'; readonly reason: UnscoredReason }
  | { readonly t: 'notRun'; readonly reason: NotRunReason };

export interface AskResult {
  readonly asked: ReadonlyMap<string, Asked>;
  readonly mostInFlight: number;
  readonly limiter: Limiter;
  readonly concurrency: Limiter['history'];
  readonly cache: CacheReport;
  /** What to tell the user of a server that computes again what it had. */
  readonly cacheAdvice: string | undefined;
}

interface AskInput {
  readonly plan: Plan;
  readonly client: Client;
  readonly policy: Policy;
  readonly budget: Budget;
  readonly journal: Journal;
  readonly around: Surroundings;
  readonly countPrompt?: CountPrompt | undefined;
  /** What an earlier call found of the server's capacity; found anew unless given. */
  readonly limiter?: Limiter | undefined;
  readonly onProgress: (done: number, total: number) => void;
}

/**
 * Asks every trial of the plan that the journal does not hold yet, in prefix order, block by block. The first trial
 * for which a cap leaves no room ends the asking: smaller ones that would still fit are later blocks' short contexts,
 * and a design of those alone shows nothing.
 *
 * @param input.countPrompt the server's own count of a prompt, where it has one: asked for when the cheap bound of
 *   a prompt's tokens does not fit into the budget any more
 * @throws ModelError when the server is gone, refuses every request, or is no longer the one that answered first
 */
export async function askTrials(input: AskInput): Promise<AskResult> {
  const { plan, client, policy, budget, around } = input;
  const { signal } = around;
  const asked = recordedAnswers(input.journal.entries);
  const capacity = await readCapacity(client, signal);
  const places = (await client.places?.(signal)) ?? onePlace;
  const limiter = input.limiter ?? limiterFor(policy, capacity, places.count);
  const watch = new OutageWatch(() => limiter.limit, client.endpoint.namedBy);
  const answered = [...asked.values()].some(({ t }) => t === 'answer');
  const refusals = new RefusalWatch(answered, client.endpoint.namedBy);
  const costs = new WorstCosts();
  const lengths = new TokenLengths();
  const work = workOn({ ...input, asked, limiter, watch, refusals, costs, lengths });
  const waiting = plan.trials.filter(({ trialId }) => !asked.has(trialId));
  const { result: mostInFlight, counters } = await withQueueWatch({ client, limiter, signal }, () =>
    workInPrefixOrder({
      walk: walkContexts(waiting),
      cache: cacheScope({
        capacity,
        lengths,
        maxTokens: answerRoom(client, policy.sampling),
        places,
      }),
      limit: () => limiter.limit,
      stopped: () => signal.aborted,
      mayStart: fitsBeside(budget, costs, answerRoom(client, policy.sampling)),
      work,
    }),
  );
  if (signal.aborted) throw interrupted();
  await watch.end(() => isThere(client, signal));
  refusals.release();
  return { asked, mostInFlight, limiter, concurrency: limiter.history, ...reportOf(input, asked, counters) };
}

/** What two calls for parts of one plan came to together. */
export function joinAnswers(before: AskResult | undefined, now: AskResult): AskResult {
  if (before === undefined) return now;
  return {
    ...now,
    asked: new Map([...before.asked, ...now.asked]),
    mostInFlight: Math.max(before.mostInFlight, now.mostInFlight),
    cache: joinReports(before.cache, now.cache),
    cacheAdvice: now.cacheAdvice ?? before.cacheAdvice,
  };
}

/** Where the server tells how many slots it has, more than these would only wait in it. */
function limiterFor({ inference }: Policy, capacity: Capacity, places: number): Limiter {
  const slots = capacity.slots === null ? undefined : capacity.slots * places;
  const most = Math.min(inference.maxConcurrency, slots ?? Number.POSITIVE_INFINITY);
  return new Limiter({ most, start: slots });
}

function reportOf(
  { plan, client }: AskInput,
  asked: ReadonlyMap<string, Asked>,
  counters: CountersAround,
): Pick<AskResult, 'cache' | 'cacheAdvice'> {
  const usages = [...asked.values()].flatMap((one) => (one.t === 'answer' ? [one.usage] : []));
  const report = reportCache({ usages, ...counters });
  return {
    cache: report,
    cacheAdvice: cacheAdvice({
      report,
      answers: usages.length,
      spareable: spareable(walkContexts(plan.trials), ({ query }) => query.request.length),
      engine: client.manner?.profile.engine ?? 'unknown',
    }),
  };
}

/** Asks one trial and records how that ended; tells whether the server has computed its prompt. */
function workOn(
  input: AskInput & {
    readonly asked: Map<string, Asked>;
    readonly limiter: Limiter;
    readonly watch: OutageWatch;
    readonly refusals: RefusalWatch;
    readonly costs: WorstCosts;
    readonly lengths: TokenLengths;
  },
): (trial: PlannedTrial) => Promise<boolean> {
  const { plan, client, policy, journal, around, asked, watch, refusals } = input;
  const { retries } = policy.inference;
  const exchange = makeExchange({ ...input, to: 'candidate', endpoint: client.endpoint, retries });
  const sameServer = answersAlike([...asked.values()], client);
  const tools = { ...input, exchange, prompts: new Prompts() };
  const at = () => around.now().toISOString();
  let spent: NotRunReason | undefined;
  const record = (trialId: string, outcome: Asked) => {
    asked.set(trialId, outcome);
    input.onProgress(asked.size, plan.trials.length);
  };
  return async (trial) => {
    const id = trial.trialId;
    const result: Exchanged =
      spent === undefined ? await askOne(trial, tools) : { kind: 'refused', reason: spent };
    switch (result.kind) {
      case 'refused':
        spent = result.reason;
        // Not journalled: a resumed run meets the same cap, by the requests that the journal counts.
        record(id, { t: 'notRun', reason: result.reason });
        return false;
      case 'answer': {
        sameServer(result);
        watch.alive();
        refusals.alive();
        const { kind: _kind, ...answer } = result;
        record(id, journal.appendAnswer({ t: 'answer', id, ...answer, at: at() }));
        return true;
      }
      case 'fault': {
        const { reason, detail } = result;
        const release = () => {
          journal.append({ t: 'unanswered', id, reason, at: at() });
          record(id, { t: 'unanswered', reason });
        };
        // A refusal of this one request shows a living server; a failure does not.
        if (result.retryable) watch.failed(release, detail);
        else if (reason === 'requestRefused') refusals.refused(result, release);
        else release();
        return false;
      }
    }
  };
}

/** Whether a server answers at all, be it that it has no list of models. */
async function isThere(client: Client, signal: AbortSignal): Promise<boolean> {
  const listed = await client.read('/models', signal);
  return !isFault(listed) || !listed.retryable;
}

/** How each trial ended according to a journal. */
export function recordedAnswers(entries: readonly JournalEntry[]): Map<string, Asked> {
  const asked = new Map<string, Asked>();
  for (const entry of entries) {
    if (entry.t === 'answer' || entry.t === 'unanswered') asked.set(entry.id, entry);
  }
  return asked;
}

/** A guard that every answer comes under the model name and fingerprint of the first. */
function answersAlike(recorded: readonly Asked[], client: Client): (answer: Answer) => void {
  type Signs = Pick<Answer, 'model' | 'fingerprint'>;
  let first: Signs | undefined = recorded.find((one) => one.t === 'answer');
  return (answer) => {
    first ??= answer;
    for (const field of ['model', 'fingerprint'] as const) {
      if (answer[field] === first[field]) continue;
      throw new ModelError({
        code: 'SERVER_CHANGED',
        where: `${client.endpoint.namedBy} ${field} in the answers`,
        expected: `${JSON.stringify(first[field])}, as in the first answer`,
        got: JSON.stringify(answer[field]),
        remedy: 'serve one checkpoint for the whole run; start again with an empty state directory',
      });
    }
  };
}
