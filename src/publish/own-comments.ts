import { z } from 'zod';
import { hasMoved, isDoubtful, type Speaker } from './believe.ts';
import { type Marker, markerName, parseMarked } from './marker.ts';
import { countPages, type Octokit, type Repository } from './octokit.ts';
import { isOurs } from './own.ts';

/** A pull request, as the API of its comments takes it. */
export interface Place extends Repository {
  readonly issue_number: number;
}

export interface OwnComment {
  readonly id: number;
  readonly url: string;
  readonly updatedAt: string;
  readonly marker: Marker;
  readonly body: string;
  /** Marker and body, as it stands there. */
  readonly text: string;
}

export const commentSchema = z.object({
  id: z.int(),
  html_url: z.url(),
  body: z.string().nullish(),
  updated_at: z.string(),
  user: z.object({ login: z.string(), type: z.string() }).nullish(),
});

/** Who speaks, under which policy, of which head, and where. */
interface Saying extends Speaker {
  readonly place: Place;
  readonly policyName: string;
  readonly headSha: string | null;
}

/**
 * Our own comments under this policy, oldest first. Those that name a newer run which we do not believe have neither its
 * run nor its hash: they are brought up to date like those of any earlier run.
 */
export async function listOwnComments(
  octokit: Octokit,
  draft: Saying,
  viewer: string | null,
): Promise<readonly OwnComment[]> {
  const pages = countPages();
  const listed = await octokit.paginate(
    octokit.rest.issues.listComments,
    { ...draft.place, per_page: 100 },
    ({ data }, done) => pages(data, done),
  );
  const own = listed.flatMap((raw) => {
    const comment = commentSchema.parse(raw);
    const marked = parseMarked(comment.body ?? '');
    if (marked === null || marked.marker.policyName !== markerName(draft.policyName)) return [];
    if (!isOurs(comment.user, viewer)) return [];
    const { id, html_url: url, updated_at: updatedAt, body } = comment;
    return [{ id, url, updatedAt, text: body ?? '', ...marked }];
  });
  const oldestFirst = own.sort((a, b) => a.id - b.id);
  return await believe(octokit, draft, oldestFirst);
}

/** A newer run is one that wrote since we began, or of another head than the one that we judged. */
async function believe(
  octokit: Octokit,
  draft: Saying,
  own: readonly OwnComment[],
): Promise<readonly OwnComment[]> {
  const { owner, repo, issue_number: pull_number } = draft.place;
  const doubtful = own.filter(({ marker, updatedAt }) => isDoubtful(marker, updatedAt, draft));
  if (doubtful.length === 0 || (await hasMoved(octokit, { owner, repo, pull_number }, draft.headSha)))
    return own;
  const nobody = { runId: 0, attempt: 0, bodySha256: '' };
  return own.map((one) => (doubtful.includes(one) ? { ...one, marker: { ...one.marker, ...nobody } } : one));
}
