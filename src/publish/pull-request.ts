import { z } from 'zod';
import { ConfigError } from '../config/errors.ts';
import { show } from '../config/show.ts';
import type { GithubEvent } from './event.ts';
import { failureOf, type Octokit, type Repository, repositoryOf } from './octokit.ts';

const repository = z.object({ full_name: z.string() }).nullish();
const pullSchema = z.object({
  number: z.int().positive(),
  state: z.string(),
  head: z.object({ sha: z.string(), repo: repository }),
  base: z.object({ sha: z.string(), repo: repository }),
});

/**
 * The pull request that a job judges whose own event is none: a maintainer's dispatch, or the second step after an
 * unprivileged run. GitHub is asked for its head and base, so that a number from a fork's artifact decides nothing.
 *
 * @throws ConfigError PULL_REQUEST_UNREADABLE, PULL_REQUEST_CLOSED, or PULL_REQUEST_MOVED where the run that ended was of another head
 */
export async function readPullRequest(
  octokit: Octokit,
  repositoryName: string,
  input: { readonly number: number; readonly event: GithubEvent },
): Promise<GithubEvent> {
  const { number, event } = input;
  const { head, base, state } = await fetchPull(octokit, { ...repositoryOf(repositoryName), number });
  // Between the asking run and somebody's approval a pull request may end; nothing is left to release then.
  if (state !== 'open') {
    throw new ConfigError({
      code: 'PULL_REQUEST_CLOSED',
      where: `input pull-request ${number}`,
      expected: 'an open pull request',
      got: `one that is ${show(state)}`,
      remedy: 'open it again first; what is merged already is judged on the branch',
    });
  }
  if (event.kind === 'workflowRun' && event.headSha !== head.sha) {
    throw new ConfigError({
      code: 'PULL_REQUEST_MOVED',
      where: `input pull-request ${number}`,
      expected: `a pull request whose head is ${event.headSha ?? 'known'}, that of the run which ended`,
      got: head.sha,
      remedy: 'if it was pushed to meanwhile, its next run follows; otherwise the number is not that run’s',
    });
  }
  return {
    kind: 'pullRequest',
    name: event.name,
    number,
    headSha: head.sha,
    baseSha: base.sha,
    fork: head.repo?.full_name !== base.repo?.full_name,
  };
}

async function fetchPull(
  octokit: Octokit,
  { number, ...place }: Repository & { readonly number: number },
): Promise<z.infer<typeof pullSchema>> {
  try {
    const answer = await octokit.rest.pulls.get({ ...place, pull_number: number });
    return pullSchema.parse(answer.data);
  } catch (cause) {
    const { status, message } = failureOf(cause);
    throw new ConfigError(
      {
        code: 'PULL_REQUEST_UNREADABLE',
        where: `input pull-request ${number}`,
        expected: 'a pull request of this repository',
        got: `${status}: ${message.replace(/\s+/g, ' ').slice(0, 200)}`,
        remedy: 'correct the number, or add `pull-requests: read` to the `permissions:` of the job',
      },
      { cause },
    );
  }
}
