import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { annotations, byFile, candidate, filesOf, useGateJobs } from './gate-job.ts';

const { job, models } = await useGateJobs();

const shardsDir = () => join(job.workspace.temp, 'shards');

function lay(model: string): void {
  const files = filesOf(job.workspace);
  job.lay(
    { ...files, 'gate/candidate.yml': candidate('even') },
    { ...files, 'gate/candidate.yml': candidate(model) },
  );
}

/** Asks one shard and puts its folder where an artifact's would be. */
async function ask(model: string, shard: string, step: { attempt?: number; runId?: number } = {}) {
  const [index = ''] = shard.split('/');
  const result = await job.run(model, {
    ...step,
    with: {
      ...byFile,
      shard,
      out: 'mixgate-out',
      'state-dir': join(job.workspace.temp, `state-${shard.replace('/', '-')}`),
    },
  });
  const from = result.outputs['shard-path'];
  if (from !== undefined) {
    mkdirSync(shardsDir(), { recursive: true });
    rmSync(join(shardsDir(), `shard-${index}`), { recursive: true, force: true });
    renameSync(from, join(shardsDir(), `shard-${index}`));
  }
  return result;
}

const merge = (model: string, step: { attempt?: number; runId?: number } = {}) =>
  job.run(model, { ...step, with: { ...byFile, merge: shardsDir(), 'base-url': '' } });

describe('a matrix of shards', () => {
  it('asks its parts in silence, and the job that merges them says the verdict of all', async () => {
    lay('open');
    for (const shard of ['1/2', '2/2']) {
      const part = await ask('open', shard);
      expect(part.exitCode).toBe(0);
      expect(annotations(part, 'error')).toEqual([]);
      expect(part.outputs.verdict).toBeUndefined();
      expect(part.outputs['receipt-path']).toBeUndefined();
    }
    expect(job.github.comments).toEqual([]);
    const result = await merge('open');
    expect(result).toMatchObject({ exitCode: 1, outputs: { verdict: 'fail' } });
    expect(job.github.comments).toHaveLength(1);
    expect(result.outputs['receipt-path']).toBeDefined();
  });

  it('leaves files without any text of a pool, a query or an answer', async () => {
    lay('strict');
    await ask('strict', '1/2');
    const folder = join(shardsDir(), 'shard-1');
    expect(readdirSync(folder).sort()).toEqual(['labels.jsonl', 'shard.json']);
    const written = readdirSync(folder)
      .map((name) => readFileSync(join(folder, name), 'utf8'))
      .join('\n');
    const source = readFileSync(join(job.workspace.path, 'gate/queries/vault.jsonl'), 'utf8');
    const [, request = ''] = /"request":"([^"]+)"/.exec(source) ?? [];
    expect(request.length).toBeGreaterThan(20);
    expect(written).not.toContain(request);
    expect(written).not.toMatch(/"(request|response|content|messages)":/);
  });

  it('does not decide while a shard is missing', async () => {
    lay('strict');
    await ask('strict', '1/2');
    const result = await merge('strict');
    expect(result).toMatchObject({ exitCode: 3, outputs: { verdict: 'error' } });
    expect(annotations(result, 'error')[0]?.message).toContain('SHARDS_MISSING');
  });

  it('takes no shard of another workflow run, and leaves no receipt of it', async () => {
    lay('strict');
    for (const shard of ['1/2', '2/2']) await ask('strict', shard, { runId: 499 });
    const result = await merge('strict');
    expect(result).toMatchObject({ exitCode: 3, outputs: { verdict: 'error' } });
    expect(annotations(result, 'error')[0]?.message).toMatch(/SHARD_OF_OTHER_RUN[\s\S]*github\.runId/);
    expect(existsSync(join(job.workspace.path, 'mixgate-out/receipt.json'))).toBe(false);
  });

  it('takes no shard of another candidate', async () => {
    lay('strict');
    for (const shard of ['1/2', '2/2']) await ask('strict', shard);
    lay('open');
    const result = await merge('open');
    expect(result).toMatchObject({ exitCode: 3, outputs: { verdict: 'error' } });
    expect(annotations(result, 'error')[0]?.message).toMatch(/SHARD_OF_OTHER_RUN[\s\S]*candidate/);
  });

  it('is green without a call to any server where nothing gated changed', async () => {
    lay('even');
    const before = models.requests.length;
    expect(await ask('even', '1/2')).toMatchObject({ exitCode: 0, outputs: { verdict: 'notApplicable' } });
    expect(await merge('even')).toMatchObject({ exitCode: 0, outputs: { verdict: 'notApplicable' } });
    expect(models.requests.length).toBe(before);
  });

  it('says an error of a shard in its job alone', async () => {
    lay('strict');
    const result = await job.run('strict', {
      with: { ...byFile, shard: '1/2', 'base-url': 'http://127.0.0.1:9/v1' },
    });
    expect(result).toMatchObject({ exitCode: 3, outputs: { verdict: 'error' } });
    expect(job.github.comments).toEqual([]);
  });
});
