import { judgeAgreement } from '../analysis/judge-agreement.ts';
import type { Log } from '../config/log.ts';
import { type Asked, askTrials } from '../inference/ask.ts';
import type { Client } from '../inference/client.ts';
import { makeExchange, type Surroundings } from '../inference/exchange.ts';
import { Limiter } from '../inference/limiter.ts';
import {
  readServedIdentity,
  requireSameServer,
  type ServedIdentity,
  ServerChangedError,
} from '../inference/served.ts';
import { type JudgeResult, judgeAnswers } from '../judge/judge-answers.ts';
import { countsPrompts, labelTrials, publicIds } from '../judge/label-trials.ts';
import { buildEvidence, buildReceipt, minJudgedTokens } from '../receipt/build.ts';
import type { Receipt } from '../receipt/receipt.ts';
import type { PlanCost } from '../suite/cost.ts';
import { version } from '../version.ts';
import { describeRun } from './describe-run.ts';
import { keepOutOfGit, requireFolder } from './folders.ts';
import { type GateInputs, readGateInputs, warnBeforeRun } from './gate-inputs.ts';
import { refuseUnaffordable, watchPromptTokens } from './plan-cost.ts';
import { showProgress } from './progress.ts';
import { requireReadyServers } from './ready.ts';
import { makeJudge, meetServers, type Servers } from './servers.ts';
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
  const inputs = readGateInputs(request);
  warnBeforeRun(inputs, tools.log);
  const { policy } = inputs.loaded;
  const around = surroundingsOf(tools);
  const servers = await meetServers(request, inputs.candidate.model, policy, tools.signal);
  requireFolder(request.outDir, '--out');
  requireFolder(request.stateDir, '--state-dir');
  const stage: Stage = { request, inputs, servers, around, log: tools.log };
  const cost = await refuseUnaffordable(inputs, servers, tools);
  const state = openState({ ...request, identity: identityOf(stage), policy, around });
  try {
    // From here on an older run's files would pass for this one's, whatever comes of it.
    removeReceiptFiles(request.outDir);
    keepOutOfGit(request.stateDir);
    const checks = request.preflight === false ? 0 : await preflight(stage, state, cost);
    const answers = await ask(stage, state);
    const { asked, cacheAdvice } = answers;
    if (cacheAdvice !== undefined) tools.log.warn(cacheAdvice);
    const judged = await judge(stage, state, asked);
    const served = await checkServer(stage, state, asked);
    const { evidence, ledger } = conclude(stage, state, { asked, judged, served });
    const receipt = buildReceipt(evidence, describeRun({ ...stage, policy, state, answers, checks }));
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

function identityOf(stage: Stage) {
  const { inputs, servers } = stage;
  const { kind, promptSha256 } = judgeOf(stage, undefined);
  return identifyRun({
    planSha256: inputs.plan.sha256,
    policySha256: inputs.loaded.sha256,
    candidate: inputs.candidate,
    judge: { kind, promptSha256, canariesSha256: inputs.canaries.sha256 },
    servers: [...servers.replicas, servers.judgeClient].map((client) => client?.endpoint.baseUrl ?? null),
    workflowRun: stage.request.github?.runId ?? null,
    baselineDigest: inputs.baseline?.receipt.digest,
    served: servers.served,
    judgeServed: servers.judgeServed,
  });
}

function preflight(stage: Stage, state: RunState, cost: PlanCost): Promise<number> {
  const { plan, loaded, canaries } = stage.inputs;
  const judge = judgeOf(stage, state);
  const { policy } = loaded;
  return requireReadyServers({ ...stage, plan, policy, canaries: canaries.rows, judge, cost, state });
}

function ask(stage: Stage, state: RunState) {
  const { inputs, servers, around, log } = stage;
  const { tokenizer } = servers;
  const show = showProgress(log, 'asked');
  const cap = inputs.loaded.policy.budget.promptTokens;
  const watch = watchPromptTokens(inputs.plan, cap, state.budget, log);
  return askTrials({
    plan: inputs.plan,
    client: servers.client,
    policy: inputs.loaded.policy,
    budget: state.budget,
    journal: state.journal,
    around,
    countPrompt:
      tokenizer?.exact === true
        ? async (messages, signal) => (await tokenizer.count(messages, signal))?.tokens
        : undefined,
    onProgress: (done, total) => {
      show(done, total);
      watch(done);
    },
  });
}

function judge(stage: Stage, state: RunState, asked: ReadonlyMap<string, Asked>): Promise<JudgeResult> {
  const { inputs, servers, around, log } = stage;
  const { policy } = inputs.loaded;
  const limiter = new Limiter({ most: policy.inference.maxConcurrency });
  return judgeAnswers({
    plan: inputs.plan,
    asked,
    minJudgedTokens: minJudgedTokens(policy),
    judge: judgeOf(stage, state, limiter),
    endpoint: servers.judgeClient?.endpoint,
    canaries: inputs.canaries.rows,
    journal: state.journal,
    limiter,
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
  const { replicas, judgeClient } = stage.servers;
  const { served: before, judgeServed } = state.header;
  const hold = async (one: Client, known: ServedIdentity) => {
    const now = await readServedIdentity(one, stage.around.signal);
    requireSameServer(known, now, one.endpoint.namedBy);
  };
  for (const replica of replicas) await hold(replica, before);
  if (judgeClient !== undefined && judgeServed !== null) await hold(judgeClient, judgeServed);
  const answer = [...asked.values()].find((one) => one.t === 'answer');
  if (answer === undefined) return before;
  return { ...before, answersAs: answer.model, fingerprint: answer.fingerprint };
}

function conclude(
  { inputs, request, servers }: Stage,
  state: RunState,
  found: { asked: ReadonlyMap<string, Asked>; judged: JudgeResult; served: ServedIdentity },
) {
  const { plan, canaries, loaded } = inputs;
  const { kind, promptSha256 } = found.judged;
  const { ledgerKey } = request;
  return buildEvidence({
    ...inputs,
    policy: loaded.policy,
    policySha256: loaded.sha256,
    trials: labelTrials({ plan, asked: found.asked, ...found.judged, publicId: publicIds(ledgerKey) }),
    ledgerIds: ledgerKey === undefined ? 'hash' : 'hmac',
    served: found.served,
    judge: {
      kind,
      promptSha256,
      served: state.header.judgeServed ?? servers.judgeServed,
      canariesSha256: canaries.sha256,
      agreement: judgeAgreement(found.judged.canaries),
    },
    promptsCounted: countsPrompts(plan, found.asked),
    asOf: state.header.asOf,
    attempt: request.attempt,
    version,
  });
}
