import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { annotations, useGateJobs } from './gate-job.ts';
import { vaultPolicy } from './vault-job.ts';

const { job, models } = await useGateJobs();

describe('what stops the gate', () => {
  it('is verdict error with exit code 3, said in outputs, annotation, summary and comment', async () => {
    await job.run('strict');
    const result = await job.run('strict', { runId: 501, with: { policy: 'gate/missing.yml' } });
    expect(result).toMatchObject({ exitCode: 3, outputs: { verdict: 'error' } });
    expect(annotations(result, 'error')[0]?.properties).toEqual({
      title: 'mixgate error: policy missing',
      file: 'gate/missing.yml',
    });
    expect(result.summary).toContain('could not judge');
  });

  it('takes over the comment in which the pass of the same policy stood', async () => {
    await job.run('strict');
    job.workspace.write('gate/vault.yml', vaultPolicy({ extra: 'bugdet: {}\n' }));
    const result = await job.run('strict', { runId: 501 });
    expect(result).toMatchObject({ exitCode: 3, outputs: { verdict: 'error' } });
    expect(job.github.comments).toHaveLength(1);
    expect(job.github.comments[0]?.body).toContain('could not judge');
    expect(result.outputs['comment-url']).toContain('#issuecomment-');
  });

  it.each([
    [{ policy: '' }, 'input policy: expected a value'],
    [{ 'base-url': 'nonsense' }, 'input base-url: expected an http or https URL'],
    [{ comment: 'sometimes' }, 'input comment: expected always, on-change, never'],
    [{ policy: '../outside.yml' }, 'input policy: expected a path inside the workspace'],
  ])('is an input that is wrong: %j', async (inputs, said) => {
    const result = await job.run('strict', { with: inputs });
    expect(result).toMatchObject({ exitCode: 3, outputs: { verdict: 'error' } });
    expect(annotations(result, 'error')[0]?.message).toContain(said);
  });

  it('is a server that is not there', async () => {
    const result = await job.run('strict', { with: { 'base-url': 'http://127.0.0.1:9/v1' } });
    expect(result).toMatchObject({ exitCode: 3, outputs: { verdict: 'error' } });
    expect(job.github.comments[0]?.body).toContain('could not judge');
  });

  it('is a policy with a wrong key, told at its line and by its path in the repository', async () => {
    job.workspace.write('gate/vault.yml', vaultPolicy({ extra: 'bugdet: {}\n' }));
    const result = await job.run('strict');
    const line = vaultPolicy({ extra: 'bugdet: {}\n' })
      .split('\n')
      .findIndex((text) => text.startsWith('bugdet'));
    const [error] = annotations(result, 'error');
    expect(error?.properties).toMatchObject({ file: 'gate/vault.yml', line: String(line + 1) });
    expect(error?.message).toContain(`  gate/vault.yml:${line + 1} bugdet: expected a known key`);
    expect(job.github.comments[0]?.body).not.toContain(job.workspace.path);
  });

  it('is told in the words of the inputs, and so is a warning', async () => {
    const server = createServer((_, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Log in first</html>');
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : 0;
    job.workspace.write('gate/vault.yml', vaultPolicy({ extra: 'inference: { retries: 0 }\n' }));
    const result = await job.run('strict', { with: { 'base-url': `http://127.0.0.1:${port}/v1` } });
    server.close();
    expect(annotations(result, 'error')[0]?.message).toContain('input base-url (answers): expected');
    const said = annotations(result, 'warning')
      .map(({ message }) => message)
      .join('\n');
    expect(said).toContain('input base-url: an unknown server takes no');
    expect(said).not.toContain('--base-url');
  });

  it('is an event that cannot be read', async () => {
    const event = { name: 'pull_request', payload: { pull_request: {} } };
    expect(await job.run('strict', { event })).toMatchObject({ exitCode: 3, outputs: { verdict: 'error' } });
  });
});

describe('hostile texts', () => {
  const command = '::set-output name=verdict::pass';
  let hostile: Server;
  let hostileUrl: string;

  beforeAll(async () => {
    hostile = createServer((request, response) => {
      const text = JSON.stringify({
        error: { message: `${command}\n${command}\r##[add-mask]FAIL` },
        object: command,
      });
      response.writeHead(request.url?.includes('broken') === true ? 500 : 200, {
        'content-type': 'application/json',
      });
      response.end(text);
    });
    await new Promise<void>((done) => hostile.listen(0, '127.0.0.1', done));
    const address = hostile.address();
    hostileUrl = typeof address === 'object' ? `http://127.0.0.1:${address?.port}` : '';
  });
  afterAll(() => void hostile.close());

  it.each(['v1', 'broken/v1'])('of a server (%s) are no commands and give no pass', async (path) => {
    job.workspace.write('gate/vault.yml', vaultPolicy({ extra: 'inference: { retries: 0 }\n' }));
    const result = await job.run('strict', { with: { 'base-url': `${hostileUrl}/${path}` } });
    expect(result.exitCode).toBe(3);
    expect(result.outputs).toMatchObject({ verdict: 'error' });
  });

  it('of a policy are no commands', async () => {
    job.workspace.write(
      'gate/vault.yml',
      vaultPolicy({ extra: `"${command}\\n${command} ##[add-mask]x": 1\n` }),
    );
    const result = await job.run('strict');
    expect(result).toMatchObject({ exitCode: 3, outputs: { verdict: 'error' } });
  });

  it('of inputs are no commands', async () => {
    const result = await job.run('strict', { with: { policy: `${command}\n${command}`, model: command } });
    expect(result).toMatchObject({ exitCode: 3, outputs: { verdict: 'error' } });
  });
});

describe('a crash outside of every catch', () => {
  it('is verdict error, and its message no command', async () => {
    models.setFault(({ path }) => (path.endsWith('/chat/completions') ? { kind: 'stall' } : null));
    const message = String.raw`x\n::set-output name=verdict::pass\n##[add-mask]FAIL`;
    const crash = `setTimeout(() => { throw new Error("${message}") }, 2500)`;
    const env = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(crash)}` };
    const result = await job.run('strict', { env });
    expect(result).toMatchObject({ exitCode: 3, outputs: { verdict: 'error' } });
    expect(annotations(result, 'error')[0]?.message).toMatch(/^unexpected Error: x\n/);
    expect(job.github.comments[0]?.body).toContain('could not judge');
  });
});

describe('a cancelled job', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)('(%s) ends fast and posts no verdict', async (name) => {
    models.setFault(({ path }) => (path.endsWith('/chat/completions') ? { kind: 'stall' } : null));
    const before = models.requests.length;
    let sentAt = 0;
    const when = () => {
      if (!models.requests.slice(before).some(({ path }) => path.endsWith('/chat/completions'))) return false;
      sentAt = performance.now();
      return true;
    };
    const { exitCode, outputs } = await job.run('strict', { signal: { name, when } });
    expect(performance.now() - sentAt).toBeLessThan(4000);
    expect(exitCode).toBe(3);
    expect(outputs).toEqual({ verdict: 'error' });
    expect(job.github.writes()).toEqual([]);
  });
});
