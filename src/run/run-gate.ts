import { judgeSpecOf } from '../config/judge-policy.ts';
import type { Log } from '../config/log.ts';
import type { TakenLooks } from '../gate/take-looks.ts';
import { type Asked, type AskResult, askTrials } from '../inference/ask.ts';
import type { Client } from '../inference/client.ts';
import { makeExchange, type Surroundings } from '../inference/exchange.ts';
import { Limiter } from '../inference/limiter.ts';
import {
  readServedIdentity,
  requireSameServer,
  type ServedIdentity,
  ServerChangedError,
} from '../inference/served.ts';
import type { CanaryMoment } from '../judge/canaries.ts';
import { type JudgeResult, judgeAnswers } from '../judge/judge-answers.ts';
import { countsPrompts, labelTrials, publicIds } from '../judge/label-trials.ts';
import {
  buildEvidence,
  buildReceipt,
  lookAtParts,
  minJudgedTokens,
  type ReceiptParts,
} from '../receipt/build.ts';
import type { Receipt } from '../receipt/receipt.ts';
import type { PlanCost } from '../suite/cost.ts';
import type { PlannedTrial } from '../suite/plan.ts';
import { version } from '../version.ts';
import { describeRun } from './describe-run.ts';
import { keepOutOfGit, requireFolder } from './folders.ts';
import { type GateInputs, readGateInputs, warnBeforeRun } from './gate-inputs.ts';
import { judgeRecord } from './judge-record.ts';
import { makeJudge } from './judge-servers.ts';
import { type Progress, runInLooks } from './looks.ts';
import { refuseUnaffordable, watchPromptTokens } from './plan-cost.ts';
import { showProgress } from './progress.ts';
import { requireCard } from './read-card.ts';
import { requireReadyServers } from './ready.ts';
import { meetServers, type Servers } from './servers.ts';
import { identifyRun, openState, type RunState } from './state.ts';
import { surroundingsOf } from './surroundings.ts';
import { type ReceiptFiles, removeReceiptFiles, writeReceiptFiles } from './write-receipt.ts';

/** What a run is asked to do; paths are absolute or relative to the working directory. */
export interface GateRequest {
  readonly policyPath: string;
  /** The candidate's server; several replicas between commas or blanks. */
  readonly baseUrl: string;
  readonly model?: string | undefined;
  readonly apiKey?: string | undefined;
  readonly candidatePath?: string | undefined;
  readonly judgeBaseUrl?: string | undefined;
  readonly judgeModel?: string | undefined;
  readonly judgeApiKey?: string | undefined;
  readonly baselineDir?: string | undefined;
  readonly ledgerKey?: string | undefined;
  readonly outDir: string;
  readonly stateDir: string;
  readonly attempt: number;
  /** False leaves out the requests that try the servers before the first trial. */
  readonly preflight?: boolean | undefined;
  /** Workflow, event and commit, for the receipt; null outside GitHub. */
  readonly github: Readonly<Record<string, string>> | null;
}

/** What a run is given from outside: clock, log, and the signal that stops it. */
export interface GateTools {
  now(): Date;
  readonly log: Log;
  readonly signal: AbortSignal;
}

export interface GateResult {
  readonly receipt: Receipt;
  readonly files: ReceiptFiles;
}

/**
 * The whole gate, stage by stage: plan, run, judge, analyse and decide, receipt. Between the stages lies plain
 * saved data: an interrupted run that is started again with the same state directory asks nothing twice.
 *
 * @throws MixgateError for whatever makes the verdict `error`; nothing that was answered is lost by it
 */
export async function runGate(request: GateRequest, tools: GateTools): Promise<GateResult> {
  const inputs = await readGateInputs(request, tools.signal);
  warnBeforeRun(inputs, tools.log);
  const { policy } = inputs.loaded;
  const around = surroundingsOf(tools);
  const servers = await meetServers(request, inputs.candidate.model, policy, tools.signal);
  requireFolder(request.outDir, '--out');
  requireFolder(request.stateDir, '--state-dir');
  const stage: Stage = { request, inputs, servers, around, log: tools.log };
  requireCard(inputs, judgeOf(stage, undefined), servers.judges);
  const cost = await refuseUnaffordable(inputs, servers, tools);
  const state = openState({ ...request, identity: identityOf(stage), policy, around });
  try {
    // From here on an older run's files would pass for this one's, whatever comes of it.
    removeReceiptFiles(request.outDir);
    keepOutOfGit(request.stateDir);
    const checks = request.preflight === false ? 0 : await preflight(stage, state, cost);
    const pace: Pace = {
      judge: new Limiter({ most: policy.inference.maxConcurrency }),
      candidate: undefined,
    };
    const { answers, judged } = await runInLooks({
      plan: inputs.plan,
      looks: policy.decision.looks,
      ask: (trials) => ask(stage, state, pace, trials),
      judge: (...found) => judge(stage, state, pace, ...found),
      lookAt: (look, trials, progress) => lookAt(stage, state, { look, trials, progress }),
    });
    const { asked, cacheAdvice } = answers;
    if (cacheAdvice !== undefined) tools.log.warn(cacheAdvice);
    const served = await checkServer(stage, state, asked);
    const { evidence, ledger } = buildEvidence(partsOf(stage, state, { asked, judged, served }));
    const receipt = buildReceipt(evidence, describeRun({ ...stage, policy, state, answers, checks, cost }));
    const files = writeReceiptFiles({ outDir: request.outDir, receipt, ledger });
    state.finish(policy.retention);
    return { receipt, files };
  } catch (error) {
    // Whenever it was found out: a server that is changed back must not make its old answers good again.
    if (error instanceof ServerChangedError) state.spoil(error.field);
    throw error;
  } finally {
    state.close();
  }
}

