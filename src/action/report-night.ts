import { readFileSync } from 'node:fs';
import { describeError } from '../config/errors.ts';
import { publishIssue } from '../publish/issue.ts';
import type { Octokit } from '../publish/octokit.ts';
import { readLastReceipt } from '../publish/receipts-branch.ts';
import type { Receipt } from '../receipt/receipt.ts';
import { renderCompact } from '../report/compact.ts';
import { folded } from '../report/markdown.ts';
import { publishingClient } from './github-client.ts';
import type { Outcome, Publishing } from './session.ts';

/**
 * On a schedule: a regression opens the policy's issue or updates it, a pass closes it. A verdict that shows neither
 * leaves it as it is, and so does a waiver. Never throws.
 */
export async function reportNight(publishing: Publishing, outcome: Outcome): Promise<void> {
  const { runner } = publishing;
  const { job, policyName, waiver, result } = outcome;
  const { verdict } = result.receipt.evidence;
  const { runId, attempt, repository } = job;
  if (job.event.kind !== 'schedule' || repository === null || waiver?.kind === 'holds') return;
  if (verdict !== 'fail' && verdict !== 'pass') return;
  try {
    const octokit = publishingClient(publishing, job);
    const before = await lastReceipt(publishing, outcome, { octokit, repository });
    const said = await publishIssue(octokit, {
      repository,
      policyName,
      runId,
      attempt,
      startedAt: publishing.session.startedAt,
      state: verdict === 'fail' ? 'regression' : 'recovery',
      body: runner.redact(renderNight(outcome, before)),
    });
    if ('url' in said) runner.log.info(`issue ${said.change}: ${said.url}`);
    else if (said.remedy === null) runner.log.info(`no issue: ${said.skipped}`);
    else runner.warning(`no issue: ${said.skipped}\n${said.remedy}`);
  } catch (error) {
    runner.warning(`no issue: ${describeError(error)}`);
  }
}

/** The last receipt on the branch of receipts; without it the issue still has the run's own. */
async function lastReceipt(
  { runner }: Publishing,
  { inputs, policyName }: Outcome,
  { octokit, repository }: { readonly octokit: Octokit; readonly repository: string },
): Promise<Receipt | null> {
  const branch = inputs.receiptsBranch;
  if (branch === undefined) return null;
  try {
    return await readLastReceipt(octokit, { repository, branch }, policyName);
  } catch (error) {
    runner.warning(`the receipt before this one could not be read: ${describeError(error)}`);
    return null;
  }
}

/** This run's comment, and the receipt before it: a regression is a difference between the two. */
function renderNight({ result }: Outcome, before: Receipt | null): string {
  const { baseline } = result.receipt.evidence;
  const after = readFileSync(result.files.comment, 'utf8').trimEnd();
  const compared =
    baseline.status === 'compared'
      ? `Baseline: receipt \`${baseline.receiptDigest}\` of ${baseline.asOf.slice(0, 10)}, verdict \`${baseline.verdict}\`.`
      : 'No baseline was compared.';
  if (before === null)
    return `${after}\n\n${compared} No earlier scheduled receipt is kept (input \`receipts-branch\`).\n`;
  const said = `Receipt before this one: \`${before.evidence.verdict}\` of ${before.evidence.asOf.slice(0, 10)}, digest \`${before.digest}\`.`;
  const compact = folded('Receipt before', `\`\`\`json\n${renderCompact(before)}\n\`\`\``);
  return `${after}\n\n${compared} ${said}\n\n${compact}\n`;
}
