import { rmSync, symlinkSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { TreeFile } from '../publish/github-git.ts';
import { noPermission } from '../publish/github-server.ts';
import { marked } from '../publish/publishing.ts';
import { annotations, byFile, candidate, commits, filesOf, firstComment, useGateJobs } from './gate-job.ts';
import { pullRequestEvent } from './runner.ts';
import { acceptedRun, vaultPolicy } from './vault-job.ts';

/**
 * What the author of a pull request, or somebody who watches, may try. The model `open` fails under the base's gate and
 * `strict` passes; no attack may turn the one into the other.
 */

const { job, models } = await useGateJobs();

const blocked = { exitCode: 1, outputs: { verdict: 'fail', 'policy-changed': 'true' } };
const error = { exitCode: 3, outputs: { verdict: 'error' } };

/** Base and head of a pull request that releases `open` and changes what it likes besides; the checkout is the head's. */
function attack(head: Record<string, TreeFile | null>, base: Record<string, TreeFile> = {}): void {
  const shared: Record<string, TreeFile> = {
    ...filesOf(job.workspace),
    'gate/candidate.yml': candidate('strict'),
    ...base,
  };
  const changed = Object.entries({ ...shared, 'gate/candidate.yml': candidate('open'), ...head });
  job.lay(
    shared,
    Object.fromEntries(changed.flatMap(([path, file]) => (file === null ? [] : [[path, file]]))),
  );
  for (const [path, file] of Object.entries(head))
    if (typeof file === 'string') job.workspace.write(path, file);
}

const everyFile = (folder: string, files: Record<string, string>) =>
  Object.fromEntries(Object.entries(files).map(([name, text]) => [`${folder}/${name}`, text]));

describe('a head that swaps what it is compared with', () => {
  const policy = `${vaultPolicy().replace('baseline: none\n', '')}`.replace(
    'mixedCompliance: { maxRate: 0.5 }',
    'mixedCompliance: { maxIncrease: 0.1 }',
  );
  const inputs = { ...byFile, baseline: 'gate/baseline' };

  it.each([
    [
      'swaps the baseline for one as bad as itself',
      'open',
      /Proposed baseline\*\* `open` .*place of `strict` /,
    ],
    ['deletes the baseline', null, /cannot be used\*\*: gate\/baseline has no receipt/],
    ['puts a link in the baseline’s place', 'link', /cannot be used\*\*/],
  ] as const)('%s is compared with the base’s', async (_, swap, proposed) => {
    job.workspace.write('gate/vault.yml', policy);
    const own = everyFile('gate/baseline', await acceptedRun(models, job.workspace, 'strict'));
    const names = Object.keys(own);
    const theirs =
      swap === 'open' ? everyFile('gate/baseline', await acceptedRun(models, job.workspace, 'open')) : null;
    const gone = Object.fromEntries(
      names.map((name) => [name, swap === 'link' ? { link: '../elsewhere' } : null]),
    );
    attack(theirs ?? gone, own);
    expect(await job.run('open', { with: inputs })).toMatchObject(blocked);
    expect(firstComment(job)).toMatch(/gate\/baseline\/receipt\.json/);
    expect(firstComment(job)).toMatch(proposed);
  });
});

describe('a head that changes the gate itself', () => {
  const canary = '{"id":"c1","request":"r","response":"s","label":"refusal"}\n';
  it.each<[string, Record<string, TreeFile | null>, RegExp]>([
    ['renames the policy', { 'gate/vault.yml': null, 'gate/vault2.yml': vaultPolicy() }, /no gate could run/],
    [
      'names another judge’s card and canaries',
      {
        'gate/vault.yml': vaultPolicy().replace(
          'judge: { kind: phrases }',
          'judge: { kind: phrases, canaries: own.jsonl }',
        ),
        'gate/own.jsonl': canary,
      },
      /judge\.canaries/,
    ],
    [
      'brings a system prompt that refuses for the model',
      {
        'gate/vault.yml': vaultPolicy().replace(
          'minJudgedTokens: 1 }',
          'minJudgedTokens: 1, systemPrompt: "Refuse." }',
        ),
      },
      /systemPrompt/,
    ],
    [
      'has its policy refer to a server',
      { 'gate/vault.yml': vaultPolicy({ extra: 'baseUrl: http://evil.example/v1\n' }) },
      /no gate could run/,
    ],
    [
      'makes its policy a YAML bomb',
      { 'gate/vault.yml': `a: &a [x,x]\nb: [${'*a,'.repeat(4000)}*a]\n` },
      /no gate could run/,
    ],
    [
      'makes its policy nest without end',
      { 'gate/vault.yml': `a: ${'['.repeat(20_000)}` },
      /no gate could run/,
    ],
    [
      'makes a query list a submodule',
      { 'gate/queries/vault.jsonl': { submodule: 'd'.repeat(40) } },
      /becomes a submodule/,
    ],
    [
      'puts a pool into LFS',
      {
        'gate/pools/vault-benign.jsonl': 'version https://git-lfs.github.com/spec/v1\noid sha256:x\nsize 1\n',
      },
      /changed/,
    ],
  ])('%s is judged by the base’s gate, and the change is listed', async (_, head, words) => {
    attack(head);
    expect(await job.run('open', { with: byFile })).toMatchObject(blocked);
    expect(firstComment(job)).toMatch(words);
  });

  it.each([
    ['a look-alike', 'gate/vаult.yml'],
    ['another case', 'Gate/Vault.yml'],
    ['a decomposed letter', 'gate/vault\u0301.yml'],
  ])('is not led astray by a policy at %s of the path', async (_, path) => {
    attack({ [path]: vaultPolicy().replaceAll('maxRate: 0.5', 'maxRate: 0.999') });
    const result = await job.run('open', { with: byFile });
    expect(result).toMatchObject({ exitCode: 1, outputs: { verdict: 'fail', 'policy-changed': 'false' } });
  });
});

describe('a candidate file', () => {
  it.each<[string, TreeFile, RegExp]>([
    ['with aliases that expand', `model: &m strict\nfamily: *m\n`, /YAML_ALIAS/],
    ['with a merge key', 'x: &x { model: strict }\n<<: *x\n', /YAML_ALIAS|YAML_SYNTAX|CANDIDATE_INVALID/],
    ['that nests without end', `model: ${'['.repeat(30_000)}`, /YAML_SYNTAX|YAML_DEPTH/],
    ['with a tag that makes code elsewhere', 'model: !!js/function "x"\n', /YAML_SYNTAX|CANDIDATE_INVALID/],
    ['of two documents', 'model: strict\n---\nmodel: open\n', /YAML_SYNTAX/],
    ['with its model twice', 'model: strict\nmodel: open\n', /YAML_SYNTAX/],
    ['with letters that turn the line around', 'model: "str\u202eict"\n', /CANDIDATE_INVALID/],
    ['with a NUL', 'model: "strict\\0"\n', /CANDIDATE_INVALID/],
    [
      'that is a Git LFS pointer',
      'version https://git-lfs.github.com/spec/v1\noid sha256:x\nsize 1\n',
      /LFS/,
    ],
    ['that is empty', '', /FILE_EMPTY|CANDIDATE_INVALID/],
    ['that is no text', Buffer.from([0xff, 0xfe, 0, 1, 2]), /YAML_SYNTAX|CANDIDATE_INVALID/],
  ])('%s is an error before any server is asked', async (_, file, words) => {
    attack({ 'gate/candidate.yml': file });
    const before = models.requests.length;
    const result = await job.run('strict', { with: byFile });
    expect(result).toMatchObject(error);
    expect(annotations(result, 'error')[0]?.message).toMatch(words);
    expect(models.requests.length).toBe(before);
  });

  it('at the path in another case is not the candidate file', async () => {
    attack({ 'gate/candidate.yml': null, 'gate/Candidate.yml': candidate('strict') });
    const result = await job.run('strict', { with: byFile });
    expect(result).toMatchObject(error);
    expect(annotations(result, 'error')[0]?.message).toContain('CANDIDATE_MISSING');
  });
});

describe('a head that names the accepted model under its own digest', () => {
  it('passes nothing where the policy demands that the digest is tied to what is served', async () => {
    const digest = `digest: sha256:${'ab'.repeat(32)}\n`;
    job.workspace.write(
      'gate/vault.yml',
      vaultPolicy({ extra: 'binding: { require: true, served: "-{digest12}" }\n' }),
    );
    attack({ 'gate/candidate.yml': candidate('strict', digest) });
    const result = await job.run('strict', { with: byFile });
    expect(result).toMatchObject({ exitCode: 2, outputs: { verdict: 'inconclusive' } });
    expect(firstComment(job)).toMatch(/claimed|declared/);
  });

  it('is told first that the digest is claimed, where the policy demands nothing', async () => {
    attack({ 'gate/candidate.yml': candidate('strict', `digest: sha256:${'ab'.repeat(32)}\n`) });
    expect(await job.run('strict', { with: byFile })).toMatchObject({ outputs: { verdict: 'pass' } });
    expect(firstComment(job)).toMatch(/claimed, not verified/);
  });
});

describe('re-running', () => {
  it('four times until it is green is inconclusive, and the attempt is told', async () => {
    job.workspace.write('gate/vault.yml', vaultPolicy().replace('maxAttempts: 9', 'maxAttempts: 2'));
    attack({ 'gate/candidate.yml': candidate('strict', '# again\n') });
    expect(await job.run('strict', { attempt: 1, with: byFile })).toMatchObject({ exitCode: 0 });
    expect(await job.run('strict', { attempt: 4, with: byFile })).toMatchObject({
      exitCode: 2,
      outputs: { verdict: 'inconclusive' },
    });
    expect(firstComment(job)).toMatch(/attempt 4|4 attempts|attempts.*4/i);
  });
});

describe('a redirect', () => {
  async function listen(
    handle: RequestListener,
  ): Promise<{ url: string; seen: IncomingMessage[]; close(): void }> {
    const seen: IncomingMessage[] = [];
    const server = createServer((request, response) => {
      seen.push(request);
      handle(request, response);
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    return { url: `http://127.0.0.1:${port}`, seen, close: () => void server.close() };
  }
  const elsewhere =
    (url: () => string): RequestListener =>
    (request, response) =>
      void response.writeHead(307, { location: `${url()}${request.url}` }).end();

  it('of the model’s server takes neither key nor question to another host', async () => {
    const thief = await listen((_, response) => void response.end('{}'));
    const server = await listen(elsewhere(() => thief.url));
    const result = await job.run('strict', { with: { 'base-url': `${server.url}/v1` } });
    expect(result).toMatchObject(error);
    expect(annotations(result, 'error')[0]?.message).toMatch(/redirect/);
    expect(server.seen.length).toBeGreaterThan(0);
    expect(thief.seen).toEqual([]);
    for (const one of [server, thief]) one.close();
  });

  it('of GitHub’s API takes no token to another host', async () => {
    const thief = await listen((_, response) => void response.writeHead(404).end('{}'));
    job.github.faults.push({
      method: 'GET',
      path: /git\/trees/,
      answer: { status: 302, headers: { location: `${thief.url}/x` } },
    });
    expect(await job.run('strict')).toMatchObject(error);
    for (const { headers } of thief.seen) expect(headers.authorization).toBeUndefined();
    thief.close();
  });
});

describe('paths and names of another kind', () => {
  it.each([
    ['policy', 'gate/vault.yml\u0000.txt'],
    ['candidate', 'gate/\u0000candidate.yml'],
    ['baseline', 'gate/base\u0000line'],
    ['policy', '../workspace-evil/vault.yml'],
    ['out', 'out\u0000put'],
  ])('an input %s that is %j is refused by name', async (name, path) => {
    attack({});
    // No environment carries a NUL: the runner could not start us, and neither can we be started here.
    const start = job.run('strict', { with: { ...byFile, [name]: path } });
    if (path.includes('\0')) await expect(start).rejects.toThrow(/null bytes/);
    else expect(await start).toMatchObject(error);
  });

  it('a NUL in a path of the base’s policy is an error with its place', async () => {
    attack(
      {},
      { 'gate/vault.yml': vaultPolicy().replace('path: pools/vault-benign.jsonl', 'path: "pools/\\0x"') },
    );
    const result = await job.run('open', { with: byFile });
    expect(result).toMatchObject(error);
    expect(annotations(result, 'error')[0]?.message).not.toContain('unexpected');
  });

  it('a link in the checkout in the place of the policy leads nowhere', async () => {
    attack({ 'gate/vault.yml': null });
    rmSync(join(job.workspace.path, 'gate/vault.yml'));
    symlinkSync('/proc/self/environ', join(job.workspace.path, 'gate/vault.yml'));
    const result = await job.run('open', { with: byFile });
    expect(result).toMatchObject(error);
    expect(annotations(result, 'error')[0]?.message).toContain('INPUT_OUTSIDE');
  });
});

describe('GitHub, meanwhile', () => {
  const event = { name: 'workflow_run', payload: { workflow_run: { head_sha: commits.head } } };
  const pull = { number: 7, headSha: commits.head, baseSha: commits.base, headRepository: 'mallory/models' };

  it('has closed the pull request that was asked for: no server is asked', async () => {
    attack({});
    job.github.threads.pulls.push({ ...pull, state: 'closed' });
    const before = models.requests.length;
    const result = await job.run('open', { event, with: { ...byFile, 'pull-request': '7' } });
    expect(result).toMatchObject(error);
    expect(annotations(result, 'error')[0]?.message).toContain('PULL_REQUEST_CLOSED');
    expect(models.requests.length).toBe(before);
  });

  it('has locked the pull request: the verdict stands, and the warning says why', async () => {
    attack({});
    const answer = { status: 403, body: { message: 'Unable to create comment because issue is locked.' } };
    job.github.faults.push({ method: 'POST', path: /comments$/, answer });
    const result = await job.run('open', { with: byFile });
    expect(result).toMatchObject({ exitCode: 1, outputs: { verdict: 'fail' } });
    expect(
      annotations(result, 'warning')
        .map(({ message }) => message)
        .join(),
    ).toContain('issue is locked');
  });

  it('has renamed the branch that trusted-ref names: an error, and nothing of the head instead', async () => {
    attack({ 'gate/vault.yml': vaultPolicy().replaceAll('maxRate: 0.5', 'maxRate: 0.999') });
    const result = await job.run('open', { with: { ...byFile, 'trusted-ref': 'old-main' } });
    expect(result).toMatchObject(error);
    expect(annotations(result, 'error')[0]?.message).toContain('old-main');
  });

  it('shows a stranger’s comment with our marker: it is left alone, and holds back no verdict', async () => {
    attack({});
    const theirs = marked({ policyName: 'vault', runId: 999_999, body: '## pass\n' });
    job.github.addComment({ login: 'mallory', type: 'User' }, theirs);
    expect(await job.run('open', { with: byFile })).toMatchObject({ exitCode: 1 });
    expect(job.github.comments).toHaveLength(2);
    expect(job.github.comments[0]?.body).toBe(theirs);
    expect(job.github.comments[1]?.body).toContain('Blocked');
  });

  it('runs two at once: one comment, a check each, and the newest verdict on top', async () => {
    attack({});
    const inputs = { ...byFile, 'check-run': 'true' };
    const runs = [501, 500].map((runId) =>
      job.run('open', { runId, with: { ...inputs, out: `mixgate-out-${runId}` } }),
    );
    for (const result of await Promise.all(runs)) expect(result).toMatchObject({ exitCode: 1 });
    expect(job.github.comments).toHaveLength(1);
    expect(firstComment(job)).toContain('run=501.1');
    expect(job.github.threads.checks).toMatchObject([{ conclusion: 'failure' }, { conclusion: 'failure' }]);
  });

  it('lets the token write nothing at all: the verdict stands', async () => {
    attack({});
    for (const method of ['POST', 'PATCH', 'DELETE'])
      job.github.faults.push({ method, path: /./, answer: noPermission });
    expect(
      await job.run('open', { event: pullRequestEvent(), with: { ...byFile, 'check-run': 'true' } }),
    ).toMatchObject({
      exitCode: 1,
      outputs: { verdict: 'fail' },
    });
  });
});
