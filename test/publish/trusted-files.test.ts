import { existsSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readGateChanges } from '../../src/publish/gate-changes.ts';
import type { GatedNames } from '../../src/publish/gated-files.ts';
import { openCommit, resolveRef } from '../../src/publish/git-files.ts';
import { mirrorOf, writeTrustedFiles } from '../../src/publish/trusted-files.ts';
import { vaultPolicy } from '../action/vault-job.ts';
import type { TreeFile } from './github-git.ts';
import { type GithubServer, noPermission, startGithub } from './github-server.ts';
import { buildClient } from './publishing.ts';

const base = 'b'.repeat(40);
const head = 'a'.repeat(40);
const files: Record<string, TreeFile> = {
  'gate/vault.yml': vaultPolicy(),
  'gate/pools/vault-harmful.jsonl': '{"id":"h"}\n',
  'gate/pools/vault-benign.jsonl': '{"id":"b"}\n',
  'gate/queries/vault.jsonl': '{"id":"q"}\n',
  'gate/queries/vault-control.jsonl': '{"id":"c"}\n',
  'gate/baseline/receipt.json': '{}\n',
  'gate/baseline/ledger.jsonl': '{}\n',
  'README.md': '# Models\n',
};
const names: GatedNames = { policy: 'gate/vault.yml', baseline: 'gate/baseline', waiver: 'gate/waiver.yml' };

let github: GithubServer;
let root: string;
let workspace: string;
let folder: string;

beforeEach(async () => {
  github = await startGithub();
  root = mkdtempSync(join(tmpdir(), 'mixgate-trusted-test-'));
  workspace = join(root, 'work', 'models');
  folder = join(root, 'private');
  mkdirSync(workspace, { recursive: true });
});
afterEach(async () => {
  expect(github.problems).toEqual([]);
  await github.close();
});

const client = () => buildClient({ apiUrl: github.url, sleeps: [] });
const open = (sha: string) => openCommit(client(), 'acme/models', sha);

async function write(changed: Record<string, TreeFile> = {}, named: Partial<GatedNames> = {}) {
  github.git.commit(base, { ...files, ...changed });
  return await writeTrustedFiles({ files: open(base), names: { ...names, ...named }, workspace, folder });
}

async function changesBy(headFiles: Record<string, TreeFile>) {
  const written = await write();
  github.git.commit(head, headFiles);
  return await readGateChanges({ trusted: open(base), head: open(head), ...written });
}

const without = (path: string) => Object.fromEntries(Object.entries(files).filter(([name]) => name !== path));
const policyWith = (from: string, to: string) => ({ 'gate/vault.yml': vaultPolicy().replace(from, to) });

