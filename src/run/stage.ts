import type { Log } from '../config/log.ts';
import type { Asked } from '../inference/ask.ts';
import { makeExchange, type Surroundings } from '../inference/exchange.ts';
import { Limiter } from '../inference/limiter.ts';
import type { Canary } from '../judge/canaries.ts';
import { type JudgeResult, judgeAnswers } from '../judge/judge-answers.ts';
import { minJudgedTokens } from '../receipt/build.ts';
import type { Plan } from '../suite/plan.ts';
import type { GateInputs } from './gate-inputs.ts';
import { showProgress } from './progress.ts';
import type { GateRequest } from './run-gate.ts';
import { makeJudge, type Servers } from './servers.ts';
import type { RunState } from './state.ts';

/** What judging works with; the answers may come from a server or from files. */
export interface JudgeStage {
  readonly inputs: GateInputs;
  readonly servers: Pick<Servers, 'judgeClient' | 'judgeServed'>;
  readonly around: Surroundings;
  readonly log: Log;
}

/** What every stage of a run works with. */
export interface Stage extends JudgeStage {
  readonly request: GateRequest;
  readonly servers: Servers;
}

export function judgeOf(stage: JudgeStage, state: RunState | undefined, limiter?: Limiter) {
  const { policy } = stage.inputs.loaded;
  return makeJudge(
    policy.judge.kind,
    stage.servers.judgeClient,
    ({ endpoint }) => {
      if (state === undefined) return () => Promise.reject(new RangeError('judgeOf: no run is open yet'));
      const { journal, judgeBudget: budget } = state;
      const { retries } = policy.inference;
      return makeExchange({ to: 'judge', endpoint, budget, journal, retries, around: stage.around, limiter });
    },
    stage.around.signal,
  );
}

/** Judges a plan's answers, and these canaries before, between and after them. */
export function judge(
  stage: JudgeStage,
  state: RunState,
  answers: { readonly plan: Plan; readonly asked: ReadonlyMap<string, Asked> },
  canaries: readonly Canary[] = stage.inputs.canaries.rows,
): Promise<JudgeResult> {
  const { inputs, servers, around, log } = stage;
  const { policy } = inputs.loaded;
  const limiter = new Limiter({ most: policy.inference.maxConcurrency });
  return judgeAnswers({
    ...answers,
    minJudgedTokens: minJudgedTokens(policy),
    judge: judgeOf(stage, state, limiter),
    endpoint: servers.judgeClient?.endpoint,
    canaries,
    journal: state.journal,
    limiter,
    around,
    onProgress: showProgress(log, 'judged'),
  });
}
