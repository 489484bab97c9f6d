import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { ConfigError } from '../config/errors.ts';

/** What started the workflow, as far as the gate needs it. */
export type GithubEvent =
  | {
      readonly kind: 'pullRequest';
      readonly name: string;
      readonly number: number;
      /** The pull request's head; `GITHUB_SHA` is the merge commit. */
      readonly headSha: string | null;
      readonly baseSha: string | null;
      readonly fork: boolean;
    }
  | {
      readonly kind: 'mergeGroup' | 'push';
      readonly name: string;
      readonly headSha: string | null;
      readonly baseSha: string | null;
    }
  | {
      /** `workflowRun`: the head is that of the run which ended, not this job's commit. */
      readonly kind: 'schedule' | 'dispatch' | 'workflowRun' | 'other';
      readonly name: string;
      readonly headSha: string | null;
      readonly baseSha: null;
    };

type Env = Readonly<Record<string, string | undefined>>;

const sha = z.string().regex(/^[0-9A-Za-z]{1,64}$/);
const repository = z.object({ full_name: z.string() });

const pullRequestPayload = z.object({
  pull_request: z.object({
    number: z.int().positive(),
    head: z.object({ sha: sha.optional(), repo: repository.nullish() }).optional(),
    base: z.object({ sha: sha.optional(), repo: repository.nullish() }).optional(),
  }),
});
const mergeGroupPayload = z.object({ merge_group: z.object({ head_sha: sha, base_sha: sha }) });
const workflowRunPayload = z.object({ workflow_run: z.object({ head_sha: sha }) });
const defaultBranchPayload = z.object({ repository: z.object({ default_branch: z.string().min(1) }) });
const pushPayload = z.object({ before: sha.nullish(), after: sha.nullish() });

/** Reads the event of this job: `GITHUB_EVENT_NAME` and the payload at `GITHUB_EVENT_PATH`. */
export function readEvent(env: Env): GithubEvent {
  return parseEvent(env.GITHUB_EVENT_NAME ?? '', readOwnPayload(env), env.GITHUB_SHA);
}

/** The default branch of the repository, where the event tells it. */
export function readDefaultBranch(env: Env): string | null {
  const parsed = defaultBranchPayload.safeParse(readOwnPayload(env));
  return parsed.success ? parsed.data.repository.default_branch : null;
}

function readOwnPayload(env: Env): unknown {
  const path = env.GITHUB_EVENT_PATH ?? '';
  return path === '' ? {} : readPayload(path);
}

function readPayload(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new ConfigError(
      {
        code: 'EVENT_UNREADABLE',
        where: 'GITHUB_EVENT_PATH',
        expected: 'a JSON file with the event',
        got: 'none that can be read',
        remedy: 'run this as a step of a GitHub workflow, which provides the file',
      },
      { cause },
    );
  }
}

/**
 * Parses an event; keys that we do not use are ignored, because GitHub adds some all the time.
 *
 * @throws ConfigError EVENT_INVALID where what the event's kind promises is not there
 */
export function parseEvent(name: string, payload: unknown, githubSha: string | undefined): GithubEvent {
  const headSha = githubSha === undefined || githubSha === '' ? null : githubSha;
  switch (name) {
    case 'pull_request':
    case 'pull_request_target':
    // These two check out the pull request's merge commit: its gate must not come from there either.
    case 'pull_request_review':
    case 'pull_request_review_comment':
      return pullRequestEvent(name, payload, headSha);
    case 'merge_group': {
      const { merge_group: group } = parsePayload(mergeGroupPayload, name, payload);
      return { kind: 'mergeGroup', name, headSha: group.head_sha, baseSha: group.base_sha };
    }
    case 'push': {
      const push = parsePayload(pushPayload, name, payload);
      return { kind: 'push', name, headSha: push.after ?? headSha, baseSha: notZero(push.before) };
    }
    case 'schedule':
      return { kind: 'schedule', name, headSha, baseSha: null };
    case 'workflow_dispatch':
    case 'repository_dispatch':
      return { kind: 'dispatch', name, headSha, baseSha: null };
    case 'workflow_run': {
      const { workflow_run: run } = parsePayload(workflowRunPayload, name, payload);
      return { kind: 'workflowRun', name, headSha: run.head_sha, baseSha: null };
    }
    default:
      return { kind: 'other', name, headSha, baseSha: null };
  }
}

function pullRequestEvent(name: string, payload: unknown, headSha: string | null): GithubEvent {
  const { pull_request: pull } = parsePayload(pullRequestPayload, name, payload);
  const head = pull.head?.repo?.full_name;
  const base = pull.base?.repo?.full_name;
  return {
    kind: 'pullRequest',
    name,
    number: pull.number,
    headSha: pull.head?.sha ?? headSha,
    baseSha: pull.base?.sha ?? null,
    // A head repository that was deleted is null, and was a fork.
    fork: pull.head?.repo === null || (head !== undefined && base !== undefined && head !== base),
  };
}

function parsePayload<T>(schema: z.ZodType<T>, name: string, payload: unknown): T {
  const result = schema.safeParse(payload);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new ConfigError({
    code: 'EVENT_INVALID',
    where: `GITHUB_EVENT_PATH ${issue?.path.join('.') ?? ''}`.trimEnd(),
    expected: `the payload of a ${name} event`,
    got: issue?.message ?? 'something else',
    remedy: 'run this as a step of a GitHub workflow, which provides the event',
  });
}

/** The first push of a branch comes "after" a commit of forty zeros. */
function notZero(commit: string | null | undefined): string | null {
  return commit === null || commit === undefined || /^0+$/.test(commit) ? null : commit;
}

/** Why an event other than a pull request's cannot be commented on. */
export function commentObstacle(event: Exclude<GithubEvent, { kind: 'pullRequest' }>): string {
  return event.kind === 'mergeGroup'
    ? 'a merge group has no pull request of its own'
    : `the event ${event.name === '' ? '(none)' : event.name} has no pull request`;
}
