import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { receiptSchema } from '../../src/receipt/receipt.ts';
import { verifyComment } from '../../src/report/verify-comment.ts';
import { annotations, filesOf, firstComment, useGateJobs } from './gate-job.ts';
import type { StepResult } from './runner.ts';

const { job } = await useGateJobs();

const day = (offset: number) => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);
const inputs = { waiver: 'gate/waiver.yml' };

function waiver(digest: string, change: Record<string, string> = {}): string {
  const keys = {
    version: '1',
    policy: 'vault',
    signedOffBy: 'Ada Example <ada@example.com>',
    date: day(-1),
    reason: 'the judge mislabels this family, see the review',
    evidenceDigest: digest,
    until: day(7),
    ...change,
  };
  return Object.entries(keys)
    .map(([key, value]) => `${key}: ${JSON.stringify(value)}\n`.replace('"1"', '1'))
    .join('');
}

const receiptOf = (result: StepResult) =>
  receiptSchema.parse(JSON.parse(readFileSync(result.outputs['receipt-path'] ?? '', 'utf8')));

/** A failed run, and the base with a waiver for it; the run after that goes on from the saved answers. */
async function failThenWaive(text: (digest: string) => string): Promise<StepResult> {
  const first = await job.run('open');
  const files = filesOf(job.workspace);
  const { evidenceDigest } = receiptOf(first);
  job.lay({ ...files, 'gate/waiver.yml': text(evidenceDigest) }, files);
  return await job.run('open', { attempt: 2, with: inputs });
}

describe('a waiver on the trusted commit', () => {
  it('lets the job end green; the verdict stays, and the comment names who answers for it', async () => {
    const result = await failThenWaive((digest) => waiver(digest));
    expect(result).toMatchObject({ exitCode: 0, outputs: { verdict: 'fail' } });
    const comment = firstComment(job);
    expect(comment.split('\n')[1]).toContain('Blocked');
    expect(comment).toContain(`on ${day(-1)}, until ${day(7)}`);
    expect(comment).toMatch(/\*\*Waived\*\* by Ada Example/);
    expect(annotations(result, 'error')).toEqual([]);
    const warnings = annotations(result, 'warning').map(({ message }) => message);
    expect(warnings.join('\n')).toContain('waived, not passed');
    const checked = verifyComment(receiptOf(result), { name: 'comment.md', text: comment });
    expect(checked).toEqual({ problems: [], unchecked: [expect.stringContaining('waiver')] });
  });

  it('holds for the same release measured again, where it brings the receipt it waives', async () => {
    const first = await job.run('open');
    const text = readFileSync(first.outputs['receipt-path'] ?? '', 'utf8');
    const files = filesOf(job.workspace);
    const signed = waiver(receiptOf(first).evidenceDigest, { receipt: 'waived/receipt.json' });
    job.lay({ ...files, 'gate/waiver.yml': signed, 'gate/waived/receipt.json': text }, files);
    const again = { with: { ...inputs, 'state-dir': join(job.workspace.temp, 'fresh') }, runId: 501 };
    expect(await job.run('open', again)).toMatchObject({ exitCode: 0, outputs: { verdict: 'fail' } });
    const other = { with: { ...inputs, 'state-dir': join(job.workspace.temp, 'even') }, runId: 502 };
    expect(await job.run('even', other)).toMatchObject({ exitCode: expect.toBeOneOf([1, 2]) });
  });
});

describe('a waiver without effect, which the comment says', () => {
  it.each<[string, Record<string, string>, string]>([
    ['expired', { date: day(-9), until: day(-1) }, `it ended on ${day(-1)}`],
    ['dated in the future', { date: day(2) }, `it is dated ${day(2)}`],
    ['for other evidence', { evidenceDigest: 'f'.repeat(64) }, 'it is for evidence ffffffffffff'],
    ['for another policy', { policy: 'standard' }, 'it is for policy standard'],
    ['for longer than anybody may sign', { until: day(200) }, 'more than 92 days'],
    ['with a key it may not have', { verdict: 'pass' }, 'WAIVER_INVALID'],
  ])('%s', async (_, change, said) => {
    const result = await failThenWaive((digest) => waiver(digest, change));
    expect(result).toMatchObject({ exitCode: 1, outputs: { verdict: 'fail' } });
    expect(job.github.comments[0]?.body).toContain('The waiver has no effect');
    expect(job.github.comments[0]?.body.replace(/&#\d+;(&#8203;)?/g, '_')).toContain(
      said.replaceAll('_', '_'),
    );
  });

  it('of the head alone, which takes effect only after the merge', async () => {
    const first = await job.run('open');
    const files = filesOf(job.workspace);
    job.workspace.write('gate/waiver.yml', waiver(receiptOf(first).evidenceDigest));
    job.lay(files, filesOf(job.workspace));
    const result = await job.run('open', { attempt: 2, with: inputs });
    expect(result).toMatchObject({ exitCode: 1, outputs: { verdict: 'fail', 'policy-changed': 'true' } });
    expect(job.github.comments[0]?.body).toContain('`gate/waiver.yml` (waiver): added');
  });
});
