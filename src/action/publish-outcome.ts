import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { z } from 'zod';
import { describeError } from '../config/errors.ts';
import { exitCodeOf } from '../gate/verdict.ts';
import type { WaiverOutcome } from '../publish/apply-waiver.ts';
import type { Conclusion, Remark } from '../publish/check-run.ts';
import { renderNotes, withNotes } from '../publish/notes.ts';
import type { Receipt } from '../receipt/receipt.ts';
import { renderErrorComment } from '../report/comment.ts';
import type { GateResult } from '../run/run-gate.ts';
import { type Places, remarkVerdict } from './annotation.ts';
import { commentOnPullRequest } from './comment-on-pull-request.ts';
import { endCheck, type FollowedCheck, startCheck } from './follow-check.ts';
import type { GateFiles, TrustedGate } from './gate-files.ts';
import {
  type ActionInputs,
  type Env,
  inputNames,
  parseCommentMode,
  readInput,
  readWorkspace,
} from './inputs.ts';
import { type Job, readJob } from './job.ts';
import { keepOnBranch } from './keep-on-branch.ts';
import { readPolicyName } from './policy-name.ts';
import { previewOf } from './preview-change.ts';
import { readWaiverOutcome } from './read-waiver.ts';
import { reportNight } from './report-night.ts';
import type { Runner } from './runner.ts';

export interface ActionTools {
  readonly now: () => Date;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly signal: AbortSignal;
}

/** What every step of publishing needs. */
export interface Publishing {
  readonly env: Env;
  readonly runner: Runner;
  readonly tools: ActionTools;
  readonly session: Session;
}

/** What one run of the Action knows by now, for whoever ends it. */
export interface Session {
  check: FollowedCheck | null;
  checkTried: boolean;
  job: Job | null;
  /** Of the trusted policy; a head that renames its own must not part an error from its comment. */
  policyName: string | null;
}

/** A run that has a verdict, and what it was asked with. */
export interface Outcome {
  readonly result: GateResult;
  readonly inputs: ActionInputs;
  readonly job: Job;
  readonly files: GateFiles;
  readonly policyName: string;
  readonly waiver: WaiverOutcome | null;
  readonly green: boolean;
  /** What stands below the verdict, and does not follow from the receipt. */
  readonly notes: string;
}

/** Says the verdict wherever it is looked for; returns the exit code, which only verdict and waiver decide. */
export async function publishVerdict(
  publishing: Publishing,
  run: Pick<Outcome, 'result' | 'inputs' | 'job' | 'files'>,
): Promise<number> {
  const { runner } = publishing;
  const outcome = settle(publishing, run);
  const { green, policyName, result, job, inputs } = outcome;
  const { receipt, files } = result;
  const { verdict } = receipt.evidence;
  runner.log.info(`verdict ${verdict}: policy ${policyName}, receipt ${files.receipt}`);
  setOutputs(publishing, outcome);
  const text = (file: string) => withNotes(readFileSync(file, 'utf8'), outcome.notes);
  tolerate(runner, 'job summary', () => runner.writeSummary(text(files.summary)));
  const remarks = tolerate(runner, 'annotations', () => annotateVerdict(publishing, outcome)) ?? [];
  await commentOnPullRequest(publishing, {
    job,
    mode: inputs.comment,
    policyName,
    body: () => text(files.comment),
  });
  const conclusion = green ? (verdict === 'pass' ? 'success' : 'neutral') : 'failure';
  const title = titleOf(outcome);
  const summary = tolerate(runner, 'check run', () => text(files.comment)) ?? title;
  await endCheck(publishing, { conclusion, title, summary, remarks });
  await reportNight(publishing, outcome);
  await keepOnBranch(publishing, outcome);
  return green ? 0 : exitCodeOf(verdict);
}

function settle(
  { runner, tools }: Publishing,
  run: Pick<Outcome, 'result' | 'inputs' | 'job' | 'files'>,
): Outcome {
  const { receipt } = run.result;
  const { verdict } = receipt.evidence;
  const { name: policyName, onInconclusive } = readDecision(receipt.evidence.policy.content);
  const { waiverPath } = run.files.paths;
  const waiver = readWaiverOutcome({ path: waiverPath, receipt, policyName, now: tools.now() });
  const green =
    verdict === 'pass' ||
    (verdict === 'inconclusive' && onInconclusive === 'warn') ||
    (verdict === 'fail' && waiver?.kind === 'holds');
  const notes = tolerate(runner, 'notes on the gate’s own files', () =>
    renderNotes({ trusted: trustedNotes(run), waiver }),
  );
  return { ...run, policyName, waiver, green, notes: notes ?? '' };
}

function trustedNotes({ result, files: { trusted, paths } }: Pick<Outcome, 'result' | 'files'>) {
  if (trusted === null) return null;
  const { commit, changes, workflow } = trusted;
  return { commit, changes, workflow, preview: previewOf(result, changes, paths.baselineDir) };
}

function titleOf({ result, policyName, waiver }: Outcome): string {
  const waived = waiver?.kind === 'holds' ? `, waived until ${waiver.waiver.until}` : '';
  return `${result.receipt.evidence.verdict}: policy ${policyName}${waived}`;
}

function setOutputs({ runner }: Publishing, { result, files: { trusted } }: Outcome): void {
  const { receipt, files } = result;
  tolerate(runner, 'outputs', () => {
    runner.setOutput('verdict', receipt.evidence.verdict);
    runner.setOutput('receipt-path', files.receipt);
    runner.setOutput('receipt-digest', receipt.digest);
    runner.setOutput('report-path', files.report);
    runner.setOutput('policy-changed', String(changesGate(trusted)));
  });
}

