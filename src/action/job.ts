import { type GithubEvent, readEvent } from '../publish/event.ts';
import type { Env } from './inputs.ts';

/** The job that this runs in, as the runner describes it. */
export interface Job {
  readonly event: GithubEvent;
  /** `owner/name`, or null outside of GitHub. */
  readonly repository: string | null;
  readonly runId: number;
  readonly attempt: number;
  readonly apiUrl: string;
}

/** The job of this step, out of the runner’s environment. */
export function readJob(env: Env): Job {
  const repository = env.GITHUB_REPOSITORY ?? '';
  return {
    event: readEvent(env),
    repository: /^[\w.-]+\/[\w.-]+$/.test(repository) ? repository : null,
    runId: wholeNumber(env.GITHUB_RUN_ID) ?? 0,
    attempt: wholeNumber(env.GITHUB_RUN_ATTEMPT) ?? 1,
    apiUrl: (env.GITHUB_API_URL ?? '').replace(/\/+$/, '') || 'https://api.github.com',
  };
}

function wholeNumber(text: string | undefined): number | null {
  return text !== undefined && /^[1-9]\d{0,14}$/.test(text) ? Number(text) : null;
}

/** What the receipt records of the job, so that a verifier can ask for a trusted workflow on a trusted branch. */
export function describeJob(env: Env, job: Job): Record<string, string> {
  const record = {
    serverUrl: env.GITHUB_SERVER_URL,
    repository: env.GITHUB_REPOSITORY,
    event: job.event.name,
    ref: env.GITHUB_REF,
    sha: env.GITHUB_SHA,
    headSha: job.event.headSha,
    baseSha: job.event.baseSha,
    runId: env.GITHUB_RUN_ID,
    runAttempt: env.GITHUB_RUN_ATTEMPT,
    workflowRef: env.GITHUB_WORKFLOW_REF,
    workflowSha: env.GITHUB_WORKFLOW_SHA,
    actionRepository: env.GITHUB_ACTION_REPOSITORY,
    actionRef: env.GITHUB_ACTION_REF,
  };
  return Object.fromEntries(
    Object.entries(record).flatMap(([key, value]) =>
      value === undefined || value === null || value === '' ? [] : [[key, value]],
    ),
  );
}
