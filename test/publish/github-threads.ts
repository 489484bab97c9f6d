import { z } from 'zod';
import { sampleOf } from '../contract/sample.ts';
import { type Account, renderUser } from './github-comment.ts';
import type { Answer, Routes } from './github-server.ts';

export interface Issue {
  readonly number: number;
  readonly author: Account;
  title: string;
  body: string;
  state: 'open' | 'closed';
  updatedAt: string;
}

export interface CheckRun {
  readonly id: number;
  readonly name: string;
  readonly headSha: string;
  readonly externalId: string;
  status: string;
  conclusion: string | null;
  output: { title?: string | undefined; summary?: string | undefined; annotations?: unknown[] | undefined };
  /** Each status that it had, in order. */
  readonly history: string[];
}

export interface Pull {
  readonly number: number;
  readonly headSha: string;
  readonly baseSha: string;
  readonly headRepository: string;
  readonly state?: 'open' | 'closed';
}

/** Issues, check runs and pull requests: what the Action talks about beside comments and files. */
export class Threads {
  readonly issues: Issue[] = [];
  readonly checks: CheckRun[] = [];
  readonly pulls: Pull[] = [];
  readonly me: Account;

  constructor(me: Account) {
    this.me = me;
  }

  addIssue(author: Account, body: string): Issue {
    const number = 10 + this.issues.length;
    const updatedAt = new Date().toISOString();
    const issue: Issue = { number, author, title: 'x', body, state: 'open', updatedAt };
    this.issues.push(issue);
    return issue;
  }
}

const notFound: Answer = { status: 404, body: { message: 'Not Found' } };
const issueBody = z.object({
  title: z.string().optional(),
  body: z.string().optional(),
  state: z.enum(['open', 'closed']).optional(),
});
const output = z.object({
  title: z.string().optional(),
  summary: z.string().optional(),
  annotations: z.array(z.unknown()).optional(),
});
const checkBody = z.object({
  name: z.string().optional(),
  head_sha: z.string().optional(),
  external_id: z.string().optional(),
  status: z.string().optional(),
  conclusion: z.string().optional(),
  output: output.optional(),
});

export function threadRoutes(threads: Threads): Routes {
  const repo = '/repos/{owner}/{repo}';
  return {
    [`GET ${repo}/issues`]: (_, _body, url) => {
      const open = threads.issues.filter(({ state }) => state === (url.searchParams.get('state') ?? 'open'));
      return { status: 200, body: open.map(renderIssue) };
    },
    [`POST ${repo}/issues`]: (_, body) => {
      const { title = '', body: text = '' } = issueBody.parse(body);
      const issue = threads.addIssue(threads.me, text);
      issue.title = title;
      return { status: 201, body: renderIssue(issue) };
    },
    [`PATCH ${repo}/issues/{issue_number}`]: ({ issue_number: number }, body) => {
      const issue = threads.issues.find((one) => one.number === Number(number));
      if (issue === undefined) return notFound;
      Object.assign(issue, issueBody.parse(body), { updatedAt: new Date().toISOString() });
      return { status: 200, body: renderIssue(issue) };
    },
    [`POST ${repo}/check-runs`]: (_, body) => {
      const {
        name = '',
        head_sha: headSha = '',
        external_id: externalId = '',
        status = '',
      } = checkBody.parse(body);
      const id = 7000 + threads.checks.length;
      const check = {
        id,
        name,
        headSha,
        externalId,
        status,
        conclusion: null,
        output: {},
        history: [status],
      };
      threads.checks.push(check);
      return { status: 201, body: renderCheck(check) };
    },
    [`PATCH ${repo}/check-runs/{check_run_id}`]: ({ check_run_id: id }, body) => {
      const check = threads.checks.find((one) => one.id === Number(id));
      if (check === undefined) return notFound;
      const { status = check.status, conclusion = null, output: said = {} } = checkBody.parse(body);
      Object.assign(check, { status, conclusion, output: said });
      check.history.push(status);
      return { status: 200, body: renderCheck(check) };
    },
    [`GET ${repo}/commits/{ref}/check-runs`]: ({ ref }, _, url) => {
      const name = url.searchParams.get('check_name');
      const found = threads.checks.filter(
        (one) => one.headSha === ref && (name === null || one.name === name),
      );
      return { status: 200, body: { total_count: found.length, check_runs: found.map(renderCheck) } };
    },
    [`GET ${repo}/pulls/{pull_number}`]: ({ pull_number: number }) => {
      const pull = threads.pulls.find((one) => one.number === Number(number));
      return pull === undefined ? notFound : { status: 200, body: renderPull(pull) };
    },
  };
}

function renderIssue({ number, title, body, state, author, updatedAt }: Issue): unknown {
  const user = renderUser('https://example.com', author);
  const html_url = `https://github.com/acme/models/issues/${number}`;
  return sampleOf('issue', { number, title, body, state, user, html_url, updated_at: updatedAt });
}

function renderCheck({ id, name, headSha, externalId, status, conclusion }: CheckRun): unknown {
  return sampleOf('check-run', { id, name, head_sha: headSha, external_id: externalId, status, conclusion });
}

function renderPull({ number, headSha, baseSha, headRepository, state }: Pull): unknown {
  const side = (sha: string, full_name: string) => ({ sha, repo: { full_name } });
  return sampleOf('pull-request', {
    number,
    state: state ?? 'open',
    head: side(headSha, headRepository),
    base: side(baseSha, 'acme/models'),
  });
}