function changesGate(trusted: TrustedGate | null): boolean {
  return trusted !== null && (trusted.changes.files.length > 0 || trusted.workflow !== null);
}

/** Errors at the lines of the policy and at the candidate; what is green for another reason than a pass is a warning. */
function annotateVerdict({ runner, env }: Publishing, outcome: Outcome): Remark[] {
  const { receipt } = outcome.result;
  if (receipt.evidence.verdict === 'pass') return [];
  const remarks = remarkVerdict(receipt, placesOf(env, outcome));
  if (!outcome.green) {
    for (const { title, message, path: file, line } of remarks) runner.error(message, { title, file, line });
    return remarks;
  }
  const title = `mixgate ${titleOf(outcome)}`;
  const lead = outcome.waiver?.kind === 'holds' ? 'waived, not passed' : 'not verified';
  const file = placesOf(env, outcome).policyFile;
  runner.warning([lead, ...remarks.map(({ message }) => message)].join('\n'), { title, file });
  return remarks;
}

function placesOf(env: Env, { inputs, files, policyName }: Outcome): Places {
  const inRepository = (path: string) => relative(readWorkspace(env), path);
  const { candidatePath } = inputs;
  return {
    policyName,
    policyFile: inRepository(inputs.policyPath),
    policyText: readFileSync(files.paths.policyPath, 'utf8'),
    candidateFile: candidatePath === undefined ? undefined : inRepository(candidatePath),
  };
}

/** Nothing that is gated changed: green, said where an older verdict may stand, without a call to any server. */
export async function publishNotApplicable(
  publishing: Publishing,
  { inputs, job, policyName }: Pick<Outcome, 'inputs' | 'job' | 'policyName'>,
): Promise<number> {
  const { runner } = publishing;
  const said = 'neither the candidate file nor a file of the gate differs from the trusted commit';
  runner.log.info(`verdict notApplicable: policy ${policyName}, ${said}`);
  tolerate(runner, 'outputs', () => {
    runner.setOutput('verdict', 'notApplicable');
    runner.setOutput('policy-changed', 'false');
  });
  const body = () =>
    `## ➖ Not applicable: policy \`${policyName}\` had nothing to judge\n\nHere ${said}. No server was asked.\n`;
  tolerate(runner, 'job summary', () => runner.writeSummary(body()));
  await commentOnPullRequest(publishing, { job, mode: inputs.comment, policyName, body, create: false });
  await endCheck(publishing, {
    conclusion: 'neutral',
    title: 'not applicable',
    summary: body(),
    remarks: [],
  });
  return exitCodeOf('notApplicable');
}

/** Whatever stopped us is verdict `error`, said wherever an earlier `pass` may still stand; returns the exit code. */
export async function publishError(publishing: Publishing, error: unknown): Promise<number> {
  const { runner, env, tools } = publishing;
  const policyName = publishing.session.policyName ?? readPolicyName(env);
  const file = readInput(env, 'policy');
  const cancelled = tools.signal.aborted;
  const message = cancelled ? 'cancelled before there was a verdict' : inInputWords(describeError(error));
  const title = `mixgate error: policy ${policyName}`;
  runner.error(message, file === undefined ? { title } : { title, file });
  tolerate(runner, 'outputs', () => runner.setOutput('verdict', 'error'));
  const body = () => renderErrorComment({ policyName, message: runner.redact(message) });
  tolerate(runner, 'job summary', () => runner.writeSummary(body()));
  await openMissingCheck(publishing, cancelled);
  const conclusion: Conclusion = cancelled ? 'cancelled' : 'failure';
  const summary = tolerate(runner, 'check run', body) ?? title;
  await endCheck(publishing, { conclusion, title: `error: policy ${policyName}`, summary, remarks: [] });
  // A cancelled job says nothing on the pull request: the run that took its place will.
  if (!cancelled) await commentOnError(publishing, policyName, body);
  return exitCodeOf('error');
}

/** A check that a branch is protected by must not be waited for where even the inputs were wrong. */
async function openMissingCheck(publishing: Publishing, cancelled: boolean): Promise<void> {
  const { env, runner, session } = publishing;
  if (cancelled || readInput(env, 'check-run') !== 'true') return;
  const job = session.job ?? tolerate(runner, 'check run', () => readJob(env));
  if (job !== undefined) await startCheck(publishing, job);
}

async function commentOnError(publishing: Publishing, policyName: string, body: () => string): Promise<void> {
  const { env, runner } = publishing;
  const known = tolerate(runner, 'pull-request comment', () => ({
    job: publishing.session.job ?? readJob(env),
    mode: parseCommentMode(readInput(env, 'comment')),
  }));
  if (known !== undefined) await commentOnPullRequest(publishing, { ...known, policyName, body });
}

/** Runs a step of publishing whose failure must not change the verdict. */
function tolerate<T>(runner: Runner, what: string, step: () => T): T | undefined {
  try {
    return step();
  } catch (error) {
    runner.warning(`the ${what} could not be written: ${describeError(error)}`);
    return undefined;
  }
}

const decisionSchema = z.object({
  name: z.string(),
  decision: z.object({ onInconclusive: z.enum(['fail', 'warn']) }),
});

/** What the judged policy said, not the file that stands in the checkout by now. */
function readDecision(content: Receipt['evidence']['policy']['content']): {
  name: string;
  onInconclusive: 'fail' | 'warn';
} {
  const parsed = decisionSchema.safeParse(content);
  if (!parsed.success) return { name: 'unnamed', onInconclusive: 'fail' };
  return { name: parsed.data.name, onInconclusive: parsed.data.decision.onInconclusive };
}

/** Messages name the command's flags; here the same things are inputs. */
function inInputWords(text: string): string {
  return text.replace(new RegExp(`--(${inputNames.join('|')})\\b`, 'g'), 'input $1');
}
