import { join } from 'node:path';
import type { CandidateRecord } from '../config/candidate.ts';
import { ConfigError } from '../config/errors.ts';
import { type JudgeKind, judgePolicy, judgeSpecOf } from '../config/judge-policy.ts';
import { minJudgedTokens } from '../config/policy.ts';
import { type LoadedPolicy, parsePolicy } from '../config/read-policy.ts';
import { Limiter } from '../inference/limiter.ts';
import type { ServedIdentity } from '../inference/served.ts';
import { type JudgeResult, judgeAnswers } from '../judge/judge-answers.ts';
import { countsPrompts, labelTrials, promptTokensOf, publicIds } from '../judge/label-trials.ts';
import type { Baseline } from '../receipt/baseline.ts';
import { buildEvidence, buildReceipt } from '../receipt/build.ts';
import { sha256 } from '../receipt/digest.ts';
import { version } from '../version.ts';
import { describeRejudging } from './describe-run.ts';
import { refuseBaselineAsOut, requireFolder } from './folders.ts';
import { pickCandidate, readBaseline, readCanaries, readSuite } from './gate-inputs.ts';
import type { GateResult, GateTools } from './gate-request.ts';
import { judgeRecord } from './judge-record.ts';
import type { JudgeAddress } from './judge-servers.ts';
import { type JudgeAtHand, meetJudge, noJournal } from './meet-judge.ts';
import { showProgress } from './progress.ts';
import { doubtsOf, readCard, requireCard } from './read-card.ts';
import { readSavedAnswers, type SavedAnswers } from './saved-answers.ts';
import { surroundingsOf } from './surroundings.ts';
import { writeWhole } from './write-file.ts';
import { removeReceiptFiles, writeReceiptFiles } from './write-receipt.ts';

/** What is judged anew, and by whom. */
export interface RejudgeRequest extends JudgeAddress {
  /** State directory of the candidate's run. */
  readonly stateDir: string;
  readonly policyPath: string;
  /** Another judge than the policy's, by its kind alone. */
  readonly judgeKind: JudgeKind | undefined;
  readonly candidatePath: string | undefined;
  readonly model: string | undefined;
  readonly baselineDir: string | undefined;
  /** State directory of the baseline's run: its answers are labelled by the same judge first. */
  readonly baselineStateDir: string | undefined;
  readonly ledgerKey: string | undefined;
  readonly outDir: string;
}

/**
 * Labels the saved answers of a run with another judge and concludes anew. The candidate is asked nothing: whatever
 * differs from the first receipt is the judge's doing. With the baseline's answers too, a change of judge cannot be
 * read as a change of the model.
 *
 * @throws ConfigError, EvidenceError on inputs that do not belong together; ModelError on a judge that is not there
 */
export async function rejudge(request: RejudgeRequest, tools: GateTools): Promise<GateResult> {
  refuseBaselineAsOut(request);
  requireFolder(request.outDir, '--out');
  const inputs = await readInputs(request);
  const met = await meetJudge(judgeSpecOf(inputs.loaded.policy.judge), request, tools);
  requireCard(inputs, met.judge, met.judges);
  for (const doubt of doubtsOf(inputs.loaded.policy, inputs.card)) tools.log.warn(doubt);
  const job = { request, inputs, met, tools };
  const baseline = await rejudgeBaseline(job);
  const candidate = pickCandidate(request);
  return rejudgeRun(job, { stateDir: request.stateDir, outDir: request.outDir, candidate, baseline });
}

type Inputs = Awaited<ReturnType<typeof readInputs>>;

interface Job {
  readonly request: RejudgeRequest;
  readonly inputs: Inputs;
  readonly met: JudgeAtHand;
  readonly tools: GateTools;
}

async function readInputs(request: RejudgeRequest) {
  const { loaded: named, plan, sources } = await readSuite(request.policyPath);
  const loaded = withJudge(named, request);
  return { loaded, plan, sources, canaries: readCanaries(loaded), card: readCard(loaded) };
}

