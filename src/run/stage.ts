import { judgeSpecOf } from '../config/judge-policy.ts';
import type { Log } from '../config/log.ts';
import { minJudgedTokens } from '../config/policy.ts';
import type { Asked } from '../inference/ask.ts';
import { makeExchange, type Surroundings } from '../inference/exchange.ts';
import { Limiter } from '../inference/limiter.ts';
import type { Canary, CanaryMoment } from '../judge/canaries.ts';
import type { Judge, Ruling } from '../judge/judge.ts';
import { type JudgeResult, judgeAnswers } from '../judge/judge-answers.ts';
import type { Plan } from '../suite/plan.ts';
import type { GateInputs } from './gate-inputs.ts';
import type { ComparedWhen, GateRequest } from './gate-request.ts';
import { makeJudge } from './judge-servers.ts';
import { showProgress } from './progress.ts';
import type { Servers } from './servers.ts';
import type { RunState } from './state.ts';

/** What judging works with; the answers may come from a server or from files. */
export interface JudgeStage {
  readonly inputs: GateInputs;
  readonly servers: Pick<Servers, 'judges'>;
  readonly around: Surroundings;
  readonly log: Log;
}

/** What every stage of a run works with. */
export interface Stage extends JudgeStage {
  readonly request: GateRequest;
  readonly servers: Servers;
  readonly compared: ComparedWhen;
}

/**
 * The policy's judge over its servers.
 *
 * @param state undefined before a run is open: the judge then only tells what it is
 * @param limiter what was found of its capacity
 */
export function judgeOf(stage: JudgeStage, state: RunState | undefined, limiter?: Limiter): Judge {
  const { policy } = stage.inputs.loaded;
  return makeJudge(judgeSpecOf(policy.judge), {
    judges: stage.servers.judges,
    signal: stage.around.signal,
    exchange: ({ endpoint }) => {
      if (state === undefined) return () => Promise.reject(new RangeError('judgeOf: no run is open yet'));
      const { journal, judgeBudget: budget } = state;
      const { retries } = policy.inference;
      return makeExchange({ to: 'judge', endpoint, budget, journal, retries, around: stage.around, limiter });
    },
  });
}

/** Answers to judge, and how where they are not judged all at once. */
export interface JudgePart {
  readonly plan: Plan;
  readonly asked: ReadonlyMap<string, Asked>;
  /** Before, between and after the answers; the inputs' own unless given. */
  readonly canaries?: readonly Canary[];
  /** At which of the three moments; all unless given. */
  readonly moments?: readonly CanaryMoment[];
  readonly known?: ReadonlyMap<string, Ruling> | undefined;
  /** What an earlier part found of the judge's capacity. */
  readonly limiter?: Limiter;
}

/** Judges a plan's answers, and canaries before, between and after them. */
export function judge(stage: JudgeStage, state: RunState, part: JudgePart): Promise<JudgeResult> {
  const { inputs, servers, around, log } = stage;
  const { policy } = inputs.loaded;
  const { limiter = new Limiter({ most: policy.inference.maxConcurrency }) } = part;
  return judgeAnswers({
    plan: part.plan,
    asked: part.asked,
    minJudgedTokens: minJudgedTokens(policy),
    judge: judgeOf(stage, state, limiter),
    endpoint: servers.judges[0]?.client.endpoint,
    canaries: part.canaries ?? inputs.canaries.rows,
    known: part.known,
    ...(part.moments === undefined ? {} : { moments: part.moments }),
    journal: state.journal,
    limiter,
    around,
    onProgress: showProgress(log, 'judged'),
  });
}
