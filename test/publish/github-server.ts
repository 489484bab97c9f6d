import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';
import { type GithubContract, loadGithubContract, type Matched } from '../contract/contract.ts';
import { type Account, type Comment, renderComment } from './github-comment.ts';
import { GitStore, gitRoutes } from './github-git.ts';
import { Threads, threadRoutes } from './github-threads.ts';

/** What goes wrong with the next requests that match. */
export interface Fault {
  readonly method: string;
  readonly path: RegExp;
  /** How often; for ever where absent. */
  times?: number;
  /** An answer instead of GitHub's, or `drop` (the connection breaks) or `hang` (no answer at all). */
  readonly answer: Answer | 'drop' | 'hang';
  /** The request is carried out all the same, only its answer is lost. */
  readonly afterwards?: boolean;
}

export interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Handlers by operation (`GET /repos/...`); parameters are those of the path. */
export type Routes = Readonly<
  Record<string, (parameters: Readonly<Record<string, string>>, body: unknown, url: URL) => Answer>
>;

export interface GithubServer {
  readonly url: string;
  readonly git: GitStore;
  readonly threads: Threads;
  readonly comments: Comment[];
  /** Each request as `METHOD /path`. */
  readonly requests: string[];
  /** Requests or answers of ours that GitHub's description does not allow; must stay empty. */
  readonly problems: string[];
  readonly faults: Fault[];
  /** Requests that write. */
  writes(): string[];
  addComment(author: Account, body: string, issue?: number): Comment;
  close(): Promise<void>;
}

export const actionsBot: Account = { login: 'github-actions[bot]', type: 'Bot' };
export const maxCommentChars = 65_536;

export const noPermission: Answer = {
  status: 403,
  body: {
    message: 'Resource not accessible by integration',
    documentation_url: 'https://docs.github.com/rest',
  },
};

