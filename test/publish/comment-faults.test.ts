import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CommentDraft, publishComment } from '../../src/publish/comment.ts';
import { actionsBot, type GithubServer, noPermission, startGithub, tooLong } from './github-server.ts';
import { buildClient, commentsPath, draft, marked, oneCommentPath } from './publishing.ts';

let github: GithubServer;
let sleeps: number[];

beforeEach(async () => {
  github = await startGithub();
  sleeps = [];
});
afterEach(async () => {
  expect(github.problems).toEqual([]);
  await github.close();
});

const client = (signal?: AbortSignal) =>
  buildClient({ apiUrl: github.url, sleeps, ...(signal === undefined ? {} : { signal }) });
const publish = (change: Partial<CommentDraft> = {}) => publishComment(client(), { ...draft, ...change });

describe('faults of GitHub', () => {
  it('a token that may not write is skipped with the line to add', async () => {
    github.faults.push({ method: 'POST', path: commentsPath, answer: noPermission });
    const outcome = await publish();
    expect(outcome).toEqual({
      skipped: expect.stringContaining('Resource not accessible by integration'),
      remedy: expect.stringContaining('pull-requests: write'),
    });
    expect(sleeps).toEqual([]);
  });

  it.each([403, 429])(
    'a secondary limit (%i) is waited for as long as it says, at most a minute',
    async (status) => {
      const body = { message: 'You have exceeded a secondary rate limit' };
      github.faults.push(
        {
          method: 'POST',
          path: commentsPath,
          times: 1,
          answer: { status, body, headers: { 'retry-after': '7' } },
        },
        {
          method: 'POST',
          path: commentsPath,
          times: 1,
          answer: { status, body, headers: { 'retry-after': '3600' } },
        },
        { method: 'POST', path: commentsPath, times: 1, answer: { status, body } },
      );
      expect(await publish()).toMatchObject({ change: 'created' });
      expect(sleeps).toEqual([7000, 60_000, 60_000]);
      expect(github.comments).toHaveLength(1);
    },
  );

  it('a limit that does not end is given up, and not called a missing permission', async () => {
    const answer = { status: 429, body: { message: 'slow down' }, headers: { 'retry-after': '1' } };
    github.faults.push({ method: 'GET', path: commentsPath, answer });
    expect(await publish()).toEqual({
      skipped: expect.stringContaining('rate limit'),
      remedy: expect.not.stringContaining('pull-requests: write'),
    });
    expect(sleeps).toEqual([1000, 1000, 1000]);
  });

  it('a spent primary limit is waited for until its reset', async () => {
    const reset = String(Date.parse('2026-11-21T08:00:20Z') / 1000);
    const headers = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset };
    const answer = { status: 403, body: { message: 'API rate limit exceeded' }, headers };
    github.faults.push({ method: 'GET', path: commentsPath, times: 1, answer });
    expect(await publish()).toMatchObject({ change: 'created' });
    expect(sleeps).toEqual([20_000]);
  });

  it('a passing 5xx is tried again for lists and updates', async () => {
    github.addComment(actionsBot, marked());
    github.faults.push(
      { method: 'GET', path: commentsPath, times: 2, answer: { status: 502, body: {} } },
      { method: 'PATCH', path: oneCommentPath, times: 1, answer: { status: 500, body: {} } },
    );
    expect(await publish()).toMatchObject({ change: 'updated' });
    expect(sleeps).toEqual([1000, 2000, 1000]);
  });

  it.each([{ status: 502, body: {} }, 'drop' as const])(
    'a comment that was made although its answer was lost (%j) is not made twice',
    async (answer) => {
      github.faults.push({ method: 'POST', path: commentsPath, times: 1, answer, afterwards: true });
      expect(await publish()).toMatchObject({ change: 'unchanged' });
      expect(github.comments).toHaveLength(1);
    },
  );

  it('a comment that was not made is asked for once more', async () => {
    github.faults.push({ method: 'POST', path: commentsPath, times: 1, answer: { status: 503, body: {} } });
    expect(await publish()).toMatchObject({ change: 'created' });
    expect(github.comments).toHaveLength(1);
  });

  it('a list that never ends is read for a hundred pages', async () => {
    const next = `<${github.url}/repos/acme/models/issues/1/comments?page=2>; rel="next"`;
    const answer = { status: 200, body: [], headers: { link: next } };
    const lists = () => github.requests.filter((line) => line.startsWith('GET ') && commentsPath.test(line));
    github.faults.push({ method: 'GET', path: commentsPath, answer });
    expect(await publish()).toMatchObject({ change: 'created' });
    // Once before it is made, and once after; a page that is late on a busy machine is asked for again.
    expect(lists().length).toBeGreaterThanOrEqual(200);
    expect(lists().length).toBeLessThan(230);
  });

  it('a server that does not answer ends as a skipped comment', async () => {
    github.faults.push({ method: 'POST', path: commentsPath, answer: 'hang' });
    expect(await publish()).toEqual({ skipped: expect.any(String), remedy: expect.any(String) });
  });

  it('a server that is not there ends as a skipped comment', async () => {
    const octokit = client();
    await github.close();
    expect(await publishComment(octokit, draft)).toEqual({
      skipped: expect.any(String),
      remedy: expect.any(String),
    });
  });

  it('an abort ends it at once', async () => {
    github.faults.push({ method: 'GET', path: commentsPath, answer: 'hang' });
    const cancel = new AbortController();
    setTimeout(() => cancel.abort(), 50);
    const outcome = await publishComment(client(cancel.signal), draft);
    expect(outcome).toHaveProperty('skipped');
    expect(sleeps).toEqual([]);
  });
});

describe('a long body', () => {
  const body = `## mixgate: fail\n\n<details>\n\n${'| a row of a table | 0.5 |\n'.repeat(4000)}\n</details>\n`;

  it('is cut below GitHub’s limit, with its details closed and a line that says so', async () => {
    expect(await publish({ body })).toMatchObject({ change: 'created' });
    const text = github.comments[0]?.body ?? '';
    expect(text.length).toBeLessThan(64_200);
    expect(text).toMatch(/\| a row of a table \| 0\.5 \|\n\n<\/details>\n\n\*\*This comment was cut/);
    expect(await publish({ body })).toMatchObject({ change: 'unchanged' });
  });

  it('is cut to its verdict line where GitHub finds it too long all the same', async () => {
    github.faults.push({ method: 'POST', path: commentsPath, times: 1, answer: tooLong });
    expect(await publish({ body })).toMatchObject({ change: 'created' });
    expect(github.comments[0]?.body.split('\n').slice(1, 4)).toEqual([
      '## mixgate: fail',
      '',
      expect.stringContaining('was cut'),
    ]);
  });
});
