import type { Speaker } from './believe.ts';
import { cutBody, shortestBody } from './cut-body.ts';
import { bodySha256, isNewerRun, type Marker, renderMarker } from './marker.ts';
import { failureOf, type Octokit, repositoryOf } from './octokit.ts';
import { readViewer, type Skipped, skippedFor } from './own.ts';
import { commentSchema, listOwnComments, type OwnComment, type Place } from './own-comments.ts';

/** What one run wants to say on one pull request under one policy. */
export interface CommentDraft extends Speaker {
  /** `owner/name` */
  readonly repository: string;
  readonly pullRequest: number;
  readonly policyName: string;
  /** Head of the pull request that this run judged, where it is known. */
  readonly headSha: string | null;
  /** Rendered Markdown without marker; its first line states the verdict. */
  readonly body: string;
  /** `on-change` leaves a comment alone whose first line says the same. */
  readonly mode: 'always' | 'on-change';
  /** False: an earlier comment of ours is brought up to date, and none is made. */
  readonly create?: boolean;
  /** How a run waits for another that speaks at the same moment. */
  readonly sleep: (ms: number) => Promise<void>;
}

export type CommentOutcome =
  | { readonly url: string; readonly change: 'created' | 'updated' | 'unchanged' }
  | Skipped;

/** Between another run's look at the list and its write, on a slow day. */
const settleMs = 600;

/**
 * Keeps one comment a policy on a pull request: creates it, or updates the oldest one that is ours. Never throws:
 * a comment that cannot be written must not change a verdict.
 */
export async function publishComment(octokit: Octokit, draft: CommentDraft): Promise<CommentOutcome> {
  try {
    const place = { ...repositoryOf(draft.repository), issue_number: draft.pullRequest };
    const viewer = await readViewer(octokit);
    const write = (body: string) =>
      upsert({ octokit, viewer, draft: { ...draft, place, body }, text: markedText(draft, body) });
    try {
      return await write(cutBody(draft.body));
    } catch (error) {
      if (failureOf(error).status !== 422) throw error;
      return await write(shortestBody(draft.body));
    }
  } catch (error) {
    return skippedFor(failureOf(error), 'pull-requests: write');
  }
}

/** What is being written, and where. */
interface Writing {
  readonly octokit: Octokit;
  /** The account that writes, where it is known. */
  readonly viewer: string | null;
  readonly draft: CommentDraft & { readonly place: Place };
  /** The draft's body below its marker. */
  readonly text: string;
}

async function upsert(writing: Writing): Promise<CommentOutcome> {
  const written = await writeOne(writing);
  if ('skipped' in written || written.change === 'unchanged') return written;
  try {
    await writing.draft.sleep(settleMs);
    const url = await leaveOne(writing);
    return url === null ? written : { ...written, url };
  } catch {
    // What we had to say stands there already.
    return written;
  }
}

function listOwn({ octokit, draft, viewer }: Writing): Promise<readonly OwnComment[]> {
  return listOwnComments(octokit, draft, viewer);
}

async function writeOne(writing: Writing): Promise<CommentOutcome> {
  const { octokit, draft, text } = writing;
  for (let lastTry = false; ; lastTry = true) {
    const settled = await updateOwn(writing, await listOwn(writing));
    if (settled !== null) return settled;
    if (draft.create === false)
      return { skipped: 'there is nothing to say, and no earlier comment', remedy: null };
    try {
      const created = await octokit.rest.issues.createComment({ ...draft.place, body: text });
      return { url: commentSchema.parse(created.data).html_url, change: 'created' };
    } catch (error) {
      // A 5xx or a broken connection may come after the comment was made: look before asking again.
      if (lastTry || failureOf(error).status < 500) throw error;
    }
  }
}

/**
 * Two runs at once may each find no comment and make one, or the older may write last: whoever looks again leaves the
 * oldest comment with the newest run's words, and takes the others away.
 *
 * @returns the address of what is left, or null where somebody deleted it
 */
async function leaveOne(writing: Writing): Promise<string | null> {
  const { octokit, draft, text, viewer } = writing;
  const { owner, repo } = draft.place;
  const own = await listOwn(writing);
  const [oldest, ...others] = own;
  if (oldest === undefined) return null;
  const newest = own.reduce<Pick<Marker, 'runId' | 'attempt'> & { text: string }>(
    (best, { marker, text: theirs }) => (isNewerRun(marker, best) ? { ...marker, text: theirs } : best),
    { runId: draft.runId, attempt: draft.attempt, text },
  );
  if (isNewerRun(newest, oldest.marker))
    await octokit.rest.issues.updateComment({ owner, repo, comment_id: oldest.id, body: newest.text });
  // Without the name of our own account they may be another bot's.
  if (viewer !== null)
    for (const { id } of others) await deleteComment(octokit, { owner, repo, comment_id: id });
  return oldest.url;
}

async function deleteComment(
  octokit: Octokit,
  comment: { owner: string; repo: string; comment_id: number },
): Promise<void> {
  try {
    await octokit.rest.issues.deleteComment(comment);
  } catch (error) {
    // The other run was faster.
    if (failureOf(error).status !== 404) throw error;
  }
}

/** Brings a comment of ours up to date, or leaves it; null where there is none to update. */
async function updateOwn(
  { octokit, draft, text }: Writing,
  own: readonly OwnComment[],
): Promise<CommentOutcome | null> {
  const newer = own.find((comment) => isNewerRun(comment.marker, draft));
  if (newer !== undefined) {
    return { skipped: `run ${newer.marker.runId} is newer and has commented already`, remedy: null };
  }
  const oldest = own[0];
  if (oldest === undefined) return null;
  if (saysTheSame(oldest, draft)) return { url: oldest.url, change: 'unchanged' };
  try {
    const { owner, repo } = draft.place;
    const updated = await octokit.rest.issues.updateComment({
      owner,
      repo,
      comment_id: oldest.id,
      body: text,
    });
    return { url: commentSchema.parse(updated.data).html_url, change: 'updated' };
  } catch (error) {
    // Deleted by hand since we listed it.
    if (failureOf(error).status === 404) return null;
    throw error;
  }
}

/**
 * The hash of what stands there is taken anew: the marker's own would let anybody who may edit comments turn the
 * verdict line around and have us leave it.
 */
function saysTheSame(own: OwnComment, { body, mode }: Pick<CommentDraft, 'body' | 'mode'>): boolean {
  if (bodySha256(own.body) !== own.marker.bodySha256) return false;
  return (
    own.marker.bodySha256 === bodySha256(body) ||
    (mode === 'on-change' && firstLine(own.body) === firstLine(body))
  );
}

function firstLine(body: string): string {
  return body.split(/\r?\n/, 1)[0]?.trimEnd() ?? '';
}

function markedText(draft: CommentDraft, body: string): string {
  return `${renderMarker({ ...draft, bodySha256: bodySha256(body) })}\n${body}`;
}
