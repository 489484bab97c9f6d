import { dirname, resolve, sep } from 'node:path';
import { countOf } from '../config/count-of.ts';
import { ConfigError, EvidenceError, ModelError } from '../config/errors.ts';
import { judgeSpecOf } from '../config/judge-policy.ts';
import type { Asked } from '../inference/ask.ts';
import { recordedAnswers } from '../inference/ask.ts';
import type { Engine } from '../inference/engine.ts';
import type { ServedIdentity } from '../inference/served.ts';
import { buildEvidence, buildReceipt, withLooks } from '../receipt/build.ts';
import { digestOf } from '../receipt/digest.ts';
import { type BatchAnswers, type MissingAnswer, readBatchAnswers } from './batch-answers.ts';
import { askingOf, refuseReceiptFolder, writeBatch } from './batch-export.ts';
import { describeImport } from './describe-run.ts';
import { keepOutOfGit, refuseStateAsOut, requireFolder } from './folders.ts';
import { type GateInputs, readGateInputs, warnBeforeRun } from './gate-inputs.ts';
import { findJudges, meetJudges } from './judge-servers.ts';
import { requireWhole } from './measure.ts';
import { timeLimitsOf } from './meet.ts';
import { partsOf } from './parts.ts';
import { requireCard } from './read-card.ts';
import type { GateRequest, GateResult, GateTools } from './run-gate.ts';
import { identifyRun } from './run-identity.ts';
import { type JudgeStage, judge, judgeOf } from './stage.ts';
import { openState, type RunState } from './state.ts';
import { surroundingsOf } from './surroundings.ts';
import { removeReceiptFiles, writeReceiptFiles } from './write-receipt.ts';

export interface BatchImportRequest
  extends Omit<GateRequest, 'baseUrl' | 'apiKey' | 'preflight' | 'shard' | 'repeatFraction'> {
  /** Output and error files of the batches. */
  readonly files: readonly string[];
  /** As at the export: a file with what has to be asked again is written for this engine. */
  readonly engine: Engine;
  /** Where requests for the missing answers go. */
  readonly missingOut?: string | undefined;
  /** Counts missing answers as unscored instead of stopping. */
  readonly missingUnscored?: boolean | undefined;
}

/**
 * The gate over answers that a batch engine wrote: matches them with the plan, judges, concludes and writes the
 * receipt as `runGate` does. What the server is was not checked live, and the receipt says so.
 *
 * @throws ModelError BATCH_INCOMPLETE where answers are missing; else as `runGate` and `readBatchAnswers`
 */
export async function importBatch(request: BatchImportRequest, tools: GateTools): Promise<GateResult> {
  refuseTextInOut(request);
  const inputs = await readGateInputs(request, tools.signal);
  const { policy } = inputs.loaded;
  const found = readBatchAnswers(inputs.plan, policy.sampling, request.files);
  settleMissing(request, inputs, found, tools);
  warnBeforeRun(inputs, tools.log);
  const around = surroundingsOf(tools);
  const servers = await meetJudge(request, inputs, tools.signal);
  refuseStateAsOut(request);
  requireFolder(request.outDir, '--out');
  requireFolder(request.stateDir, '--state-dir', 0o700);
  const stage: JudgeStage = { inputs, servers, around, log: tools.log };
  requireCard(inputs, judgeOf(stage, undefined), servers.judges);
  const served = servedBy(inputs, found);
  refuseOtherModel(served, inputs.candidate.model);
  const state = openState({
    ...request,
    identity: identityOf(stage, request, found, served),
    policy,
    around,
  });
  try {
    removeReceiptFiles(request.outDir);
    keepOutOfGit(request.stateDir);
    const asked = journalAnswers(state, found, tools.now().toISOString());
    const judged = await judge(stage, state, { plan: inputs.plan, asked });
    const left = requireWhole({ stage, state, asked, judged });
    const parts = partsOf({ stage, state, request, asked, judged, served });
    const trials = withLooks(parts);
    const { evidence, ledger } = buildEvidence({ ...parts, trials, answersFrom: 'batch' });
    const receipt = buildReceipt(evidence, describeImport({ request, inputs, state, around, asked }));
    const files = writeReceiptFiles({ outDir: request.outDir, receipt, ledger });
    state.finish(policy.retention, left);
    return { receipt, files };
  } finally {
    state.close();
  }
}

/** The folder of a receipt is uploaded and shown. */
function refuseTextInOut({ files, missingOut, outDir }: BatchImportRequest): void {
  const out = `${resolve(outDir)}${sep}`;
  const inside = [...files, ...(missingOut === undefined ? [] : [missingOut])].find((file) =>
    resolve(file).startsWith(out),
  );
  if (missingOut !== undefined) refuseReceiptFolder(dirname(resolve(missingOut)));
  if (inside === undefined) return;
  throw new ConfigError({
    code: 'BATCH_FOLDER',
    where: inside,
    expected: 'batch files apart from --out',
    got: `one in ${outDir}`,
    remedy: 'keep files with prompts or answers in another folder: that of a receipt is published',
  });
}

