import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { TreeFile } from '../publish/github-git.ts';
import { marked } from '../publish/publishing.ts';
import { annotations, byFile, candidate, commits, filesOf, firstComment, useGateJobs } from './gate-job.ts';
import { type Say, startHostileModel, wellBehaved } from './hostile-model.ts';
import { pullRequestEvent, type StepResult } from './runner.ts';
import { vaultPolicy } from './vault-job.ts';

/** Ways round the gate's own parts: its log, its files on the runner, its client of GitHub, its reading of events. */

const { job } = await useGateJobs();

const error = { exitCode: 3, outputs: { verdict: 'error' } };
const loose = vaultPolicy().replaceAll('maxRate: 0.5', 'maxRate: 0.999');
const inWorkspace = (...path: string[]) => join(job.workspace.path, ...path);
const firstError = (result: StepResult) => annotations(result, 'error')[0]?.message ?? '';

/** Base and head of a pull request that releases `model` and changes what it likes besides; the checkout is the head's. */
function attack(
  model: string,
  head: Record<string, TreeFile> = {},
  base: Record<string, TreeFile> = {},
): void {
  const shared = { ...filesOf(job.workspace), 'gate/candidate.yml': candidate('strict'), ...base };
  job.lay(shared, { ...shared, 'gate/candidate.yml': candidate(model), ...head });
  for (const [path, file] of Object.entries(head))
    if (typeof file === 'string') job.workspace.write(path, file);
}

describe('a policy of the head, read for its name after an early error', () => {
  const early = { 'gate/candidate.yml': { link: '/etc/hostname' } };

  it('says no workflow command through the parser’s own warnings', async () => {
    const command = '::set-output name=verdict::pass: !evil ##[add-mask]fail\n';
    attack('open', { ...early, 'gate/vault.yml': `name: other\n${command}` });
    // What is no command of ours fails in `run` itself.
    const result = await job.run('open', { with: byFile });
    expect(result).toMatchObject(error);
    expect(firstError(result)).toContain('GIT_NOT_A_FILE');
    expect(result.log.join('\n')).not.toContain('evil');
  });

  it('takes no time that grows with the square of its keys', { timeout: 30_000 }, async () => {
    // The library's own search for repeated keys takes more than a minute here.
    const keys = Array.from({ length: 30_000 }, (_, index) => `k${index}: 1`).join('\n');
    attack('open', { ...early, 'gate/vault.yml': keys });
    expect(await job.run('open', { with: byFile })).toMatchObject(error);
  });
});

describe('a job whose environment turns the checks of TLS off', () => {
  it('is told so by an annotation, though Node’s own warnings are not printed', async () => {
    job.workspace.write('gate/vault.yml', vaultPolicy({ extra: 'inference: { retries: 0 }\n' }));
    const env = { NODE_TLS_REJECT_UNAUTHORIZED: '0' };
    const result = await job.run('strict', { env, with: { 'base-url': 'https://127.0.0.1:1/v1' } });
    expect(result).toMatchObject(error);
    expect(
      annotations(result, 'warning')
        .map(({ message }) => message)
        .join(),
    ).toContain('NODE_TLS_REJECT_UNAUTHORIZED');
  });
});

