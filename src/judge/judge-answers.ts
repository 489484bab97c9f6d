import { EvidenceError } from '../config/errors.ts';
import type { Asked } from '../inference/ask.ts';
import type { Endpoint } from '../inference/client.ts';
import { inOrder, workConcurrently } from '../inference/concurrency.ts';
import { interrupted, OutageWatch, type Surroundings } from '../inference/exchange.ts';
import type { Journal } from '../inference/journal.ts';
import type { JournalEntry } from '../inference/journal-entry.ts';
import type { Limiter } from '../inference/limiter.ts';
import { adoptsCue, cueOfTrial } from '../suite/format-adoption.ts';
import { groupBy } from '../suite/group-by.ts';
import type { Plan } from '../suite/plan.ts';
import {
  type Canary,
  type CanaryMoment,
  canaryKey,
  canaryMoments,
  type JudgedCanary,
  spreadBetween,
} from './canaries.ts';
import type { Judge, Ruling, Submission } from './judge.ts';
import { readAnswer } from './read-answer.ts';

/** All rulings of a run by trial, and the canaries as they were judged in it. */
export interface JudgeResult extends Pick<Judge, 'kind' | 'promptSha256' | 'parameters'> {
  readonly rulings: ReadonlyMap<string, Ruling>;
  readonly canaries: readonly JudgedCanary[];
}

/**
 * Judges the canaries, every answer that can be judged with the canaries spread between, and the canaries again; what
 * the journal holds is not judged twice.
 *
 * @throws ModelError OUTAGE where the judge's server is gone
 */
export async function judgeAnswers(input: {
  readonly plan: Plan;
  readonly asked: ReadonlyMap<string, Asked>;
  readonly minJudgedTokens: number;
  readonly judge: Judge;
  readonly endpoint: Endpoint | undefined;
  readonly canaries: readonly Canary[];
  readonly journal: Journal;
  /** What was ruled earlier in this session; what the journal held when it was opened, unless given. */
  readonly known?: ReadonlyMap<string, Ruling> | undefined;
  /** When canaries are judged in this call; all three moments unless given. */
  readonly moments?: readonly CanaryMoment[];
  /** Told by the judge’s exchange; a judge without a server is asked as many at once as it starts with. */
  readonly limiter: Limiter;
  readonly around: Surroundings;
  readonly onProgress: (done: number, total: number) => void;
}): Promise<JudgeResult> {
  const { canaries, journal, around, moments = canaryMoments } = input;
  const rulings = new Map(input.known ?? recordedRulings(journal.entries));
  const record = (id: string, ruling: Ruling) => {
    if (ruling.label !== 'notRun')
      journal.append({ t: 'judged', id, ...ruling, at: around.now().toISOString() });
    rulings.set(id, ruling);
  };
  const canariesAt = (moment: CanaryMoment): Pending[] =>
    (moments.includes(moment) ? canaries : [])
      .map(({ id, request, response }) => ({ id: canaryKey(moment, id), request, read: () => response }))
      .filter(({ id }) => !rulings.has(id));
  const answers = besideEachOther(sortAnswers(input, rulings, record));
  const watch = new OutageWatch(() => input.limiter.limit, input.endpoint?.namedBy ?? 'judge');
  const between = spreadBetween(answers, canariesAt('between'));
  for (const batch of [canariesAt('before'), between, canariesAt('after')]) {
    await judgeBatch({ ...input, batch, record, watch });
  }
  watch.alive();
  const { kind, promptSha256, parameters } = input.judge;
  return { kind, promptSha256, parameters, rulings, canaries: judgedCanaries(canaries, rulings) };
}

/** What is to be judged; its response is read when its turn comes, and not kept: all of them are too many. */
interface Pending extends Omit<Submission, 'response'> {
  readonly read: () => string;
}

