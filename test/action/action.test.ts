import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { receiptSchema } from '../../src/receipt/receipt.ts';
import { noPermission } from '../publish/github-server.ts';
import { annotations, commits, firstComment, useGateJobs } from './gate-job.ts';
import { bundleEntry, hasBundle, sourceEntry } from './runner.ts';
import { vaultPolicy } from './vault-job.ts';

const { job } = await useGateJobs();

describe.each([
  ['source', sourceEntry, true],
  ['bundle', bundleEntry, hasBundle],
])('the Action (%s)', (_, entry, exists) => {
  it.runIf(exists)('comments once, updates on the second run, and sets every output', async () => {
    const first = await job.run('strict', { entry });
    expect(first.exitCode).toBe(0);
    expect(first.log.join('\n')).toContain('verdict pass: policy vault, receipt /');
    expect(annotations(first, 'error')).toEqual([]);
    expect(Object.keys(first.outputs).sort()).toEqual([
      'comment-url',
      'policy-changed',
      'receipt-digest',
      'receipt-path',
      'report-path',
      'verdict',
    ]);
    expect(first.outputs.verdict).toBe('pass');
    const receipt = receiptSchema.parse(
      JSON.parse(readFileSync(first.outputs['receipt-path'] ?? '', 'utf8')),
    );
    expect(receipt.digest).toBe(first.outputs['receipt-digest']);
    expect(receipt.run.github).toMatchObject({
      repository: 'acme/models',
      event: 'pull_request',
      headSha: 'a'.repeat(40),
      baseSha: 'b'.repeat(40),
      workflowRef: 'acme/models/.github/workflows/gate.yml@refs/pull/1/merge',
      actionRef: 'v1',
      runId: '500',
      trustedSha: commits.base,
    });
    expect(first.outputs['policy-changed']).toBe('false');
    expect(job.github.comments).toHaveLength(1);
    expect(first.summary).not.toBe('');

    const second = await job.run('open', { entry, runId: 501 });
    expect(second).toMatchObject({ exitCode: 1, outputs: { verdict: 'fail' } });
    expect(job.github.comments).toHaveLength(1);
    expect(second.outputs['comment-url']).toBe(first.outputs['comment-url']);
    const [marker, headline] = job.github.comments[0]?.body.split('\n') ?? [];
    expect(marker).toContain('policy=vault run=501.1');
    expect(headline).toContain('Blocked');
  });
});

describe('a verdict that blocks', () => {
  it('is an error annotation a failed check, at its line of the policy, that says what to do', async () => {
    const result = await job.run('open');
    const lineOf = (key: string) =>
      String(vaultPolicy().slice(0, vaultPolicy().indexOf(key)).split('\n').length);
    const at = (key: string) => ({
      name: 'error',
      properties: { title: 'mixgate fail: policy vault', file: 'gate/vault.yml', line: lineOf(key) },
      message: expect.stringMatching(
        new RegExp(`^${key}\\.maxRate at .+: 0\\.9\\d\\d, [\\d.]+ % interval .+, limit 0\\.500\\. \\w`),
      ),
    });
    expect(annotations(result, 'error')).toEqual([at('zeroShotCompliance'), at('mixedCompliance')]);
    expect(job.github.comments[0]?.body).toContain(
      '](https://github.com/acme/models/actions/runs/500#artifacts)',
    );
  });

  it('is exit code 2 where the evidence decides nothing', async () => {
    const result = await job.run('even');
    expect(result).toMatchObject({ exitCode: 2, outputs: { verdict: 'inconclusive' } });
    expect(annotations(result, 'error').length).toBeGreaterThan(0);
  });

  it('is green where the policy says warn, and still inconclusive', async () => {
    job.workspace.write('gate/vault.yml', vaultPolicy({ onInconclusive: 'warn' }));
    const result = await job.run('even');
    expect(result).toMatchObject({ exitCode: 0, outputs: { verdict: 'inconclusive' } });
    expect(annotations(result, 'error')).toEqual([]);
    expect(
      annotations(result, 'warning')
        .map((one) => one.message)
        .join(),
    ).toContain('not verified');
  });
});

describe('publishing never changes the verdict', () => {
  it('where the token may not write', async () => {
    job.github.faults.push({ method: 'POST', path: /comments$/, answer: noPermission });
    const result = await job.run('strict');
    expect(result).toMatchObject({ exitCode: 0, outputs: { verdict: 'pass' } });
    expect(result.outputs).not.toHaveProperty('comment-url');
    expect(
      annotations(result, 'warning')
        .map((one) => one.message)
        .join(),
    ).toContain('pull-requests: write');
  });

  it('where GitHub breaks', async () => {
    job.github.faults.push({ method: 'POST', path: /./, answer: { status: 500, body: {} } });
    expect(await job.run('open')).toMatchObject({ exitCode: 1, outputs: { verdict: 'fail' } });
    expect(job.github.comments).toEqual([]);
  });

  it('where there is no pull request', async () => {
    const event = { name: 'push', payload: { after: 'c'.repeat(40) } };
    const result = await job.run('strict', { event });
    expect(result).toMatchObject({ exitCode: 0, outputs: { verdict: 'pass' } });
    expect(result.log.join('\n')).toContain('no pull-request comment: the event push has no pull request');
    expect(job.github.requests).toEqual([]);
  });

  it('where the comment is switched off', async () => {
    const result = await job.run('strict', { with: { comment: 'never' } });
    expect(result.exitCode).toBe(0);
    expect(job.github.requests.filter((line) => !/^GET .+\/git\/(trees|blobs)\//.test(line))).toEqual([]);
  });

  it('where the runner gives no files for outputs and summary', async () => {
    const env = { GITHUB_OUTPUT: '', GITHUB_STEP_SUMMARY: '' };
    expect(await job.run('strict', { env })).toMatchObject({ exitCode: 0, outputs: {} });
  });
});

describe('the files that the Action names', () => {
  it('stand in the folder of input out, and hold no request, demonstration or answer', async () => {
    const result = await job.run('open', { with: { out: 'results' } });
    const folder = join(job.workspace.path, 'results');
    expect(result.outputs['receipt-path']).toBe(join(folder, 'receipt.json'));
    const texts = [result.summary, firstComment(job), result.log.join('\n')];
    for (const name of ['receipt.json', 'ledger.jsonl', 'comment.md', 'summary.md', 'report.html']) {
      texts.push(readFileSync(join(folder, name), 'utf8'));
    }
    expect(texts.join('\n')).not.toMatch(/(Tell me|What is|I need) the \w+ code|code for \w+ \w+ is/);
  });
});
