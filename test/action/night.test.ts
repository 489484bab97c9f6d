import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { noPermission } from '../publish/github-server.ts';
import { annotations, commits, useGateJobs } from './gate-job.ts';
import type { Step, StepResult } from './runner.ts';

const { job, models } = await useGateJobs();

const payload = { schedule: '7 3 * * *', repository: { full_name: 'acme/models', default_branch: 'main' } };
const schedule = { event: { name: 'schedule', payload }, env: { GITHUB_REF: 'refs/heads/main' } };

const said = (result: StepResult, name: string) =>
  annotations(result, name)
    .map(({ message }) => message)
    .join('\n');

describe('a scheduled run', () => {
  it('opens one issue on a regression, updates it with the receipt before, and closes it on recovery', async () => {
    const night = (model: string, runId: number) =>
      job.run(model, { ...schedule, runId, with: { 'receipts-branch': 'receipts' } });
    expect(await night('strict', 500)).toMatchObject({ exitCode: 0 });
    expect(job.github.threads.issues).toEqual([]);
    expect(await night('open', 501)).toMatchObject({ exitCode: 1 });
    const [issue] = job.github.threads.issues;
    expect(issue).toMatchObject({ state: 'open', title: expect.stringContaining('policy vault fails') });
    expect(issue?.body).toContain('Receipt before this one: `pass`');
    expect(issue?.body).toContain('Compact receipt');
    await night('open', 502);
    expect(job.github.threads.issues).toHaveLength(1);
    expect(issue?.body).toContain('Receipt before this one: `fail`');
    await night('strict', 503);
    expect(job.github.threads.issues).toMatchObject([{ state: 'closed' }]);
    const latest = job.github.git.read('receipts', 'vault/latest.json') ?? '';
    expect(JSON.parse(latest)).toMatchObject({ verdict: 'pass' });
  }, 120_000);

  it('keeps its verdict where it may write neither issue nor branch, and names both permissions', async () => {
    job.github.faults.push({ method: 'POST', path: /\/(issues|git\/trees)$/, answer: noPermission });
    const result = await job.run('open', { ...schedule, with: { 'receipts-branch': 'receipts' } });
    expect(result).toMatchObject({ exitCode: 1, outputs: { verdict: 'fail' } });
    expect(said(result, 'warning')).toContain('issues: write');
    expect(said(result, 'warning')).toContain('contents: write');
  });
});

describe('the branch of receipts', () => {
  it.each<[string, Partial<Step>, string]>([
    ['a pull request', {}, 'is not of the default branch'],
    [
      'another branch',
      { ...schedule, env: { GITHUB_REF: 'refs/heads/side' } },
      'not on the default branch main',
    ],
  ])('takes nothing from %s', async (_, step, why) => {
    const result = await job.run('strict', { ...step, with: { 'receipts-branch': 'receipts' } });
    expect(result.exitCode).toBe(0);
    expect(result.log.join('\n')).toContain(why);
    expect(job.github.git.refs.size).toBe(0);
  });
});

describe('the check run', () => {
  const wanted = { 'check-run': 'true' };

  it.each([
    ['strict', 'success'],
    ['open', 'failure'],
  ])('is opened in progress at the head and completed (%s: %s)', async (model, conclusion) => {
    await job.run(model, { with: wanted });
    expect(job.github.threads.checks).toMatchObject([
      { name: 'mixgate (vault)', headSha: commits.head, status: 'completed', conclusion },
    ]);
    expect(job.github.threads.checks[0]?.history[0]).toBe('in_progress');
    const remarks = job.github.threads.checks[0]?.output.annotations ?? [];
    if (conclusion === 'failure') {
      expect(remarks[0]).toMatchObject({ path: 'gate/vault.yml', annotation_level: 'failure' });
    } else expect(remarks).toEqual([]);
  });

  it('is completed where the gate could not run, and where even an input was wrong', async () => {
    await job.run('strict', { with: { ...wanted, policy: 'gate/missing.yml' } });
    await job.run('strict', { runId: 501, with: { ...wanted, 'base-url': 'nonsense' } });
    expect(job.github.threads.checks).toMatchObject([
      { name: 'mixgate (missing)', status: 'completed', conclusion: 'failure' },
      { name: 'mixgate (vault)', status: 'completed', conclusion: 'failure' },
    ]);
  });

  it('is completed as cancelled where the job is', async () => {
    models.setFault(({ path }) => (path.endsWith('/chat/completions') ? { kind: 'stall' } : null));
    const before = models.requests.length;
    const when = () => models.requests.slice(before).some(({ path }) => path.endsWith('/chat/completions'));
    await job.run('strict', { with: wanted, signal: { name: 'SIGINT', when } });
    expect(job.github.threads.checks).toMatchObject([{ status: 'completed', conclusion: 'cancelled' }]);
  });

  it('is one, where the answer to its opening was lost', async () => {
    job.github.faults.push({
      method: 'POST',
      path: /check-runs$/,
      times: 1,
      afterwards: true,
      answer: { status: 502, body: {} },
    });
    await job.run('strict', { with: wanted });
    expect(job.github.threads.checks).toMatchObject([{ status: 'completed', conclusion: 'success' }]);
  });

  it('changes no verdict where the job may not write it', async () => {
    job.github.faults.push({ method: 'POST', path: /check-runs$/, answer: noPermission });
    const state = join(job.workspace.temp, 'state-check');
    const result = await job.run('strict', { with: { ...wanted, 'state-dir': state } });
    expect(result).toMatchObject({ exitCode: 0, outputs: { verdict: 'pass' } });
    expect(said(result, 'warning')).toContain('checks: write');
  });
});