/** What was found of how much the servers take at once, kept from look to look. */
interface Pace {
  readonly judge: Limiter;
  candidate: Limiter | undefined;
}

/** What every stage works with. */
interface Stage {
  readonly request: GateRequest;
  readonly inputs: GateInputs;
  readonly servers: Servers;
  readonly around: Surroundings;
  readonly log: Log;
}

function judgeOf(stage: Stage, state: RunState | undefined, limiter?: Limiter) {
  const { policy } = stage.inputs.loaded;
  return makeJudge(
    judgeSpecOf(policy.judge),
    stage.servers.judges,
    ({ endpoint }) => {
      if (state === undefined) return () => Promise.reject(new RangeError('judgeOf: no run is open yet'));
      const { journal, judgeBudget: budget } = state;
      const { retries } = policy.inference;
      return makeExchange({ to: 'judge', endpoint, budget, journal, retries, around: stage.around, limiter });
    },
    stage.around.signal,
  );
}

function identityOf(stage: Stage) {
  const { inputs, servers } = stage;
  const { kind, promptSha256 } = judgeOf(stage, undefined);
  const { judges } = servers;
  // The first judge's identity stands in the state by itself.
  const others = judges.slice(1).map(({ served: { model, root } }) => ({ model, root }));
  return identifyRun({
    planSha256: inputs.plan.sha256,
    policySha256: inputs.loaded.sha256,
    candidate: inputs.candidate,
    judge: {
      kind,
      promptSha256,
      canariesSha256: inputs.canaries.sha256,
      cardSha256: inputs.card?.sha256 ?? null,
      ...(others.length === 0 ? {} : { others }),
    },
    servers: [...servers.replicas, ...judges.map(({ client }) => client)].map(
      ({ endpoint }) => endpoint.baseUrl,
    ),
    workflowRun: stage.request.github?.runId ?? null,
    baselineDigest: inputs.baseline?.receipt.digest,
    served: servers.served,
    judgeServed: judges[0]?.served ?? null,
  });
}

function preflight(stage: Stage, state: RunState, cost: PlanCost): Promise<number> {
  const { plan, loaded, canaries } = stage.inputs;
  const judge = judgeOf(stage, state);
  const { policy } = loaded;
  return requireReadyServers({ ...stage, plan, policy, canaries: canaries.rows, judge, cost, state });
}

async function ask(
  stage: Stage,
  state: RunState,
  pace: Pace,
  trials: readonly PlannedTrial[],
): Promise<AskResult> {
  const { inputs, servers, around, log } = stage;
  const { tokenizer } = servers;
  const show = showProgress(log, 'asked');
  const cap = inputs.loaded.policy.budget.promptTokens;
  const watch = watchPromptTokens(inputs.plan, cap, state.budget, log);
  const answers = await askTrials({
    plan: { ...inputs.plan, trials },
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

function judge(
  stage: Stage,
  state: RunState,
  pace: Pace,
  progress: Progress | undefined,
  asked: ReadonlyMap<string, Asked>,
  moments: readonly CanaryMoment[],
): Promise<JudgeResult> {
  const { inputs, servers, around, log } = stage;
  const { policy } = inputs.loaded;
  return judgeAnswers({
    plan: inputs.plan,
    asked,
    minJudgedTokens: minJudgedTokens(policy),
    judge: judgeOf(stage, state, pace.judge),
    endpoint: servers.judges[0]?.client.endpoint,
    canaries: inputs.canaries.rows,
    journal: state.journal,
    known: progress?.rulings,
    moments,
    limiter: pace.judge,
    around,
    onProgress: showProgress(log, 'judged'),
  });
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
  for (const [index, one] of judges.entries()) {
    await hold(one.client, (index === 0 ? judgeServed : null) ?? one.served);
  }
  const answer = [...asked.values()].find((one) => one.t === 'answer');
  if (answer === undefined) return before;
  return { ...before, answersAs: answer.model, fingerprint: answer.fingerprint };
}

/** The planned looks up to one of them, at the trials that have ended by then. */
function lookAt(
  stage: Stage,
  state: RunState,
  at: { look: number; trials: readonly PlannedTrial[]; progress: Progress },
): TakenLooks {
  const { kind, promptSha256, parameters } = judgeOf(stage, state);
  const judged = { kind, promptSha256, parameters, rulings: at.progress.rulings, canaries: [] };
  const found = { asked: at.progress.asked, judged, served: state.header.served };
  return lookAtParts(partsOf(stage, state, found, at.trials), at.look);
}

/** @param trials those that have ended; all of the plan unless given */
function partsOf(
  stage: Stage,
  state: RunState,
  found: { asked: ReadonlyMap<string, Asked>; judged: JudgeResult; served: ServedIdentity },
  trials: readonly PlannedTrial[] = stage.inputs.plan.trials,
): ReceiptParts {
  const { inputs, request } = stage;
  const { loaded } = inputs;
  const plan = { ...inputs.plan, trials };
  const [first, ...others] = stage.servers.judges.map(({ served }) => served);
  const served = first === undefined ? [] : [state.header.judgeServed ?? first, ...others];
  const { ledgerKey } = request;
  return {
    ...inputs,
    policy: loaded.policy,
    policySha256: loaded.sha256,
    trials: labelTrials({ plan, asked: found.asked, ...found.judged, publicId: publicIds(ledgerKey) }),
    ledgerIds: ledgerKey === undefined ? 'hash' : 'hmac',
    served: found.served,
    judge: judgeRecord({ ...inputs, judge: judgeOf(stage, state), judged: found.judged, served }),
    promptsCounted: countsPrompts(plan, found.asked),
    asOf: state.header.asOf,
    attempt: request.attempt,
    version,
  };
}
