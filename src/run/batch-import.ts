import { dirname, resolve, sep } from 'node:path';
import { ConfigError } from '../config/errors.ts';
import { judgeSpecOf } from '../config/judge-policy.ts';
import { buildEvidence, buildReceipt, withLooks } from '../receipt/build.ts';
import { readBatchAnswers } from './batch-answers.ts';
import { refuseReceiptFolder } from './batch-export.ts';
import { digestOfAnswers, journalAnswers, servedBy } from './batch-journal.ts';
import { type MissingHandling, settleMissing } from './batch-missing.ts';
import { describeImport } from './describe-run.ts';
import { keepOutOfGit, refuseStateAsOut, requireFolder } from './folders.ts';
import { type GateInputs, readGateInputs, warnBeforeRun } from './gate-inputs.ts';
import type { GateRequest, GateResult, GateTools } from './gate-request.ts';
import { findJudges, meetJudges } from './judge-servers.ts';
import { requireWhole } from './measure.ts';
import { timeLimitsOf } from './meet.ts';
import { partsOf } from './parts.ts';
import { requireCard } from './read-card.ts';
import { type JudgeStage, judge, judgeOf } from './stage.ts';
import { identityOfStage } from './stage-identity.ts';
import { openState } from './state.ts';
import { surroundingsOf } from './surroundings.ts';
import { removeReceiptFiles, writeReceiptFiles } from './write-receipt.ts';

/** What a run over batch files is asked to do. */
export interface BatchImportRequest
  extends Omit<GateRequest, 'baseUrl' | 'apiKey' | 'preflight' | 'shard' | 'repeatFraction'>,
    MissingHandling {
  /** Output and error files of the batches. */
  readonly files: readonly string[];
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
  settleMissing({ ...request, missing: found.missing }, inputs, tools.log);
  warnBeforeRun(inputs, 'asItGoes', tools.log);
  const around = surroundingsOf(tools);
  const servers = await meetJudge(request, inputs, tools.signal);
  refuseStateAsOut(request);
  requireFolder(request.outDir, '--out');
  requireFolder(request.stateDir, '--state-dir', 0o700);
  const stage: JudgeStage = { inputs, servers, around, log: tools.log };
  requireCard(inputs, judgeOf(stage, undefined), servers.judges);
  const served = servedBy(found, inputs.candidate.model);
  const identity = identityOfStage(stage, {
    answeredBy: [`batch ${digestOfAnswers(found)}`],
    served,
    workflowRun: request.github?.runId,
  });
  const state = openState({ ...request, identity, policy, around });
  try {
    removeReceiptFiles(request.outDir);
    keepOutOfGit(request.stateDir);
    const asked = journalAnswers(state, found, tools.now().toISOString());
    const judged = await judge(stage, state, { plan: inputs.plan, asked });
    const left = requireWhole({ stage, state, asked, judged });
    const parts = partsOf({ stage, state, request, asked, judged, served });
    const trials = withLooks(parts);
    const { evidence, ledger } = buildEvidence({ ...parts, trials, answersFrom: 'batch' });
    const receipt = buildReceipt(evidence, describeImport({ ...request, inputs, state, around, asked }));
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