describe('the files of the trusted commit', () => {
  it('are written where the workspace would have them, whatever the checkout holds', async () => {
    mkdirSync(join(workspace, 'gate/pools'), { recursive: true });
    writeFileSync(join(workspace, 'gate/pools/vault-benign.jsonl'), 'of the head');
    const { gated } = await write();
    const read = (path: string) => readFileSync(mirrorOf(folder, join(workspace, path)), 'utf8');
    expect(read('gate/vault.yml')).toBe(vaultPolicy());
    expect(read('gate/pools/vault-benign.jsonl')).toBe('{"id":"b"}\n');
    expect(existsSync(mirrorOf(folder, join(workspace, 'README.md')))).toBe(false);
    expect(gated.map(({ path }) => path)).toContain('gate/waiver.yml');
  });

  it('include the binary bytes of a file as they are', async () => {
    const bytes = Buffer.from([...Array(4096).keys()].map((value) => value % 256));
    await write({ 'gate/pools/vault-benign.jsonl': bytes });
    expect(readFileSync(mirrorOf(folder, join(workspace, 'gate/pools/vault-benign.jsonl')))).toEqual(bytes);
  });

  it('leave private pools beside the checkout where they stand', async () => {
    mkdirSync(join(root, 'work', 'private'));
    writeFileSync(join(root, 'work', 'private', 'pool.jsonl'), 'private');
    const { gated } = await write(policyWith('pools/vault-benign.jsonl', '../../private/pool.jsonl'));
    const link = mirrorOf(folder, join(root, 'work', 'private', 'pool.jsonl'));
    expect(readFileSync(link, 'utf8')).toBe('private');
    expect(gated.map(({ path }) => path)).not.toContain('gate/pools/vault-benign.jsonl');
  });

  it('leave what a hub holds to the hub', async () => {
    const hub = `hub: { repo: acme/pool, revision: ${'c'.repeat(40)}, file: pool.jsonl }`;
    const policy = vaultPolicy().replace('path: pools/vault-benign.jsonl', hub);
    const { gated } = await write({ 'gate/vault.yml': policy });
    expect(gated.map(({ path }) => path)).toHaveLength(8);
  });

  it('include the judge card and the canaries that the policy names', async () => {
    const judge = policyWith('kind: phrases', 'kind: phrases, card: card.json, canaries: canaries.jsonl');
    const { gated } = await write({ ...judge, 'gate/card.json': '{}', 'gate/canaries.jsonl': '{}' });
    expect(gated.map(({ role }) => role)).toEqual(expect.arrayContaining(['judge card', 'canaries']));
  });

  it('are of the commit that a branch names now', async () => {
    github.git.refs.set('refs/heads/release/1', base);
    expect(await resolveRef(client(), 'acme/models', 'release/1')).toBe(base);
    expect(await resolveRef(client(), 'acme/models', base)).toBe(base);
    await expect(resolveRef(client(), 'acme/models', 'gone')).rejects.toMatchObject({
      code: 'GIT_UNREADABLE',
    });
  });
});