/** Either nothing is missing, or it is written for another batch, or the user has it counted as unscored. */
function settleMissing(
  request: BatchImportRequest,
  { plan, candidate, loaded }: GateInputs,
  { missing }: BatchAnswers,
  { log }: GateTools,
): void {
  if (missing.length === 0) return;
  const told = describeMissing(missing, plan.trials.length);
  if (request.missingOut !== undefined) {
    const again = new Set(missing.map(({ id }) => id));
    const reasoned = new Set(missing.filter(({ why }) => why === 'reasoning').map(({ id }) => id));
    const trials = plan.trials.filter(({ trialId }) => again.has(trialId));
    const asking = askingOf({ model: candidate.model, engine: request.engine }, loaded.policy.sampling);
    writeBatch(request.missingOut, trials, asking, '--missing-out', reasoned);
    log.warn(
      `${request.missingOut} holds ${countOf(trials.length, 'prompt')} to ask again: keep it to yourself`,
    );
  }
  if (request.missingUnscored === true) {
    log.warn(`${told}; they count as unscored`);
    return;
  }
  throw new ModelError({
    code: 'BATCH_INCOMPLETE',
    where: 'the batch files',
    expected: `an answer to each of ${countOf(plan.trials.length, 'trial')}`,
    got: told,
    remedy:
      request.missingOut === undefined
        ? 'write them for another batch with --missing-out FILE, or count them as unscored with --missing-unscored'
        : `run ${request.missingOut} as a batch, then import its result beside the files at hand`,
  });
}

const listed = 8;

function describeMissing(missing: readonly MissingAnswer[], planned: number): string {
  const count = (why: MissingAnswer['why']) => missing.filter((one) => one.why === why).length;
  const ids = missing.slice(0, listed).map(({ id }) => id.slice(0, 12));
  return [
    `${missing.length} of ${planned} missing (${count('absent')} in no file, ${count('failed')} failed,`,
    `${count('reasoning')} that had only reasoned): ${ids.join(', ')}${missing.length > listed ? ', …' : ''}`,
  ].join(' ');
}

async function meetJudge(
  request: BatchImportRequest,
  { candidate, loaded: { policy } }: GateInputs,
  signal: AbortSignal,
): Promise<JudgeStage['servers']> {
  const endpoints = findJudges(judgeSpecOf(policy.judge), request, timeLimitsOf(policy));
  const self = endpoints.find(({ model }) => model === candidate.model);
  if (self !== undefined) {
    throw new ConfigError({
      code: 'JUDGE_IS_CANDIDATE',
      where: '--judge-model',
      expected: 'another model than the candidate',
      got: JSON.stringify(self.model),
      remedy: 'serve the judge under a name of its own',
    });
  }
  return { judges: await meetJudges(endpoints, signal) };
}

/**
 * Nothing but this name ties a file's answers to the candidate.
 *
 * @throws EvidenceError BATCH_OF_OTHER_MODEL
 */
function refuseOtherModel({ answersAs }: ServedIdentity, model: string): void {
  if (answersAs === null || answersAs === model) return;
  throw new EvidenceError({
    code: 'BATCH_OF_OTHER_MODEL',
    where: 'the batch files',
    expected: `answers of ${JSON.stringify(model)}`,
    got: `answers of ${JSON.stringify(answersAs.slice(0, 200))}`,
    remedy: 'import the files of this candidate, under the name by which the batch engine answers',
  });
}

/** All that answers in a file can say of the server that wrote them. */
function servedBy({ candidate }: GateInputs, { answers }: BatchAnswers): ServedIdentity {
  const [first] = answers.values();
  return {
    model: candidate.model,
    root: null,
    engine: null,
    version: null,
    contextLength: null,
    templateSha256: null,
    answersAs: first?.model ?? null,
    fingerprint: first?.fingerprint ?? null,
  };
}

function identityOf(
  { inputs, servers, ...stage }: JudgeStage,
  request: BatchImportRequest,
  { answers, refused }: BatchAnswers,
  served: ServedIdentity,
) {
  const { kind, promptSha256 } = judgeOf({ ...stage, inputs, servers }, undefined);
  const batch = digestOf([[...answers].map(([id, { text, finish }]) => [id, text, finish]), [...refused]]);
  return identifyRun({
    planSha256: inputs.plan.sha256,
    policySha256: inputs.loaded.sha256,
    candidate: inputs.candidate,
    judge: {
      kind,
      promptSha256,
      canariesSha256: inputs.canaries.sha256,
      cardSha256: inputs.card?.sha256 ?? null,
    },
    // In the place of the candidate's address stand its answers.
    servers: [`batch ${batch}`, ...servers.judges.map(({ client }) => client.endpoint.baseUrl)],
    workflowRun: request.github?.runId ?? null,
    baselineDigest: inputs.baseline?.receipt.digest,
    served,
    judgeServed: servers.judges[0]?.served ?? null,
  });
}

/** Puts the answers into the journal as if they had been asked for, once; from there on all is as in a run. */
function journalAnswers(
  { journal }: RunState,
  { answers, refused, missing }: BatchAnswers,
  at: string,
): ReadonlyMap<string, Asked> {
  const asked = recordedAnswers(journal.entries);
  for (const [id, { kind: _kind, ...answer }] of answers) {
    if (asked.has(id)) continue;
    asked.set(id, journal.appendAnswer({ t: 'answer', id, ...answer, at }));
  }
  const reasons = [...refused, ...missing.map(({ id }) => [id, 'requestFailed'] as const)];
  for (const [id, reason] of reasons) {
    if (asked.has(id)) continue;
    journal.append({ t: 'unanswered', id, reason, at });
    asked.set(id, { t: 'unanswered', reason });
  }
  return asked;
}
