import { ConfigError } from '../config/errors.ts';
import { buildOctokit, type Octokit } from '../publish/octokit.ts';
import { readInput } from './inputs.ts';
import type { Job } from './job.ts';
import type { Publishing } from './session.ts';

/** However GitHub is doing, a step of publishing ends: the verdict stands already. */
const publishDeadlineMs = 240_000;

/** Without a token there is no trusted file, and so no gate: the remedy is the default. */
export const tokenRemedy = 'remove `github-token:` from the step: the default is the token of the job';

/**
 * A client that gives up with any of the signals.
 *
 * @throws ConfigError INPUT_MISSING where there is no token
 */
export function clientOf(
  { env, tools }: Pick<Publishing, 'env' | 'tools'>,
  { apiUrl }: Job,
  signals: readonly AbortSignal[],
): Octokit {
  const token = readInput(env, 'github-token');
  if (token === undefined) {
    throw new ConfigError({
      code: 'INPUT_MISSING',
      where: 'input github-token',
      expected: 'a token that may read this repository: what decides about a head is not read from it',
      got: 'nothing',
      remedy: tokenRemedy,
    });
  }
  return buildOctokit({ ...tools, signal: AbortSignal.any([...signals]), token, apiUrl });
}

/** A client for one step of publishing: it gives up on its own. */
export function publishingClient(publishing: Publishing, job: Job): Octokit {
  return clientOf(publishing, job, [publishing.tools.signal, AbortSignal.timeout(publishDeadlineMs)]);
}