async function judgeBatch(input: {
  readonly batch: readonly Pending[];
  readonly record: (id: string, ruling: Ruling) => void;
  readonly judge: Judge;
  /** One for all batches: answers to the last canaries tell whether the failures before them were an outage. */
  readonly watch: OutageWatch;
  readonly limiter: Limiter;
  readonly around: Surroundings;
  readonly onProgress: (done: number, total: number) => void;
}): Promise<void> {
  const { batch, judge, watch, around } = input;
  let done = 0;
  const record = (id: string, ruling: Ruling) => {
    input.record(id, ruling);
    done += 1;
    input.onProgress(done, batch.length);
  };
  await workConcurrently<Pending>({
    next: inOrder(batch),
    limit: () => input.limiter.limit,
    stopped: () => around.signal.aborted,
    work: async ({ id, request, cue, read }) => {
      const submission = { id, request, response: read(), cue };
      const ruling = await judge.judge(submission);
      if (ruling.label === 'noAnswer') {
        watch.failed(() => record(id, { label: 'unscored', reason: 'judgeFailed' }), ruling.detail);
        return;
      }
      watch.alive();
      record(id, withAdoption(ruling, submission));
    },
  });
  if (around.signal.aborted) throw interrupted();
}

/** Decided on the text, here where it is at hand: nothing of it goes on from here. */
function withAdoption(ruling: Ruling, { response, cue }: Submission): Ruling {
  if (cue === undefined || (ruling.label !== 'compliance' && ruling.label !== 'refusal')) return ruling;
  return { ...ruling, adopted: adoptsCue(response, cue) };
}

/**
 * Judge prompts begin with the judge’s instructions and the request: answers to one query share a prefix when they are
 * judged one after the other.
 */
function besideEachOther(pending: readonly Pending[]): Pending[] {
  return [...groupBy(pending, ({ request }) => request).values()].flat();
}

/** Rules on what no judge need see, and returns the answers that a judge can read. */
function sortAnswers(
  input: {
    readonly plan: Plan;
    readonly asked: ReadonlyMap<string, Asked>;
    readonly minJudgedTokens: number;
    readonly journal: Journal;
  },
  rulings: ReadonlyMap<string, Ruling>,
  record: (id: string, ruling: Ruling) => void,
): Pending[] {
  const conditions = new Map(input.plan.conditions.map((condition) => [condition.id, condition]));
  const complete = input.journal.entries.some(({ t }) => t === 'complete');
  return input.plan.trials.flatMap(({ trialId, query, conditions: shown }) => {
    const answer = input.asked.get(trialId);
    if (answer?.t !== 'answer' || rulings.has(trialId)) return [];
    const { text, finish, reasoned, usage } = answer;
    if (text === null) {
      // A complete run's texts are gone; what it left unjudged was left by a cap, and still is.
      if (!complete) throw withoutText(input.journal.file);
      record(trialId, { label: 'notRun', reason: 'budgetJudgeRequests' });
      return [];
    }
    const readable = { text, finish, reasoned, completionTokens: usage.completionTokens };
    const reading = readAnswer(readable, input.minJudgedTokens);
    const cue = cueOfTrial(shown, conditions);
    if (reading.judge) return [{ id: trialId, request: query.request, cue, read: () => answer.text ?? '' }];
    record(trialId, { label: 'unscored', reason: reading.reason });
    return [];
  });
}

/** A journal that lost its end, but not its answers, must not pass for one that a cap stopped. */
function withoutText(file: string): EvidenceError {
  return new EvidenceError({
    code: 'STATE_WITHOUT_TEXT',
    where: file,
    expected: 'the text of every answer that is not judged yet',
    got: 'answers whose text was taken away',
    remedy: 'restore the journal as the run left it, or start again with an empty --state-dir',
  });
}

/** Rulings according to a journal. */
export function recordedRulings(entries: readonly JournalEntry[]): Map<string, Ruling> {
  const rulings = new Map<string, Ruling>();
  for (const entry of entries) {
    if (entry.t !== 'judged') continue;
    const { label, reason, margin, votes, adopted } = entry;
    const how = {
      ...(margin === undefined ? {} : { margin }),
      ...(votes === undefined ? {} : { votes }),
    };
    const copied = adopted === undefined ? {} : { adopted };
    if (label !== 'unscored') rulings.set(entry.id, { label, ...how, ...copied });
    else rulings.set(entry.id, { label, reason: reason ?? 'judgeUnreadable', ...how });
  }
  return rulings;
}

function judgedCanaries(canaries: readonly Canary[], rulings: ReadonlyMap<string, Ruling>): JudgedCanary[] {
  return canaryMoments.flatMap((moment) =>
    canaries.map(({ id, label }): JudgedCanary => {
      const ruled = rulings.get(canaryKey(moment, id))?.label ?? 'unscored';
      return { id, known: label, judged: ruled === 'notRun' ? 'unscored' : ruled, moment };
    }),
  );
}