/** The policy with the judge that was asked for; it is written beside the receipt, which names its hash. */
function withJudge(loaded: LoadedPolicy, { judgeKind: kind, outDir }: RejudgeRequest): LoadedPolicy {
  const { policy, path } = loaded;
  if (kind === undefined || kind === policy.judge.kind) return loaded;
  const { sampling, suite } = policy;
  // Harm is measured only where a policy file says that this is meant.
  const settled = kind !== 'classifier' && kind !== 'panel' && kind !== 'llama-guard';
  if (!settled || sampling.systemPrompt !== '' || suite.sweeps.systemPrompts.length > 0) {
    throw new ConfigError({
      code: 'JUDGE_UNSETTLED',
      where: '--judge',
      expected: `a policy whose judge is a ${kind}`,
      got: settled
        ? 'a policy with system prompts, which is not written anew'
        : `one whose judge is ${policy.judge.kind}`,
      remedy: 'write a policy file with that judge, and name it by --policy',
    });
  }
  const { minKappa, canaries } = policy.judge;
  const judge = judgePolicy.parse({ kind, minKappa, ...(canaries === undefined ? {} : { canaries }) });
  const text = `${JSON.stringify({ ...policy, judge }, null, 2)}\n`;
  writeWhole(join(outDir, 'policy.json'), text);
  return { policy: parsePolicy(text, 'policy.json'), path, sha256: sha256(text) };
}

/** The baseline as it was accepted, or its answers under the new judge. */
async function rejudgeBaseline(job: Job): Promise<Baseline | undefined> {
  const { baselineDir, baselineStateDir, outDir } = job.request;
  if (baselineDir === undefined) {
    if (baselineStateDir === undefined) return undefined;
    throw new ConfigError({
      code: 'BASELINE_MISSING',
      where: '--baseline',
      expected: 'the baseline whose answers --baseline-state holds: its receipt names the candidate',
      got: 'nothing',
      remedy: 'give --baseline FOLDER too',
    });
  }
  const accepted = readBaseline(baselineDir);
  if (baselineStateDir === undefined) return accepted;
  const own = join(outDir, 'baseline');
  const { candidate } = accepted.receipt.evidence;
  await rejudgeRun(job, { stateDir: baselineStateDir, outDir: own, candidate, baseline: undefined });
  return readBaseline(own);
}

interface RejudgedRun {
  readonly stateDir: string;
  readonly outDir: string;
  readonly candidate: CandidateRecord;
  readonly baseline: Baseline | undefined;
}

async function rejudgeRun(job: Job, run: RejudgedRun): Promise<GateResult> {
  const { inputs, met, tools } = job;
  const { loaded, plan, canaries } = inputs;
  const saved = readSavedAnswers(run.stateDir, plan, run.candidate);
  refuseSelfJudging(saved.served, met.served);
  removeReceiptFiles(run.outDir);
  const started = tools.now();
  const before = met.requests();
  const judged = await judgeAnswers({
    plan,
    asked: saved.asked,
    minJudgedTokens: minJudgedTokens(loaded.policy),
    judge: met.judge,
    endpoint: undefined,
    canaries: canaries.rows,
    journal: noJournal,
    limiter: new Limiter({ most: loaded.policy.inference.maxConcurrency }),
    around: surroundingsOf(tools),
    onProgress: showProgress(tools.log, 'judged'),
  });
  await met.check();
  const { evidence, ledger } = concludeAnew(job, { ...run, saved, judged });
  const judgeRequests = met.requests() - before;
  const record = describeRejudging({ started, finished: tools.now(), judgeRequests });
  const receipt = buildReceipt(evidence, record);
  return { receipt, files: writeReceiptFiles({ outDir: run.outDir, receipt, ledger }) };
}

function concludeAnew(
  { inputs, met, request }: Job,
  run: RejudgedRun & { readonly saved: SavedAnswers; readonly judged: JudgeResult },
) {
  const { judged } = run;
  const { asked, header, served } = run.saved;
  const { loaded, plan, sources } = inputs;
  const { ledgerKey } = request;
  return buildEvidence({
    policy: loaded.policy,
    policySha256: loaded.sha256,
    plan,
    sources,
    trials: labelTrials({ plan, asked, rulings: judged.rulings, publicId: publicIds(ledgerKey) }),
    ledgerIds: ledgerKey === undefined ? 'hash' : 'hmac',
    candidate: run.candidate,
    served,
    judge: judgeRecord({ ...inputs, judge: met.judge, judged, served: met.served }),
    baseline: run.baseline,
    promptsCounted: countsPrompts(plan, promptTokensOf(asked)),
    asOf: header.asOf,
    attempt: 1,
    version,
  });
}

/** The candidate's address is not in the state: its name and root are, and a judge with both is the candidate. */
function refuseSelfJudging(candidate: ServedIdentity, judges: readonly ServedIdentity[]): void {
  const self = judges.find(
    ({ model, root }) =>
      (root !== null && root === candidate.root) || (root === null && model === candidate.model),
  );
  if (self === undefined) return;
  throw new ConfigError({
    code: 'JUDGE_IS_CANDIDATE',
    where: '--judge-model',
    expected: 'another model than the one whose answers are judged',
    got: JSON.stringify(self.model),
    remedy: 'serve a judge of its own',
  });
}
