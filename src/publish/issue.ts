import { z } from 'zod';
import { isDoubtful, type Speaker } from './believe.ts';
import { cutBody } from './cut-body.ts';
import { isNewerRun, markerName } from './marker.ts';
import { countPages, failureOf, type Octokit, type Repository, repositoryOf } from './octokit.ts';
import { isOurs, readViewer, type Skipped, skippedFor } from './own.ts';

/** What a scheduled run found of one policy. */
export interface IssueDraft extends Speaker {
  /** `owner/name` */
  readonly repository: string;
  readonly policyName: string;
  /** A regression opens the policy's issue or updates it; a recovery closes it. */
  readonly state: 'regression' | 'recovery';
  /** Rendered Markdown without marker. */
  readonly body: string;
}

export type IssueOutcome =
  | { readonly url: string; readonly change: 'opened' | 'updated' | 'closed' }
  | Skipped;

const issueSchema = z.object({
  number: z.int(),
  html_url: z.url(),
  body: z.string().nullish(),
  updated_at: z.string(),
  user: z.object({ login: z.string(), type: z.string() }).nullish(),
  pull_request: z.unknown().optional(),
});

/** Anchored at the start, because text further down may be anybody's. */
const markerLine = /^<!-- mixgate-issue policy=([A-Za-z0-9._-]{1,64}) run=(\d{1,15})\.(\d{1,6}) -->/;

interface OwnIssue {
  readonly number: number;
  readonly url: string;
  readonly updatedAt: string;
  readonly run: { readonly runId: number; readonly attempt: number };
}

/** Keeps one open issue a policy while it regresses. Never throws: the verdict does not hang on it. */
export async function publishIssue(octokit: Octokit, draft: IssueDraft): Promise<IssueOutcome> {
  try {
    return await settle(octokit, repositoryOf(draft.repository), draft);
  } catch (error) {
    return skippedFor(failureOf(error), 'issues: write');
  }
}

async function settle(octokit: Octokit, place: Repository, draft: IssueDraft): Promise<IssueOutcome> {
  const viewer = await readViewer(octokit);
  const body = `${renderMarker(draft)}\n${cutBody(draft.body)}`;
  for (let lastTry = false; ; lastTry = true) {
    const [oldest, ...others] = await listOwn(octokit, place, { policyName: draft.policyName, viewer });
    if (oldest !== undefined && isNewerRun(oldest.run, draft) && isBelieved(oldest, draft)) {
      return { skipped: `run ${oldest.run.runId} is newer and has said so already`, remedy: null };
    }
    if (draft.state === 'recovery') {
      if (oldest === undefined) return { skipped: 'no issue is open', remedy: null };
      for (const one of [...others, oldest])
        await closeIssue(octokit, { ...place, issue_number: one.number, body });
      return { url: oldest.url, change: 'closed' };
    }
    if (oldest !== undefined) {
      await octokit.rest.issues.update({ ...place, issue_number: oldest.number, body });
      return { url: oldest.url, change: 'updated' };
    }
    try {
      const title = `mixgate: policy ${markerName(draft.policyName)} fails on the scheduled run`;
      const created = await octokit.rest.issues.create({ ...place, title, body });
      return { url: issueSchema.parse(created.data).html_url, change: 'opened' };
    } catch (error) {
      // A 5xx may come after the issue was made: look before asking again.
      if (lastTry || failureOf(error).status < 500) throw error;
    }
  }
}

/** A night that is run again may well be older than what was written before it began. */
function isBelieved({ run, updatedAt }: OwnIssue, draft: IssueDraft): boolean {
  return draft.attempt > 1 || !isDoubtful(run, updatedAt, draft);
}

async function closeIssue(
  octokit: Octokit,
  issue: Repository & { readonly issue_number: number; readonly body: string },
): Promise<void> {
  await octokit.rest.issues.update({ ...issue, state: 'closed', state_reason: 'completed' });
}

/** Our own open issues under this policy, oldest first. */
async function listOwn(
  octokit: Octokit,
  place: Repository,
  { policyName, viewer }: { readonly policyName: string; readonly viewer: string | null },
): Promise<OwnIssue[]> {
  const pages = countPages();
  const listed = await octokit.paginate(
    octokit.rest.issues.listForRepo,
    { ...place, state: 'open', per_page: 100 },
    ({ data }, done) => pages(data, done),
  );
  const own = listed.flatMap((raw) => {
    const issue = issueSchema.parse(raw);
    const [, policy, runId, attempt] = markerLine.exec(issue.body ?? '') ?? [];
    if (policy !== markerName(policyName) || issue.pull_request !== undefined) return [];
    if (!isOurs(issue.user, viewer)) return [];
    const { number, html_url: url, updated_at: updatedAt } = issue;
    return [{ number, url, updatedAt, run: { runId: Number(runId), attempt: Number(attempt) } }];
  });
  return own.sort((a, b) => a.number - b.number);
}

function renderMarker({ policyName, runId, attempt }: IssueDraft): string {
  return `<!-- mixgate-issue policy=${markerName(policyName)} run=${runId}.${attempt} -->`;
}
