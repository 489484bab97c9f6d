import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CommentDraft, publishComment } from '../../src/publish/comment.ts';
import { actionsBot, type GithubServer, startGithub } from './github-server.ts';
import { buildClient, draft, marked, oneCommentPath } from './publishing.ts';

let github: GithubServer;

beforeEach(async () => {
  github = await startGithub();
});
afterEach(async () => {
  expect(github.problems).toEqual([]);
  await github.close();
});

const client = (apiUrl = github.url) => buildClient({ apiUrl, sleeps: [] });
const publish = (change: Partial<CommentDraft> = {}) => publishComment(client(), { ...draft, ...change });

describe('one comment a policy', () => {
  it('is created with the marker on its first line and the verdict on its second', async () => {
    const outcome = await publish();
    expect(outcome).toEqual({ url: expect.stringContaining('#issuecomment-1000'), change: 'created' });
    expect(github.comments).toHaveLength(1);
    const [first, second] = github.comments[0]?.body.split('\n') ?? [];
    expect(first).toMatch(/^<!-- mixgate policy=standard run=500\.1 body=[0-9a-f]{64} -->$/);
    expect(second).toBe('## mixgate: pass');
  });

  it('is updated in place by the next run', async () => {
    await publish();
    const outcome = await publish({ runId: 501, body: '## mixgate: fail\n' });
    expect(outcome).toMatchObject({ change: 'updated' });
    expect(github.comments).toHaveLength(1);
    expect(github.comments[0]?.body).toContain('run=501.1');
    expect(github.comments[0]?.body).toContain('mixgate: fail');
  });

  it('is left alone, without a write, where it already says the same', async () => {
    await publish();
    const before = github.writes().length;
    expect(await publish({ runId: 501 })).toMatchObject({ change: 'unchanged' });
    expect(github.writes()).toHaveLength(before);
  });

  describe('edited to name a run that will never be', () => {
    const startedAt = new Date('2026-11-21T08:00:00Z');
    const forged = () => {
      const own = github.addComment(actionsBot, marked({ runId: 999_999_999_999_999, body: '## pass\n' }));
      own.updatedAt = '2026-11-21T07:00:00Z';
      return own;
    };
    const pull = (headSha: string) =>
      github.threads.pulls.push({ number: 1, headSha, baseSha: 'b', headRepository: 'acme/models' });

    it('is put right by the next run, and by one that runs again', async () => {
      pull('a');
      const own = forged();
      expect(await publish({ startedAt, headSha: 'a', body: '## fail\n' })).toMatchObject({
        change: 'updated',
      });
      expect(own.body).toMatch(/run=500\.1 .*\n## fail/);
      Object.assign(own, { body: marked({ runId: 10 ** 15 - 1 }), updatedAt: '2026-11-21T07:00:00Z' });
      await publish({ startedAt, headSha: 'a', attempt: 2 });
      expect(own.body).toContain('run=500.2');
      expect(github.comments).toHaveLength(1);
    });

    it('is put right where only the verdict line tells, and the line is as it should be', async () => {
      const own = forged();
      expect(await publish({ startedAt, mode: 'on-change', body: '## pass\n\nall\n' })).toMatchObject({
        change: 'updated',
      });
      expect(own.body).toContain('all');
    });

    it('is put right where GitHub does not tell the head', async () => {
      const own = forged();
      await publish({ startedAt, headSha: 'a' });
      expect(own.body).toContain('run=500.1');
    });

    it('stays for a run of a head that has been replaced since: the newer one may be real', async () => {
      pull('b');
      forged();
      expect(await publish({ startedAt, headSha: 'a' })).toHaveProperty('skipped');
      expect(github.writes()).toEqual([]);
    });
  });

  it('is put right where somebody edited it and left the marker', async () => {
    await publish({ body: '## mixgate: fail\n' });
    const [comment] = github.comments;
    if (comment !== undefined) comment.body = comment.body.replace('fail', 'pass');
    expect(await publish({ body: '## mixgate: fail\n' })).toMatchObject({ change: 'updated' });
    expect(github.comments[0]?.body).toContain('mixgate: fail');
  });

  it('is one, in the newest run’s words, where two runs speak at the same moment', async () => {
    const said = [500, 501].map((runId) =>
      publishComment(client(), { ...draft, runId, body: `run ${runId}\n`, sleep: () => sleep(50) }),
    );
    const outcomes = await Promise.all(said);
    expect(github.comments).toHaveLength(1);
    expect(github.comments[0]?.body).toContain('run=501.1');
    expect(github.comments[0]?.body).toContain('run 501');
    for (const outcome of outcomes) expect(outcome).not.toHaveProperty('remedy', expect.any(String));
  });

  it('has the newest run’s words where an older one writes last', async () => {
    github.addComment(actionsBot, marked());
    const late = () => {
      github.comments.forEach((comment) => {
        comment.body = marked({ runId: 499, body: 'older\n' });
      });
      return Promise.resolve();
    };
    await publishComment(client(), { ...draft, sleep: late });
    expect(github.comments).toMatchObject([{ body: expect.stringContaining('run=500.1') }]);
  });

  it('stays deleted where somebody deletes it meanwhile', async () => {
    const gone = () => Promise.resolve(void github.comments.splice(0));
    expect(await publishComment(client(), { ...draft, sleep: gone })).toMatchObject({ change: 'created' });
    expect(github.comments).toEqual([]);
  });

  it('is found past the first page', async () => {
    for (let index = 0; index < 230; index += 1)
      github.addComment({ login: 'ann', type: 'User' }, `note ${index}`);
    const own = github.addComment(actionsBot, marked());
    expect(await publish()).toMatchObject({ change: 'updated' });
    expect(github.comments).toHaveLength(231);
    expect(own.body).toContain('run=500.1');
  });

  it('is the oldest of several, and of this pull request and this policy', async () => {
    const elsewhere = github.addComment(actionsBot, marked(), 2);
    const other = github.addComment(actionsBot, marked({ policyName: 'quick' }));
    const oldest = github.addComment(actionsBot, marked());
    const second = github.addComment(actionsBot, marked());
    await publish();
    expect(oldest.body).toContain('run=500.1');
    for (const untouched of [elsewhere, other, second]) expect(untouched.body).toContain('run=400.1');
  });

  it('is not overwritten by an older run, nor by an earlier attempt of the same run', async () => {
    const own = github.addComment(actionsBot, marked({ runId: 600 }));
    expect(await publish()).toEqual({ skipped: expect.stringContaining('run 600 is newer'), remedy: null });
    own.body = marked({ runId: 500 }).replace('run=500.1', 'run=500.2');
    expect(await publish()).toHaveProperty('skipped');
    expect(github.writes()).toEqual([]);
  });

  it('under on-change stays while its first line says the same', async () => {
    await publish();
    expect(await publish({ mode: 'on-change', body: '## mixgate: pass\n\nother numbers\n' })).toMatchObject({
      change: 'unchanged',
    });
    expect(await publish({ mode: 'on-change', body: '## mixgate: fail\n' })).toMatchObject({
      change: 'updated',
    });
  });

  it('is created anew where it was deleted between list and update', async () => {
    github.addComment(actionsBot, marked());
    github.faults.push({
      method: 'PATCH',
      path: oneCommentPath,
      times: 1,
      answer: { status: 404, body: { message: 'Not Found' } },
    });
    expect(await publish()).toMatchObject({ change: 'created' });
  });
});

describe('whose comment it is', () => {
  it('is not decided by the marker: a comment of another person is never touched', async () => {
    const foreign = github.addComment({ login: 'mallory', type: 'User' }, marked({ runId: 999_999 }));
    expect(await publish()).toMatchObject({ change: 'created' });
    expect(foreign.body).toBe(marked({ runId: 999_999 }));
  });

  it('is not ours where the marker stands anywhere but at the start', async () => {
    github.addComment(actionsBot, `quoted:\n${marked()}`);
    expect(await publish()).toMatchObject({ change: 'created' });
  });

  it('is not that of a person who goes by a bot’s name', async () => {
    github.addComment({ login: 'github-actions', type: 'User' }, marked());
    expect(await publish()).toMatchObject({ change: 'created' });
  });

  it('is not that of another bot', async () => {
    github.addComment({ login: 'renovate[bot]', type: 'Bot' }, marked());
    expect(await publish()).toMatchObject({ change: 'created' });
  });
});

describe('without a viewer', () => {
  beforeEach(async () => {
    await github.close();
    github = await startGithub({ viewerAllowed: false });
  });

  it('bots are taken for us and people never', async () => {
    const person = github.addComment({ login: 'mallory', type: 'User' }, marked());
    const own = github.addComment(actionsBot, marked());
    expect(await publish()).toMatchObject({ change: 'updated' });
    expect(own.body).toContain('run=500.1');
    expect(person.body).toContain('run=400.1');
  });
});

describe('GitHub Enterprise Server', () => {
  it('is reached below its own API address, GraphQL included', async () => {
    const octokit = client(`${github.url}/api/v3`);
    for (let index = 0; index < 120; index += 1)
      github.addComment({ login: 'ann', type: 'User' }, `note ${index}`);
    expect(await publishComment(octokit, draft)).toMatchObject({ change: 'created' });
    expect(await publishComment(octokit, draft)).toMatchObject({ change: 'unchanged' });
    expect(github.requests.filter((line) => line === 'POST /graphql')).toHaveLength(2);
  });
});

describe('a personal token', () => {
  it('finds the comment of its own user', async () => {
    await github.close();
    github = await startGithub({ me: { login: 'release-team', type: 'User' } });
    await publish();
    expect(await publish({ runId: 501, body: 'other\n' })).toMatchObject({ change: 'updated' });
  });
});
