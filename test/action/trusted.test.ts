import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { TreeFile } from '../publish/github-git.ts';
import { annotations, byFile, candidate, commits, filesOf, firstComment, useGateJobs } from './gate-job.ts';
import { pullRequestEvent } from './runner.ts';
import { vaultPolicy } from './vault-job.ts';

const { job, models } = await useGateJobs();

const policy = { strict: vaultPolicy(), loose: vaultPolicy().replaceAll('maxRate: 0.5', 'maxRate: 0.999') };

/** Lays base and head, and what the checkout of a pull request holds: the head. */
function lay(head: Record<string, TreeFile>, base: Record<string, TreeFile> = {}): void {
  const shared = filesOf(job.workspace);
  job.lay({ ...shared, 'gate/candidate.yml': candidate('strict'), ...base }, { ...shared, ...head });
  for (const [path, file] of Object.entries(head))
    if (typeof file === 'string') job.workspace.write(path, file);
}

const asked = () => models.requests.filter(({ path }) => path.endsWith('/chat/completions')).length;

describe('a pull request that loosens its own gate', () => {
  it('is judged by the base’s policy; the change, and what it would have said, stand in the comment', async () => {
    lay({ 'gate/candidate.yml': candidate('open'), 'gate/vault.yml': policy.loose });
    const result = await job.run('open', { with: byFile });
    expect(result).toMatchObject({ exitCode: 1, outputs: { verdict: 'fail', 'policy-changed': 'true' } });
    const comment = firstComment(job);
    expect(comment.split('\n')[1]).toContain('Blocked');
    expect(comment).toContain('in effect only after the merge');
    expect(comment).toMatch(/checks\.zeroShotCompliance\.maxRate` \| `0\.5` \| `0\.999` \|/);
    expect(comment).toContain(
      'Preview, not binding: on the same evidence the changed policy would have given `pass`',
    );
    expect(result.summary).toContain('in effect only after the merge');
  });

  it('passes nothing by emptying a pool, deleting the policy or linking a query list', async () => {
    const head = filesOf(job.workspace);
    delete head['gate/vault.yml'];
    job.lay(filesOf(job.workspace), {
      ...head,
      'gate/candidate.yml': candidate('open'),
      'gate/pools/vault-harmful.jsonl': '',
      'gate/queries/vault.jsonl': { link: '/etc/hostname' },
    });
    const result = await job.run('open', { with: byFile });
    expect(result).toMatchObject({ exitCode: 1, outputs: { verdict: 'fail', 'policy-changed': 'true' } });
    expect(firstComment(job)).toContain('becomes a symbolic link');
    expect(firstComment(job)).toContain('After the merge no gate could run');
  });

  it('is told when it changes the workflow that runs the gate', async () => {
    const path = '.github/workflows/gate.yml';
    lay(
      { 'gate/candidate.yml': candidate('strict'), [path]: 'on: push\n' },
      { [path]: 'on: pull_request\n' },
    );
    const result = await job.run('strict', { with: byFile });
    expect(result.outputs).toMatchObject({ verdict: 'pass', 'policy-changed': 'true' });
    expect(firstComment(job)).toContain('changes the workflow that runs this gate');
  });
});

describe('the candidate file', () => {
  it.each<[string, TreeFile, RegExp]>([
    ['with a server of its own', 'model: strict\nbaseUrl: x\n', /baseUrl/],
    ['with an address as its name', 'model: https://evil.example/v1\n', /a name, not a URL/],
    ['with a path out of the repository', 'model: ../../outside\n', /CANDIDATE_INVALID/],
    ['with a key', 'model: strict\nparent: ghp_0123456789abcdef0123456789\n', /CANDIDATE_INVALID/],
    ['that is a symbolic link', { link: '/proc/self/environ' }, /a symbolic link/],
    ['that is a submodule', { submodule: 'd'.repeat(40) }, /a submodule/],
    ['that is huge', `model: strict\n#${'x'.repeat(64_000)}`, /at most 64000 bytes/],
  ])('%s is an error before any server is asked', async (_, file, words) => {
    lay({ 'gate/candidate.yml': file });
    const before = models.requests.length;
    const result = await job.run('strict', { with: byFile });
    expect(result).toMatchObject({ exitCode: 3, outputs: { verdict: 'error' } });
    expect(annotations(result, 'error')[0]?.message).toMatch(words);
    expect(models.requests.length).toBe(before);
  });

  it('is the head’s, whatever lies in the checkout', async () => {
    lay({ 'gate/candidate.yml': candidate('open') });
    job.workspace.write('gate/candidate.yml', candidate('strict'));
    expect(await job.run('open', { with: byFile })).toMatchObject({
      exitCode: 1,
      outputs: { verdict: 'fail' },
    });
  });
});

describe('where nothing gated changed', () => {
  it('ends green without a call to the server, and without a comment', async () => {
    lay({ 'gate/candidate.yml': candidate('strict'), 'README.md': '# Other\n' });
    const before = models.requests.length;
    const result = await job.run('strict', { with: byFile });
    expect(result).toMatchObject({
      exitCode: 0,
      outputs: { verdict: 'notApplicable', 'policy-changed': 'false' },
    });
    expect(models.requests.length).toBe(before);
    expect(job.github.comments).toEqual([]);
    expect(result.summary).toContain('Not applicable');
  });

  it('takes over the comment of a verdict that no longer stands', async () => {
    lay({ 'gate/candidate.yml': candidate('open') });
    await job.run('open', { with: byFile });
    job.github.git.commit(commits.head, {
      ...filesOf(job.workspace),
      'gate/candidate.yml': candidate('strict'),
    });
    await job.run('strict', { runId: 501, with: byFile });
    expect(job.github.comments).toHaveLength(1);
    expect(firstComment(job)).toContain('Not applicable');
  });

  it('is judged all the same where only a file of the gate changed', async () => {
    lay({ 'gate/candidate.yml': candidate('strict'), 'gate/vault.yml': policy.loose });
    const before = asked();
    expect(await job.run('strict', { with: byFile })).toMatchObject({ outputs: { verdict: 'pass' } });
    expect(asked()).toBeGreaterThan(before);
  });

  it('holds for pull_request_target too, which needs no checkout', async () => {
    lay({ 'gate/candidate.yml': candidate('strict') });
    rmSync(join(job.workspace.path, 'gate'), { recursive: true });
    const event = { ...pullRequestEvent(), name: 'pull_request_target' };
    expect(await job.run('strict', { event, with: byFile })).toMatchObject({
      outputs: { verdict: 'notApplicable' },
    });
  });

  it('holds for a merge group too', async () => {
    lay({ 'gate/candidate.yml': candidate('strict') });
    const group = { head_sha: commits.head, base_sha: commits.base };
    const event = { name: 'merge_group', payload: { merge_group: group } };
    expect(await job.run('strict', { event, with: byFile })).toMatchObject({
      exitCode: 0,
      outputs: { verdict: 'notApplicable' },
    });
  });
});

describe('nothing is read from the head instead', () => {
  it('where the policy is only there', async () => {
    const base = filesOf(job.workspace);
    delete base['gate/vault.yml'];
    job.lay(base, filesOf(job.workspace));
    const result = await job.run('strict');
    expect(result).toMatchObject({ exitCode: 3, outputs: { verdict: 'error' } });
    expect(annotations(result, 'error')[0]?.message).toContain('merge the file first');
  });

  it('where the token may not read', async () => {
    const result = await job.run('strict', { with: { 'github-token': '' } });
    expect(result).toMatchObject({ exitCode: 3, outputs: { verdict: 'error' } });
    expect(annotations(result, 'error')[0]?.message).toContain('input github-token');
  });

  it('where GitHub does not answer', async () => {
    job.github.faults.push({ method: 'GET', path: /git\/trees/, answer: { status: 404, body: {} } });
    expect(await job.run('strict')).toMatchObject({ exitCode: 3, outputs: { verdict: 'error' } });
  });
});

describe('the events that name a pull request by its number', () => {
  const payload = { workflow_run: { head_sha: commits.head } };
  beforeEach(() => {
    const pull = {
      number: 7,
      headSha: commits.head,
      baseSha: commits.base,
      headRepository: 'mallory/models',
    };
    job.github.threads.pulls.push(pull);
    lay({ 'gate/candidate.yml': candidate('open'), 'gate/vault.yml': policy.loose });
  });

  it.each([
    ['workflow_run', payload],
    ['workflow_dispatch', {}],
  ])('judge its head by its base, and comment on it (%s)', async (name, sent) => {
    const result = await job.run('open', {
      event: { name, payload: sent },
      with: { ...byFile, 'pull-request': '7' },
    });
    expect(result).toMatchObject({ exitCode: 1, outputs: { verdict: 'fail' } });
    expect(job.github.comments).toMatchObject([{ issue: 7 }]);
  });

  it('refuse a number whose head is not that of the run which ended', async () => {
    const event = { name: 'workflow_run', payload: { workflow_run: { head_sha: 'd'.repeat(40) } } };
    const result = await job.run('open', { event, with: { ...byFile, 'pull-request': '7' } });
    expect(result).toMatchObject({ exitCode: 3, outputs: { verdict: 'error' } });
    expect(annotations(result, 'error')[0]?.message).toContain('PULL_REQUEST_MOVED');
  });
});

describe('a pull request without a checkout', () => {
  it('is judged as any other', async () => {
    lay({ 'gate/candidate.yml': candidate('open') });
    rmSync(join(job.workspace.path, 'gate'), { recursive: true });
    const event = { ...pullRequestEvent(), name: 'pull_request_target' };
    expect(await job.run('open', { event, with: byFile })).toMatchObject({
      exitCode: 1,
      outputs: { verdict: 'fail' },
    });
    expect(job.github.comments).toHaveLength(1);
  });
});

describe('input trusted-ref', () => {
  it('names the branch that decides, on any event', async () => {
    const files = filesOf(job.workspace);
    job.github.git.commit('e'.repeat(40), files);
    job.github.git.refs.set('refs/heads/gate', 'e'.repeat(40));
    job.workspace.write('gate/vault.yml', policy.loose);
    const event = { name: 'push', payload: { after: 'c'.repeat(40) } };
    const result = await job.run('open', { event, with: { 'trusted-ref': 'gate' } });
    expect(result).toMatchObject({ exitCode: 1, outputs: { verdict: 'fail' } });
  });
});