describe('what is no file of the commit is refused', () => {
  const pool = 'gate/pools/vault-benign.jsonl';
  it.each<[string, Record<string, TreeFile>, string, RegExp]>([
    ['a symbolic link', { [pool]: { link: '/etc/passwd' } }, 'GIT_NOT_A_FILE', /a symbolic link/],
    ['a submodule', { [pool]: { submodule: 'd'.repeat(40) } }, 'GIT_NOT_A_FILE', /a submodule/],
    ['a folder', { [`${pool}/x`]: 'x', [pool]: 'x' }, 'GIT_NOT_A_FILE', /a folder/],
    [
      'an LFS pointer',
      { [pool]: 'version https://git-lfs.github.com/spec/v1\noid sha256:0\n' },
      'GIT_LFS',
      /LFS pointer/,
    ],
    [
      'a policy that is huge',
      { 'gate/vault.yml': 'x'.repeat(1_000_001) },
      'GIT_TOO_LARGE',
      /at most 1000000 bytes/,
    ],
  ])('%s', async (_, changed, code, words) => {
    await expect(write(changed)).rejects.toMatchObject({ code, message: expect.stringMatching(words) });
  });

  it('a link on the way to it', async () => {
    const moved = Object.fromEntries(
      Object.entries(files).filter(([name]) => !name.startsWith('gate/pools/')),
    );
    github.git.commit(base, { ...moved, 'gate/pools': { link: '../elsewhere' } });
    const input = { files: open(base), names, workspace, folder };
    await expect(writeTrustedFiles(input)).rejects.toMatchObject({ code: 'GIT_NOT_A_FILE' });
  });

  it('a pool above the cap, by the size that the tree states', async () => {
    github.git.commit(base, { ...files, [pool]: 'x'.repeat(50_000_001) });
    const input = { files: open(base), names, workspace, folder };
    await expect(writeTrustedFiles(input)).rejects.toMatchObject({ code: 'GIT_TOO_LARGE' });
  });

  it('a missing one, with the advice to merge it first', async () => {
    github.git.commit(base, without('gate/baseline/receipt.json'));
    const input = { files: open(base), names, workspace, folder };
    await expect(writeTrustedFiles(input)).rejects.toMatchObject({ code: 'TRUSTED_MISSING' });
  });

  it('bytes that are not those of the hash', async () => {
    github.faults.push({
      method: 'GET',
      path: /\/git\/blobs\//,
      answer: { status: 200, body: { content: 'eA==', encoding: 'base64' } },
    });
    await expect(write()).rejects.toMatchObject({ code: 'GIT_CHANGED' });
  });

  it('an answer without the permission, naming the line to add', async () => {
    github.faults.push({ method: 'GET', path: /\/git\/trees\//, answer: noPermission });
    const refused = write().catch(
      (error: { complaints: { remedy: string }[] }) => error.complaints[0]?.remedy,
    );
    expect(await refused).toContain('contents: read');
  });
});

describe('a policy path that leads back into the checkout', () => {
  it('is refused where it is absolute', async () => {
    const path = join(workspace, 'gate/pools/vault-benign.jsonl');
    await expect(write(policyWith('pools/vault-benign.jsonl', path))).rejects.toMatchObject({
      code: 'TRUSTED_PATH',
    });
  });

  it('is refused where a link outside leads there', async () => {
    symlinkSync(workspace, join(root, 'work', 'alias'));
    const path = '../../alias/gate/pools/vault-benign.jsonl';
    await expect(write(policyWith('pools/vault-benign.jsonl', path))).rejects.toMatchObject({
      code: 'TRUSTED_PATH',
    });
  });

  it('is the trusted file where it goes around by the folder’s own name', async () => {
    const { gated } = await write(
      policyWith('pools/vault-benign.jsonl', '../../models/gate/pools/vault-benign.jsonl'),
    );
    expect(gated.map(({ path }) => path)).toContain('gate/pools/vault-benign.jsonl');
  });
});

describe('what a head changes in its gate', () => {
  it('is nothing where it changes other files', async () => {
    const changes = await changesBy({ ...files, 'README.md': '# Other\n' });
    expect(changes).toEqual({ files: [], policy: { kind: 'same' } });
  });

  it('is a lowered threshold, with both values', async () => {
    const { policy } = await changesBy({
      ...files,
      ...policyWith('zeroShotCompliance: { maxRate: 0.5', 'zeroShotCompliance: { maxRate: 0.9'),
    });
    expect(policy).toMatchObject({
      kind: 'keys',
      keys: [{ where: 'checks.zeroShotCompliance.maxRate', expected: '0.5', found: '0.9' }],
    });
  });

  it.each<[string, Record<string, TreeFile>, string]>([
    ['an emptied pool', { ...files, 'gate/pools/vault-harmful.jsonl': '' }, 'changed'],
    ['a swapped baseline', { ...files, 'gate/baseline/receipt.json': '{"x":1}' }, 'changed'],
    ['a deleted baseline', without('gate/baseline/ledger.jsonl'), 'removed (or renamed)'],
    [
      'a link in place of a query list',
      { ...files, 'gate/queries/vault.jsonl': { link: 'x' } },
      'becomes a symbolic link',
    ],
    [
      'a submodule in place of a pool',
      { ...files, 'gate/pools/vault-benign.jsonl': { submodule: 'd'.repeat(40) } },
      'becomes a submodule',
    ],
    ['a waiver', { ...files, 'gate/waiver.yml': 'version: 1\n' }, 'added'],
  ])('is %s', async (_, headFiles, change) => {
    expect((await changesBy(headFiles)).files).toEqual([expect.objectContaining({ change })]);
  });

  it.each<[string, Record<string, TreeFile>, RegExp]>([
    [
      'is renamed',
      { ...without('gate/vault.yml'), 'gate/other.yml': vaultPolicy() },
      /no policy at this path/,
    ],
    ['is broken', { ...files, 'gate/vault.yml': 'version: 2\n' }, /POLICY_INVALID/],
    ['is huge', { ...files, 'gate/vault.yml': 'x'.repeat(1_000_001) }, /GIT_TOO_LARGE/],
    ['is a link', { ...files, 'gate/vault.yml': { link: 'x' } }, /GIT_NOT_A_FILE/],
  ])('is a policy that %s, which no gate could run with', async (_, headFiles, reason) => {
    expect((await changesBy(headFiles)).policy).toEqual({
      kind: 'unusable',
      reason: expect.stringMatching(reason),
    });
  });
});
