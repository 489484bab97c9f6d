import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { exitCodeOf } from '../gate/verdict.ts';
import type { Remark } from '../publish/check-run.ts';
import { renderNotes, withNotes } from '../publish/notes.ts';
import { letsInconclusiveThrough, policyName as policyNameOf } from '../report/facts.ts';
import { readBaseline } from '../run/gate-inputs.ts';
import { type Places, remarkVerdict } from './annotation.ts';
import { commentOnPullRequest } from './comment-on-pull-request.ts';
import { endCheck } from './follow-check.ts';
import type { TrustedGate } from './gate-files.ts';
import { type Env, readWorkspace } from './inputs.ts';
import { keepOnBranch } from './keep-on-branch.ts';
import { previewOf } from './preview-change.ts';
import { readWaiverOutcome } from './read-waiver.ts';
import { reportNight } from './report-night.ts';
import { type Outcome, type Publishing, tolerate } from './session.ts';

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
  // What the judged policy said, not the file that stands in the checkout by now.
  const policyName = policyNameOf(receipt);
  const { waiverPath } = run.files.paths;
  const waiver = readWaiverOutcome({ path: waiverPath, receipt, policyName, now: tools.now() });
  const green =
    verdict === 'pass' ||
    (verdict === 'inconclusive' && letsInconclusiveThrough(receipt.evidence)) ||
    (verdict === 'fail' && waiver?.kind === 'holds');
  const notes = tolerate(runner, 'notes on the gate’s own files', () =>
    renderNotes({ trusted: trustedNotes(run), waiver }),
  );
  return { ...run, policyName, waiver, green, notes: notes ?? '' };
}

function trustedNotes({ result, files: { trusted, paths } }: Pick<Outcome, 'result' | 'files'>) {
  if (trusted === null) return null;
  const { commit, changes, workflow, proposedBaseline: proposed } = trusted;
  const { baselineDir } = paths;
  const now = baselineDir === undefined ? null : readBaseline(baselineDir);
  const baseline = proposed === null ? null : { now, proposed };
  return { commit, changes, workflow, preview: previewOf(result, changes, baselineDir), baseline };
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
