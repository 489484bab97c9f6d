import { describeError } from '../config/errors.ts';
import { type CommentOutcome, publishComment } from '../publish/comment.ts';
import { commentObstacle } from '../publish/event.ts';
import { publishingClient, tokenRemedy } from './github-client.ts';
import { type CommentMode, readInput } from './inputs.ts';
import type { Job } from './job.ts';
import type { Publishing } from './session.ts';

/** A comment to be made or brought up to date. */
export interface CommentRequest {
  readonly job: Job;
  readonly mode: CommentMode;
  readonly policyName: string;
  readonly body: () => string;
  /** False: an earlier comment is brought up to date, and none is made. */
  readonly create?: boolean;
}

/** Comments where there is a pull request and a right to; says in the log what came of it; never throws. */
export async function commentOnPullRequest(publishing: Publishing, request: CommentRequest): Promise<void> {
  const { runner } = publishing;
  try {
    const outcome = await sendComment(publishing, request);
    if ('url' in outcome) {
      runner.log.info(`pull-request comment ${outcome.change}: ${outcome.url}`);
      runner.setOutput('comment-url', outcome.url);
    } else if (outcome.remedy === null) {
      runner.log.info(`no pull-request comment: ${outcome.skipped}`);
    } else {
      runner.warning(`no pull-request comment: ${outcome.skipped}\n${outcome.remedy}`);
    }
  } catch (error) {
    runner.warning(`no pull-request comment: ${describeError(error)}`);
  }
}

async function sendComment(publishing: Publishing, request: CommentRequest): Promise<CommentOutcome> {
  const { env, runner, tools, session } = publishing;
  const { event, repository, runId, attempt } = request.job;
  if (request.mode === 'never') return { skipped: 'switched off by input comment', remedy: null };
  if (event.kind !== 'pullRequest') return { skipped: commentObstacle(event), remedy: null };
  if (repository === null) return { skipped: 'GITHUB_REPOSITORY is not set', remedy: null };
  if (readInput(env, 'github-token') === undefined) {
    return { skipped: 'input github-token is empty', remedy: tokenRemedy };
  }
  return await publishComment(publishingClient(publishing, request.job), {
    repository,
    pullRequest: event.number,
    policyName: request.policyName,
    runId,
    attempt,
    startedAt: session.startedAt,
    headSha: event.headSha,
    body: runner.redact(request.body()),
    mode: request.mode,
    create: request.create ?? true,
    sleep: (ms) => tools.sleep(ms, tools.signal),
  });
}
