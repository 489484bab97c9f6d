import type { TakenLooks } from '../gate/take-looks.ts';
import { type Asked, type AskResult, askTrials } from '../inference/ask.ts';
import type { Client } from '../inference/client.ts';
import { Limiter } from '../inference/limiter.ts';
import { readServedIdentity, requireSameServer, type ServedIdentity } from '../inference/served.ts';
import type { JudgeResult } from '../judge/judge-answers.ts';
import { lookAtParts } from '../receipt/build.ts';
import type { RunRecord } from '../receipt/receipt.ts';
import type { PlanCost } from '../suite/cost.ts';
import type { Plan, PlannedTrial } from '../suite/plan.ts';
import { describeRun } from './describe-run.ts';
import { type Progress, runInLooks } from './looks.ts';
import { partsOf } from './parts.ts';
import { watchPromptTokens } from './plan-cost.ts';
import { showProgress } from './progress.ts';
import { requireReadyServers } from './ready.ts';
import { countFlips, pickRepeats, type RepeatRecord } from './repeat.ts';
import { judge, judgeOf, type Stage } from './stage.ts';
import type { RunState } from './state.ts';
import { weightsOf } from './weights.ts';

/** What a run found: every planned trial asked and judged, or stopped by a cap. */
export interface Measured {
  readonly stage: Stage;
  readonly state: RunState;
  readonly asked: ReadonlyMap<string, Asked>;
  readonly judged: JudgeResult;
  readonly served: ServedIdentity;
  readonly run: RunRecord;
}

/** Tries the servers, asks and judges look by look, asks again what measures noise, and looks at the servers once more. */
export async function askAndJudge(stage: Stage, state: RunState, cost: PlanCost): Promise<Measured> {
  const { request, inputs, log } = stage;
  const { plan } = inputs;
  const { policy } = inputs.loaded;
  const checks = request.preflight === false ? 0 : await preflight(stage, state, cost);
  const pace: Pace = { judge: new Limiter({ most: policy.inference.maxConcurrency }), candidate: undefined };
  const asking: Asking = { stage, state, pace };
  const { answers, judged } = await runInLooks({
    plan,
    // What is compared later has not all of the evidence: its looks are taken then.
    looks: stage.compared === 'later' ? 1 : policy.decision.looks,
    ask: (trials) => ask(asking, { ...plan, trials }),
    judge: (progress, asked, moments) =>
      judge(stage, state, { plan, asked, known: progress?.rulings, moments, limiter: pace.judge }),
    lookAt: (look, trials, progress) => lookAt(stage, state, { look, trials, progress }),
  });
  const { asked, cacheAdvice } = answers;
  if (cacheAdvice !== undefined) log.warn(cacheAdvice);
  const again = await repeat(asking, { asked, rulings: judged.rulings });
  const served = await checkServer(stage, state, asked);
  const all = { ...answers, asked: new Map([...asked, ...(again?.asked ?? [])]) };
  const run = describeRun({ ...stage, policy, state, answers: all, checks, cost });
  const repeated = again === undefined ? {} : { repeat: again.record };
  return { stage, state, asked, judged, served, run: { ...run, ...repeated } };
}

/** What was found of how much the servers take at once, kept from look to look. */
interface Pace {
  readonly judge: Limiter;
  candidate: Limiter | undefined;
}

/** A run that is under way. */
interface Asking {
  readonly stage: Stage;
  readonly state: RunState;
  readonly pace: Pace;
}

/** The planned looks up to one of them, at the trials that have ended by then. */
function lookAt(
  stage: Stage,
  state: RunState,
  at: { look: number; trials: readonly PlannedTrial[]; progress: Progress },
): TakenLooks {
  const { kind, promptSha256, parameters } = judgeOf(stage, undefined);
  const { asked, rulings } = at.progress;
  const judged = { kind, promptSha256, parameters, rulings, canaries: [] };
  const { served } = state.header;
  return lookAtParts(
    partsOf({ stage, state, request: stage.request, asked, judged, served, trials: at.trials }),
    at.look,
  );
}

function preflight(stage: Stage, state: RunState, cost: PlanCost): Promise<number> {
  const { plan, loaded, canaries } = stage.inputs;
  const judgeOne = judgeOf(stage, state);
  const { policy } = loaded;
  return requireReadyServers({
    ...stage,
    plan,
    policy,
    canaries: canaries.rows,
    judge: judgeOne,
    cost,
    state,
  });
}

async function ask({ stage, state, pace }: Asking, plan: Plan): Promise<AskResult> {
  const { inputs, servers, around, log } = stage;
  const { tokenizer } = servers;
  const show = showProgress(log, 'asked');
  const cap = inputs.loaded.policy.budget.promptTokens;
  const watch = watchPromptTokens(inputs.plan, { cap, budget: state.budget, log });
  const answers = await askTrials({
    plan,
    limiter: pace.candidate,
    client: servers.client,
    policy: inputs.loaded.policy,
    budget: state.budget,
    journal: state.journal,
    around,
    countPrompt:
      tokenizer?.exact === true
        ? async (messages, signal) => (await tokenizer.count(messages, signal))?.tokens
        : undefined,
    onProgress: (done) => {
      show(done, inputs.plan.trials.length);
      watch(done);
    },
  });
  pace.candidate = answers.limiter;
  return answers;
}

/**
 * Asks a part of the trials once more, after all of them: what is left of the budget pays for it, and nothing of it
 * enters the evidence.
 */
async function repeat(
  asking: Asking,
  first: { readonly asked: ReadonlyMap<string, Asked>; readonly rulings: JudgeResult['rulings'] },
): Promise<{ readonly asked: ReadonlyMap<string, Asked>; readonly record: RepeatRecord } | undefined> {
  const { stage, state } = asking;
  const { plan, loaded } = stage.inputs;
  const { repeatFraction } = stage.request;
  if (repeatFraction === undefined) return undefined;
  const trials = pickRepeats(plan, repeatFraction, loaded.policy.suite.seed);
  const again = { ...plan, trials };
  const { asked } = await ask(asking, again);
  const { rulings } = await judge(stage, state, { plan: again, asked, canaries: [] });
  return { asked, record: countFlips(trials, first, { asked, rulings }) };
}

/** Asks all servers once more what they serve, and adds what the candidate's answers said of it. */
async function checkServer(
  stage: Stage,
  state: RunState,
  asked: ReadonlyMap<string, Asked>,
): Promise<ServedIdentity> {
  const { replicas, judges } = stage.servers;
  const { served: before, judgeServed } = state.header;
  const hold = async (one: Client, known: ServedIdentity) => {
    const now = await readServedIdentity(one, stage.around.signal);
    requireSameServer(known, now, one.endpoint.namedBy);
  };
  for (const replica of replicas) await hold(replica, before);
  await weightsOf(stage.inputs, { replicas, served: before }, stage.around.signal);
  for (const [index, one] of judges.entries()) {
    await hold(one.client, (index === 0 ? judgeServed : null) ?? one.served);
  }
  const answer = [...asked.values()].find((one) => one.t === 'answer');
  if (answer === undefined) return before;
  return { ...before, answersAs: answer.model, fingerprint: answer.fingerprint };
}