/** A loopback GitHub with comments, files, issues and checks: stateful, paged, and held to GitHub's own description both ways. */
export async function startGithub(
  options: { me?: Account; viewerAllowed?: boolean } = {},
): Promise<GithubServer> {
  const contract = loadGithubContract();
  const state = new State(options.me ?? actionsBot, options.viewerAllowed ?? true, contract);
  const server = createServer((request, response) => {
    handle(state, request, response).catch((error: unknown) => {
      state.problems.push(String(error));
      response.destroy();
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  state.url = `http://127.0.0.1:${isAddress(address) ? address.port : 0}`;
  const { url, comments, requests, problems, faults, git, threads } = state;
  return {
    url,
    git,
    threads,
    comments,
    requests,
    problems,
    faults,
    writes: () => requests.filter((line) => !line.startsWith('GET ') && !line.endsWith('/graphql')),
    addComment: (author, body, issue = 1) => state.add(author, body, issue),
    close: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

function isAddress(address: AddressInfo | string | null): address is AddressInfo {
  return typeof address === 'object' && address !== null;
}

class State {
  url = '';
  readonly comments: Comment[] = [];
  readonly requests: string[] = [];
  readonly problems: string[] = [];
  readonly faults: Fault[] = [];
  readonly me: Account;
  readonly viewerAllowed: boolean;
  readonly contract: GithubContract;
  readonly git = new GitStore();
  readonly threads: Threads;
  readonly routes: Routes;
  nextId = 1000;

  constructor(me: Account, viewerAllowed: boolean, contract: GithubContract) {
    this.me = me;
    this.viewerAllowed = viewerAllowed;
    this.contract = contract;
    this.threads = new Threads(me);
    this.routes = { ...gitRoutes(this.git), ...threadRoutes(this.threads) };
  }

  add(author: Account, body: string, issue: number): Comment {
    const comment = { id: this.nextId, issue, author, body, updatedAt: new Date().toISOString() };
    this.nextId += 1;
    this.comments.push(comment);
    return comment;
  }
}

async function handle(state: State, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', state.url);
  // GitHub Enterprise Server puts REST below /api/v3 and GraphQL beside it.
  const path = url.pathname.replace(/^\/api\/(v3\/|(?=graphql$))/, '/');
  const method = request.method ?? 'GET';
  const body = await readJson(request);
  state.requests.push(`${method} ${path}`);
  if (!(request.headers.authorization ?? '').startsWith('token '))
    state.problems.push('a request without token');
  const fault = takeFault(state, method, path);
  const answer = fault === null || fault.afterwards === true ? route(state, method, path, url, body) : null;
  if (fault === null && answer !== null) return send(response, answer);
  if (fault?.answer === 'drop') response.destroy();
  else if (fault !== null && fault.answer !== 'hang') send(response, fault.answer);
}

function takeFault(state: State, method: string, path: string): Fault | null {
  const fault = state.faults.find(
    (one) => one.method === method && one.path.test(path) && (one.times ?? Number.POSITIVE_INFINITY) > 0,
  );
  if (fault?.times !== undefined) fault.times -= 1;
  return fault ?? null;
}

function route(state: State, method: string, path: string, url: URL, body: unknown): Answer {
  if (path === '/graphql') return graphql(state);
  const matched = state.contract.match(method, path);
  if (matched === null) {
    state.problems.push(`${method} ${path} is not in the extract`);
    return { status: 404, body: { message: 'Not Found' } };
  }
  const wrong = state.contract.checkRequest(method, matched.template, body);
  state.problems.push(...wrong);
  const answer = wrong.length > 0 ? validationFailed('body') : perform(state, method, matched, url, body);
  state.problems.push(...state.contract.checkResponse(method, matched.template, answer.status, answer.body));
  return answer;
}

function graphql(state: State): Answer {
  if (state.viewerAllowed) return { status: 200, body: { data: { viewer: { login: state.me.login } } } };
  return {
    status: 200,
    body: { data: null, errors: [{ message: 'Resource not accessible by integration' }] },
  };
}

const withBody = z.object({ body: z.string() });

function perform(state: State, method: string, matched: Matched, url: URL, body: unknown): Answer {
  const operation = `${method} ${matched.template}`;
  switch (operation) {
    case 'GET /repos/{owner}/{repo}/issues/{issue_number}/comments':
      return listPage(state, Number(matched.parameters.issue_number), url);
    case 'POST /repos/{owner}/{repo}/issues/{issue_number}/comments': {
      const text = withBody.parse(body).body;
      if (text.length > maxCommentChars) return tooLong;
      const comment = state.add(state.me, text, Number(matched.parameters.issue_number));
      return { status: 201, body: renderComment(state.url, comment) };
    }
    case 'PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}': {
      const text = withBody.parse(body).body;
      const comment = state.comments.find((one) => one.id === Number(matched.parameters.comment_id));
      if (comment === undefined) return { status: 404, body: { message: 'Not Found' } };
      if (text.length > maxCommentChars) return tooLong;
      Object.assign(comment, { body: text, updatedAt: new Date().toISOString() });
      return { status: 200, body: renderComment(state.url, comment) };
    }
    case 'DELETE /repos/{owner}/{repo}/issues/comments/{comment_id}': {
      const at = state.comments.findIndex((one) => one.id === Number(matched.parameters.comment_id));
      if (at < 0) return { status: 404, body: { message: 'Not Found' } };
      state.comments.splice(at, 1);
      return { status: 204 };
    }
    default: {
      const handler = state.routes[operation];
      if (handler !== undefined) return handler(matched.parameters, body, url);
      state.problems.push(`${operation} is not acted out`);
      return { status: 404, body: { message: 'Not Found' } };
    }
  }
}

function listPage(state: State, issue: number, url: URL): Answer {
  const size = Math.min(Number(url.searchParams.get('per_page') ?? '30'), 100);
  const page = Number(url.searchParams.get('page') ?? '1');
  const all = state.comments.filter((one) => one.issue === issue).sort((a, b) => a.id - b.id);
  const shown = all.slice((page - 1) * size, page * size);
  const next = new URL(url);
  next.searchParams.set('page', String(page + 1));
  const headers = page * size < all.length ? { link: `<${next.href}>; rel="next"` } : undefined;
  const body = shown.map((comment) => renderComment(state.url, comment));
  return headers === undefined ? { status: 200, body } : { status: 200, body, headers };
}

export const tooLong: Answer = validationFailed('body is too long (maximum is 65536 characters)');

function validationFailed(message: string): Answer {
  const errors = [{ resource: 'IssueComment', code: 'unprocessable', field: 'data', message }];
  return {
    status: 422,
    body: { message: 'Validation Failed', errors, documentation_url: 'https://docs.github.com/rest' },
  };
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  const text = Buffer.concat(chunks).toString('utf8');
  return text === '' ? undefined : JSON.parse(text);
}

function send(response: ServerResponse, answer: Answer): void {
  response.writeHead(answer.status, { 'content-type': 'application/json; charset=utf-8', ...answer.headers });
  response.end(answer.body === undefined ? '' : JSON.stringify(answer.body));
}