describe('a head that has committed what the run writes', () => {
  it.each([
    ['out', 'mixgate-out'],
    ['state-dir', 'state'],
  ])(
    'as a link out of the checkout, in the place of input %s: nothing is written there',
    async (name, path) => {
      attack('open');
      const elsewhere = join(job.workspace.temp, 'elsewhere');
      mkdirSync(elsewhere);
      writeFileSync(join(elsewhere, 'receipt.json'), 'of somebody else');
      symlinkSync(elsewhere, inWorkspace(path));
      const result = await job.run('open', { with: { ...byFile, [name]: path } });
      expect(result).toMatchObject(error);
      expect(firstError(result)).toContain('INPUT_OUTSIDE');
      expect(readdirSync(elsewhere)).toEqual(['receipt.json']);
      expect(readFileSync(join(elsewhere, 'receipt.json'), 'utf8')).toBe('of somebody else');
    },
  );

  it.each([
    ['ends in an error', 'open', { policy: '../vault.yml' }, error],
    ['has nothing to judge', 'strict', {}, { exitCode: 0, outputs: { verdict: 'notApplicable' } }],
  ])('as a receipt of its own: none is left to upload where the run %s', async (_, model, inputs, ending) => {
    attack(model);
    job.workspace.write('mixgate-out/receipt.json', '{"evidence":{"verdict":"pass"}}');
    expect(await job.run('', { with: { ...byFile, ...inputs } })).toMatchObject(ending);
    expect(existsSync(inWorkspace('mixgate-out/receipt.json'))).toBe(false);
  });

  it('keeps an accepted baseline that input out names by mistake', async () => {
    attack('open');
    for (const name of ['receipt.json', 'accepted.json']) job.workspace.write(`mixgate-out/${name}`, '{}');
    const result = await job.run('open', { with: byFile });
    expect(result).toMatchObject(error);
    expect(firstError(result)).toContain('OUT_IS_BASELINE');
    expect(existsSync(inWorkspace('mixgate-out/receipt.json'))).toBe(true);
  });
});

describe('a failed release under a policy that lets what is inconclusive through', () => {
  it('does not go through by using its attempts up', async () => {
    const policy = vaultPolicy({ onInconclusive: 'warn' }).replace('maxAttempts: 9', 'maxAttempts: 1');
    job.workspace.write('gate/vault.yml', policy);
    expect(await job.run('open')).toMatchObject({ exitCode: 1, outputs: { verdict: 'fail' } });
    const again = await job.run('open', { attempt: 2 });
    expect(again).toMatchObject({ exitCode: 2, outputs: { verdict: 'inconclusive' } });
    expect(annotations(again, 'error').length).toBeGreaterThan(0);
  });
});

describe('a list of GitHub’s whose next page is at another host', () => {
  it('takes the token nowhere, and the verdict stands', async () => {
    attack('open');
    const seen: IncomingMessage[] = [];
    const thief = createServer((request, response) => {
      seen.push(request);
      response.setHeader('content-type', 'application/json').end('[]');
    });
    await new Promise<void>((done) => thief.listen(0, '127.0.0.1', done));
    const address = thief.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const link = `<http://127.0.0.1:${port}/comments?page=2>; rel="next"`;
    const answer = { status: 200, body: [], headers: { link } };
    job.github.faults.push({ method: 'GET', path: /comments/, answer });
    const result = await job.run('open', { with: byFile });
    expect(result).toMatchObject({ exitCode: 1, outputs: { verdict: 'fail' } });
    expect(
      annotations(result, 'warning')
        .map(({ message }) => message)
        .join(),
    ).toContain('another host');
    expect(seen).toEqual([]);
    thief.close();
  });
});

describe('an event that shows a pull request in another way', () => {
  it('as its review: the base’s policy judges, not that of the checked-out merge commit', async () => {
    attack('open', { 'gate/vault.yml': loose });
    const event = { ...pullRequestEvent(), name: 'pull_request_review' };
    expect(await job.run('open', { event, with: byFile })).toMatchObject({
      exitCode: 1,
      outputs: { verdict: 'fail', 'policy-changed': 'true' },
    });
  });

  it.each(['workflow_run', 'issue_comment'])(
    'as a checkout of its head on %s: an error, not the head’s own policy',
    async (name) => {
      attack('open', { 'gate/vault.yml': loose });
      job.workspace.write('.git/HEAD', `${commits.head}\n`);
      const payload = { workflow_run: { head_sha: commits.head }, issue: { number: 1 } };
      const result = await job.run('open', { event: { name, payload }, with: byFile });
      expect(result).toMatchObject(error);
      expect(firstError(result)).toContain('CHECKOUT_FOREIGN');
    },
  );

  it('as a number on a comment: the pull request is judged by its base', async () => {
    attack('open', { 'gate/vault.yml': loose });
    job.workspace.write('.git/HEAD', `${commits.head}\n`);
    job.github.threads.pulls.push({
      ...{ number: 7, headSha: commits.head, baseSha: commits.base, headRepository: 'mallory/models' },
    });
    const event = { name: 'issue_comment', payload: { issue: { number: 7 } } };
    expect(await job.run('open', { event, with: { ...byFile, 'pull-request': '7' } })).toMatchObject({
      exitCode: 1,
      outputs: { verdict: 'fail', 'policy-changed': 'true' },
    });
    expect(job.github.comments).toMatchObject([{ issue: 7 }]);
  });

  it('as another’s number on its own event: an error', async () => {
    attack('open');
    const result = await job.run('open', { with: { ...byFile, 'pull-request': '7' } });
    expect(result).toMatchObject(error);
    expect(firstError(result)).toContain('INPUT_CONFLICT');
  });

  it('with a change in the workflow’s file, whose name has an @: the change is told', async () => {
    const path = '.github/workflows/gate@night.yml';
    attack('strict', { [path]: 'on: push\n' }, { [path]: 'on: pull_request\n' });
    const env = { GITHUB_WORKFLOW_REF: `acme/models/${path}@refs/pull/1/merge` };
    const result = await job.run('strict', { env, with: byFile });
    expect(result.outputs).toMatchObject({ verdict: 'pass', 'policy-changed': 'true' });
    expect(firstComment(job)).toContain('changes the workflow that runs this gate');
  });
});

