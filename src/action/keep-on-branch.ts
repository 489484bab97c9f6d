import { readFileSync } from 'node:fs';
import { describeError } from '../config/errors.ts';
import { readDefaultBranch } from '../publish/event.ts';
import { failureOf } from '../publish/octokit.ts';
import { skippedFor } from '../publish/own.ts';
import { keepReceipt } from '../publish/receipts-branch.ts';
import { publishingClient } from './github-client.ts';
import type { Outcome, Publishing } from './session.ts';

/** Commits receipt and ledger to the branch of receipts, from a job on the default branch only. Never throws. */
export async function keepOnBranch(publishing: Publishing, outcome: Outcome): Promise<void> {
  const { tools, runner } = publishing;
  const { inputs, job, policyName, result } = outcome;
  const branch = inputs.receiptsBranch;
  if (branch === undefined) return;
  const obstacle = obstacleTo(publishing, outcome, branch);
  if (obstacle !== null) {
    runner.log.info(`no receipt on branch ${branch}: ${obstacle}`);
    return;
  }
  try {
    const octokit = publishingClient(publishing, job);
    const commit = await keepReceipt(
      octokit,
      { repository: job.repository ?? '', branch, sleep: (ms) => tools.sleep(ms, tools.signal) },
      {
        policyName,
        receipt: result.receipt,
        receiptText: readFileSync(result.files.receipt, 'utf8'),
        ledgerText: readFileSync(result.files.ledger, 'utf8'),
      },
    );
    runner.log.info(`receipt kept on branch ${branch}: commit ${commit}`);
  } catch (error) {
    const failure = failureOf(error);
    const { skipped, remedy } = skippedFor(failure, 'contents: write');
    const said = failure.status === 0 ? describeError(error) : skipped;
    runner.warning(`no receipt on branch ${branch}: ${said}\n${remedy ?? ''}`.trimEnd());
  }
}

/** A head that could write here could put a pass of its own beside the real ones. */
function obstacleTo({ env }: Publishing, { job }: Outcome, branch: string): string | null {
  const kinds: readonly string[] = ['push', 'schedule', 'dispatch'];
  if (!kinds.includes(job.event.kind)) return `the event ${job.event.name} is not of the default branch`;
  if (job.repository === null) return 'GITHUB_REPOSITORY is not set';
  const main = readDefaultBranch(env);
  if (main === null) return 'the event does not tell the default branch';
  if (env.GITHUB_REF !== `refs/heads/${main}`) return `this job is not on the default branch ${main}`;
  return branch === main ? 'it must be another branch than the default one' : null;
}
