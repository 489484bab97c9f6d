import { describeError } from '../config/errors.ts';
import type { Log } from '../config/log.ts';
import { type CheckEnd, openCheck } from '../publish/check-run.ts';
import { failureOf } from '../publish/octokit.ts';
import { skippedFor } from '../publish/own.ts';
import { clientOf, publishingClient } from './github-client.ts';
import { inInputWords } from './input-words.ts';
import type { Job } from './job.ts';
import { policyFileName } from './policy-name.ts';
import type { Publishing } from './session.ts';

/** A check that is read now and then needs no more. */
const updateEveryMs = 30_000;
/** A cancelled job has a few seconds in all. */
const lastWordMs = 2000;

/**
 * Opens the check in progress; without the permission it says so and goes on. Its name is that of the policy's file,
 * which the workflow gives: a check that branches are protected by must not be renamed by a head.
 */
export async function startCheck(publishing: Publishing, job: Job): Promise<void> {
  const { env, runner, session } = publishing;
  if (session.checkTried) return;
  session.checkTried = true;
  const { repository, event, runId, attempt } = job;
  if (repository === null || event.headSha === null) {
    runner.warning('no check run: this job has no repository or no commit to attach it to');
    return;
  }
  try {
    const octokit = publishingClient(publishing, job);
    const name = `mixgate (${policyFileName(env)})`;
    const check = await openCheck(octokit, { repository, headSha: event.headSha, name, runId, attempt });
    session.check = { job, check };
  } catch (error) {
    warn(publishing, error);
  }
}

/** Completes the check, once, whatever happened; a cancelled job still has its last word. */
export async function endCheck(publishing: Publishing, end: CheckEnd): Promise<void> {
  const { tools, runner, session } = publishing;
  const followed = session.check;
  if (followed === null) return;
  session.check = null;
  try {
    const octokit = tools.signal.aborted
      ? clientOf(publishing, followed.job, [AbortSignal.timeout(lastWordMs)])
      : publishingClient(publishing, followed.job);
    await followed.check.complete(octokit, { ...end, summary: runner.redact(end.summary) });
  } catch (error) {
    warn(publishing, error);
  }
}

/** A log in the Action's words, whose progress the check shows too. */
export function logToCheck({ runner, env, session, tools }: Publishing): Log {
  let last = Number.NEGATIVE_INFINITY;
  return {
    ...runner.log,
    warn: (text) => runner.log.warn(inInputWords(text, env.GITHUB_WORKSPACE)),
    progress: (text) => {
      runner.log.progress(text);
      const time = tools.now().getTime();
      if (session.check === null || time - last < updateEveryMs) return;
      last = time;
      session.check.check.update(runner.redact(text));
    },
  };
}

function warn({ runner }: Publishing, error: unknown): void {
  const { status } = failureOf(error);
  const { skipped, remedy } = skippedFor(failureOf(error), 'checks: write');
  const said = status === 0 ? describeError(error) : `${skipped}\n${remedy ?? ''}`.trimEnd();
  runner.warning(`no check run: ${said}`);
}
