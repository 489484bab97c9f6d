import { describeError } from '../config/errors.ts';
import { exitCodeOf } from '../gate/verdict.ts';
import type { Conclusion } from '../publish/check-run.ts';
import { renderErrorComment } from '../report/comment.ts';
import { commentOnPullRequest } from './comment-on-pull-request.ts';
import { endCheck, startCheck } from './follow-check.ts';
import { inInputWords } from './input-words.ts';
import { parseCommentMode, readInput } from './inputs.ts';
import { readJob } from './job.ts';
import { readPolicyName } from './policy-name.ts';
import { asksShard } from './publish-shard.ts';
import { type Publishing, tolerate } from './session.ts';

/** Whatever stopped us is verdict `error`, said wherever an earlier `pass` may still stand; returns the exit code. */
export async function publishError(publishing: Publishing, error: unknown): Promise<number> {
  const { runner, env, tools } = publishing;
  const policyName = publishing.session.policyName ?? readPolicyName(env);
  const file = readInput(env, 'policy');
  const cancelled = tools.signal.aborted;
  const message = cancelled
    ? 'cancelled before there was a verdict'
    : inInputWords(describeError(error), env.GITHUB_WORKSPACE);
  const title = `mixgate error: policy ${policyName}`;
  runner.error(message, file === undefined ? { title } : { title, file, ...lineIn(file, message) });
  tolerate(runner, 'outputs', () => runner.setOutput('verdict', 'error'));
  const body = () => renderErrorComment({ policyName, message: runner.redact(message) });
  tolerate(runner, 'job summary', () => runner.writeSummary(body()));
  await openMissingCheck(publishing);
  const conclusion: Conclusion = cancelled ? 'cancelled' : 'failure';
  const summary = tolerate(runner, 'check run', body) ?? title;
  await endCheck(publishing, { conclusion, title: `error: policy ${policyName}`, summary, remarks: [] });
  // A cancelled job says nothing on the pull request: the run that took its place will; of a shard, the merge will.
  if (!cancelled && !asksShard(env)) await commentOnError(publishing, policyName, body);
  return exitCodeOf('error');
}

/** A check that a branch is protected by must not be waited for where even the inputs were wrong. */
async function openMissingCheck(publishing: Publishing): Promise<void> {
  const { env, runner, session, tools } = publishing;
  if (tools.signal.aborted || asksShard(env) || readInput(env, 'check-run') !== 'true') return;
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

/** The line of this file that a message names first. */
function lineIn(file: string, message: string): { line: number } | undefined {
  const named = message.split('\n').find((one) => one.startsWith(`  ${file}:`));
  const line = /^:(\d{1,9}) /.exec(named?.slice(2 + file.length) ?? '')?.[1];
  return line === undefined ? undefined : { line: Number(line) };
}
