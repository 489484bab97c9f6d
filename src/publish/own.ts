import { z } from 'zod';
import { type Failure, isLimit, type Octokit } from './octokit.ts';

/** Whose a comment or an issue is, and what to say where GitHub lets us write none. */

const viewerSchema = z.object({ viewer: z.object({ login: z.string().min(1) }) });

export interface Author {
  readonly login: string;
  readonly type: string;
}

/** The account of our token, or null for tokens that may not ask. */
export async function readViewer(octokit: Octokit): Promise<string | null> {
  try {
    return viewerSchema.parse(await octokit.graphql('query { viewer { login } }')).viewer.login;
  } catch {
    return null;
  }
}

/**
 * Anybody can paste our marker into a text and wait for us to take it over, or to be held back by the run it names:
 * only the author tells. Without a viewer a bot is the nearest we can say; no person's account is one.
 */
export function isOurs(author: Author | null | undefined, viewer: string | null): boolean {
  if (author === null || author === undefined) return false;
  if (viewer === null) return author.type === 'Bot';
  return author.login === viewer || (author.type === 'Bot' && author.login === `${viewer}[bot]`);
}

/** Something that was not published; `remedy` is null where nothing is wrong. */
export interface Skipped {
  readonly skipped: string;
  readonly remedy: string | null;
}

const tryAgain = 'the job summary holds the same text; run the job again to try once more';

/** @param permission the line to add to the job's `permissions:` */
export function skippedFor(failure: Failure, permission: string): Skipped {
  // Octokit's message repeats GitHub's; a short cut of it is enough to search for.
  const said = failure.message.replace(/\s+/g, ' ').slice(0, 200);
  if (isLimit(failure)) {
    return { skipped: `GitHub's rate limit did not end in time (${failure.status})`, remedy: tryAgain };
  }
  if (failure.status === 401 || failure.status === 403 || failure.status === 404) {
    return {
      skipped: `GitHub refused it (${failure.status}: ${said})`,
      remedy:
        `add \`${permission}\` to the \`permissions:\` of the job. On pull requests from forks the token is ` +
        'read-only whatever the workflow says; the job summary holds the same text',
    };
  }
  return {
    skipped: failure.status === 0 ? said : `GitHub answered ${failure.status}: ${said}`,
    remedy: tryAgain,
  };
}
