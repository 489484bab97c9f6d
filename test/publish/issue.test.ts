import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type IssueDraft, publishIssue } from '../../src/publish/issue.ts';
import { actionsBot, type GithubServer, noPermission, startGithub } from './github-server.ts';
import { buildClient } from './publishing.ts';

let github: GithubServer;

beforeEach(async () => {
  github = await startGithub();
});
afterEach(async () => {
  expect(github.problems).toEqual([]);
  await github.close();
});

const draft: IssueDraft = {
  repository: 'acme/models',
  policyName: 'standard',
  runId: 500,
  attempt: 1,
  startedAt: new Date(0),
  state: 'regression',
  body: '## Blocked\n',
};
const publish = (change: Partial<IssueDraft> = {}) =>
  publishIssue(buildClient({ apiUrl: github.url, sleeps: [] }), { ...draft, ...change });
const marker = (runId = 400, policy = 'standard') =>
  `<!-- mixgate-issue policy=${policy} run=${runId}.1 -->\nold\n`;

describe('the issue of a policy', () => {
  it('is opened once, updated by the next night, closed on recovery, and opened anew after that', async () => {
    expect(await publish()).toMatchObject({ change: 'opened' });
    expect(await publish({ runId: 501 })).toMatchObject({ change: 'updated' });
    expect(await publish({ runId: 502, state: 'recovery' })).toMatchObject({ change: 'closed' });
    expect(await publish({ runId: 503 })).toMatchObject({ change: 'opened' });
    expect(github.threads.issues.map(({ state }) => state)).toEqual(['closed', 'open']);
  });

  it('is not opened by a recovery', async () => {
    expect(await publish({ state: 'recovery' })).toEqual({ skipped: 'no issue is open', remedy: null });
    expect(github.writes()).toEqual([]);
  });

  it.each([
    ['of a person who pasted our marker', { login: 'mallory', type: 'User' } as const, marker(999)],
    ['of another bot', { login: 'other[bot]', type: 'Bot' } as const, marker()],
    ['that quotes our marker further down', actionsBot, `quoted:\n${marker()}`],
    ['of another policy', actionsBot, marker(400, 'quick')],
  ])('is never one %s', async (_words, author, body) => {
    const foreign = github.threads.addIssue(author, body);
    expect(await publish()).toMatchObject({ change: 'opened' });
    expect(await publish({ runId: 501, state: 'recovery' })).toMatchObject({ change: 'closed' });
    expect(foreign).toMatchObject({ state: 'open', body });
  });

  it('is not overwritten, nor closed, by an older run', async () => {
    const own = github.threads.addIssue(actionsBot, marker(600));
    for (const state of ['regression', 'recovery'] as const) {
      expect(await publish({ state })).toEqual({
        skipped: expect.stringContaining('run 600 is newer'),
        remedy: null,
      });
    }
    expect(own.state).toBe('open');
  });

  it('is written over where an edit before this night began names a run that will never be', async () => {
    const own = github.threads.addIssue(actionsBot, marker(999_999_999_999_999));
    own.updatedAt = '2026-11-21T07:00:00Z';
    const startedAt = new Date('2026-11-21T08:00:00Z');
    expect(await publish({ startedAt, attempt: 2 })).toHaveProperty('skipped');
    expect(await publish({ startedAt })).toMatchObject({ change: 'updated' });
    expect(own.body).toContain('run=500.1');
  });

  it('is one, where the answer to its opening was lost', async () => {
    const answer = { status: 502, body: {} };
    github.faults.push({ method: 'POST', path: /\/issues$/, times: 1, afterwards: true, answer });
    expect(await publish()).toMatchObject({ change: 'updated' });
    expect(github.threads.issues).toHaveLength(1);
  });

  it('is skipped, naming the line to add, where the job may not write it', async () => {
    github.faults.push({ method: 'POST', path: /\/issues$/, answer: noPermission });
    expect(await publish()).toMatchObject({ remedy: expect.stringContaining('issues: write') });
  });
});
