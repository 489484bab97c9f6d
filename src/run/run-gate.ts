import { setTimeout as wait } from 'node:timers/promises';
import { judgeSpecOf } from '../config/judge-policy.ts';
import type { Log } from '../config/log.ts';
import { type Asked, askTrials } from '../inference/ask.ts';
import { moneyOf } from '../inference/budget.ts';
import type { Client } from '../inference/client.ts';
import { makeExchange, type Surroundings } from '../inference/exchange.ts';
import { readServedIdentity, requireSameServer, type ServedIdentity } from '../inference/served.ts';
import { type JudgeResult, judgeAnswers } from '../judge/judge-answers.ts';
import { countsPrompts, labelTrials, publicIds } from '../judge/label-trials.ts';
import { buildEvidence, buildReceipt, minJudgedTokens } from '../receipt/build.ts';
import type { Receipt, RunRecord } from '../receipt/receipt.ts';
import { version } from '../version.ts';
import { keepOutOfGit, requireFolder } from './folders.ts';
import { type GateInputs, readGateInputs, warnBeforeRun } from './gate-inputs.ts';
import { judgeRecord } from './judge-record.ts';
import { makeJudge } from './judge-servers.ts';
import { refuseUnaffordable, watchPromptTokens } from './plan-cost.ts';
import { showProgress } from './progress.ts';
import { requireCard } from './read-card.ts';
import { meetServers, type Servers } from './servers.ts';
import { identifyRun, openState, type RunState } from './state.ts';
import { type ReceiptFiles, removeReceiptFiles, writeReceiptFiles } from './write-receipt.ts';

/** What a run is asked to do; paths are absolute or relative to the working directory. */
export interface GateRequest {
  readonly policyPath: string;
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
  requireCard(inputs, judgeOf(stage, undefined), servers.judges);
  await refuseUnaffordable(inputs, servers, tools);
  const state = openState({ ...request, identity: identityOf(stage), policy, around });
  try {
    // From here on an older run's files would pass for this one's, whatever comes of it.
    removeReceiptFiles(request.outDir);
    keepOutOfGit(request.stateDir);
    const { asked, mostInFlight } = await ask(stage, state);
    const judged = await judge(stage, state, asked);
    const served = await checkServer(stage, state, asked);
    const { evidence, ledger } = conclude(stage, state, { asked, judged, served });
    const receipt = buildReceipt(evidence, describeRun(stage, state, asked, mostInFlight));
    const files = writeReceiptFiles({ outDir: request.outDir, receipt, ledger });
    state.finish(policy.retention);
    return { receipt, files };
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

function surroundingsOf({ now, signal }: GateTools): Surroundings {
  const sleep = async (milliseconds: number, stop: AbortSignal) => {
    await wait(milliseconds, undefined, { signal: stop }).catch(() => {});
  };
  return { now, random: Math.random, sleep, signal };
}

function judgeOf(stage: Stage, state: RunState | undefined) {
  const { policy } = stage.inputs.loaded;
  return makeJudge(
    judgeSpecOf(policy.judge),
    stage.servers.judges,
    ({ endpoint }) => {
      if (state === undefined) return () => Promise.reject(new RangeError('judgeOf: no run is open yet'));
      const { journal, judgeBudget: budget } = state;
      const { retries } = policy.inference;
      return makeExchange({ to: 'judge', endpoint, budget, journal, retries, around: stage.around });
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
    servers: [servers.client, ...judges.map(({ client }) => client)].map(({ endpoint }) => endpoint.baseUrl),
    workflowRun: stage.request.github?.runId ?? null,
    baselineDigest: inputs.baseline?.receipt.digest,
    served: servers.served,
    judgeServed: judges[0]?.served ?? null,
  });
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
  return judgeAnswers({
    plan: inputs.plan,
    asked,
    minJudgedTokens: minJudgedTokens(policy),
    judge: judgeOf(stage, state),
    endpoint: servers.judges[0]?.client.endpoint,
    canaries: inputs.canaries.rows,
    journal: state.journal,
    maxInFlight: policy.inference.maxConcurrency,
    around,
    onProgress: showProgress(log, 'judged'),
  });
}

/** Asks both servers once more what they serve, and adds what the candidate's answers said of it. */
async function checkServer(
  stage: Stage,
  state: RunState,
  asked: ReadonlyMap<string, Asked>,
): Promise<ServedIdentity> {
  const { client, judges } = stage.servers;
  const { served: before, judgeServed } = state.header;
  const hold = async (one: Client, known: ServedIdentity) => {
    const now = await readServedIdentity(one, stage.around.signal);
    requireSameServer(known, now, one.endpoint.namedBy, state.spoil);
  };
  await hold(client, before);
  for (const [index, one] of judges.entries()) {
    await hold(one.client, (index === 0 ? judgeServed : null) ?? one.served);
  }
  const answer = [...asked.values()].find((one) => one.t === 'answer');
  if (answer === undefined) return before;
  return { ...before, answersAs: answer.model, fingerprint: answer.fingerprint };
}

function conclude(
  stage: Stage,
  state: RunState,
  found: { asked: ReadonlyMap<string, Asked>; judged: JudgeResult; served: ServedIdentity },
) {
  const { inputs, request } = stage;
  const { plan, loaded } = inputs;
  const [first, ...others] = stage.servers.judges.map(({ served }) => served);
  const served = first === undefined ? [] : [state.header.judgeServed ?? first, ...others];
  const { ledgerKey } = request;
  return buildEvidence({
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
  });
}

function describeRun(
  stage: Stage,
  state: RunState,
  asked: ReadonlyMap<string, Asked>,
  mostInFlight: number,
): RunRecord {
  const { spent } = state.budget;
  const { prices } = stage.inputs.loaded.policy;
  const ended = [...asked.values()];
  const countsCache = ended.some((one) => one.t === 'answer' && one.usage.cachedTokens !== null);
  return {
    startedAt: state.header.asOf,
    finishedAt: stage.around.now().toISOString(),
    minutes: state.minutesUsed(),
    sessions: state.sessions,
    requests: spent.requests,
    retries: spent.requests - ended.filter(({ t }) => t !== 'notRun').length,
    judgeRequests: state.judgeBudget.spent.requests,
    promptTokens: spent.prompt,
    cachedTokens: countsCache ? spent.cached : null,
    completionTokens: spent.completion,
    money: moneyOf(spent, prices) ?? null,
    mostInFlight,
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
    github: stage.request.github,
  };
}