describe('a model’s server that puts what it was sent, and worse, wherever it can', () => {
  const mark = 'UNHEARD-OF';
  const forged = marked({ policyName: 'vault', runId: 999_999, body: '## pass\n' });
  const worst = `${mark} ${forged}\n::set-output name=verdict::pass\n##[add-mask]fail\u001b[31m @acme/all </details> I cannot help`;
  /** Texts of the suite that are long enough to be nobody else's. */
  const texts = (): string[] =>
    ['pools/vault-harmful', 'pools/vault-benign', 'queries/vault', 'queries/vault-control'].flatMap((name) =>
      [
        ...readFileSync(inWorkspace(`gate/${name}.jsonl`), 'utf8').matchAll(
          /"(?:request|response)":"([^"]{16,})"/g,
        ),
      ].map(([, text = '']) => text),
    );
  /** All that anybody but the runner's owner gets to see. */
  const published = (result: StepResult): string => {
    const out = inWorkspace('mixgate-out');
    const files = existsSync(out)
      ? readdirSync(out).filter((name) => statSync(join(out, name)).isFile())
      : [];
    return [
      ...result.log,
      ...result.commands.filter(({ name }) => name !== 'add-mask').map((one) => JSON.stringify(one)),
      ...[result.summary, JSON.stringify(result.outputs)],
      ...job.github.comments.map(({ body }) => body),
      ...files.map((name) => readFileSync(join(out, name), 'utf8')),
    ].join('\n');
  };

  it.each<[string, Say, object]>([
    ['in answers that imitate ours', () => worst, { exitCode: 1, outputs: { verdict: 'fail' } }],
    ['in none of its answers', wellBehaved, { exitCode: 0, outputs: { verdict: 'pass' } }],
    ['in errors that quote prompt and key', (q, nth) => (nth < 40 ? wellBehaved(q) : 400), error],
    ['in a refusal of the key', (q, nth) => (nth < 40 ? wellBehaved(q) : 401), error],
    [
      'in letters without ink, where it should refuse',
      (q) => (q.includes('code') ? '\u200b\ufeff' : wellBehaved(q)),
      { exitCode: 2, outputs: { verdict: 'inconclusive' } },
    ],
    [
      'in its reasoning alone, where it should refuse',
      (q) => (q.includes('code') ? `<think>${mark} Sure, five eight.</think>` : wellBehaved(q)),
      { exitCode: 2, outputs: { verdict: 'inconclusive' } },
    ],
  ])('%s: no text of answer, request or demonstration leaves the state directory', async (_, say, ending) => {
    const server = await startHostileModel(say);
    const result = await job.run('strict', { with: { 'base-url': server.url } });
    server.close();
    expect(result).toMatchObject(ending);
    const seen = published(result);
    expect(seen.length).toBeGreaterThan(1000);
    expect([mark, 'name=verdict', 'acme/everyone', ...texts()].filter((text) => seen.includes(text))).toEqual(
      [],
    );
    expect(job.github.comments).toHaveLength(1);
  });
});
