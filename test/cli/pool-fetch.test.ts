import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { commit, hashOf, type LocalHub, sendFile, sendStatus, startHub } from '../run/hub-server.ts';
import { makeFolder, smallPolicy, smallSuite } from '../run/small-gate.ts';
import { writeParquet } from '../suite/parquet-files.ts';
import { runCommand } from './command.ts';

const [list] = smallSuite.queries;
const rows = readFileSync(list?.path ?? '', 'utf8')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => z.record(z.string(), z.unknown()).parse(JSON.parse(line)));
/** The vault's queries as a hub would publish them. */
const parquet = writeParquet(rows);
const sha256 = hashOf(parquet);
const hub = { repo: 'owner/vault', revision: commit, file: 'data/test-00000-of-00001.parquet' };

let server: LocalHub | undefined;
afterAll(() => server?.close());
async function environment() {
  server ??= await startHub(({ url }, response) => {
    if (url === `/datasets/${hub.repo}/resolve/${commit}/${hub.file}`) sendFile(response, parquet);
    else sendStatus(response, 404, { 'x-error-code': 'EntryNotFound' });
  });
  return { env: { MIXGATE_HUB: server.origin, XDG_CACHE_HOME: makeFolder() }, calls: server.calls };
}

function writePolicy(source: object): string {
  const path = join(makeFolder(), 'policy.yml');
  const queries = [{ name: 'vault', hub, sample: 16, ...source }];
  writeFileSync(path, JSON.stringify(smallPolicy({ suite: { ...smallSuite, queries } })));
  return path;
}

describe('mixgate pool fetch', () => {
  it('prints the hash that is to be pinned; the pinned policy is then planned without the hub', async () => {
    const { env, calls } = await environment();
    const before = calls.length;
    const first = await runCommand(['pool', 'fetch', '--policy', writePolicy({})], env);
    expect(first).toMatchObject({ exitCode: 0, stderr: '' });
    expect(first.stdout).toContain(`sha256: ${sha256}   <- look at the file`);
    const planned = await runCommand(['plan', '--policy', writePolicy({ sha256 }), '--json'], env);
    expect(planned).toMatchObject({ exitCode: 0, stderr: '' });
    const again = await runCommand(['pool', 'fetch', '--policy', writePolicy({ sha256 }), '--json'], env);
    expect(JSON.parse(again.stdout)).toMatchObject([{ sha256, from: 'cache', pinned: true }]);
    expect(calls.length - before).toBe(1);
  });

  it('keeps a copy under the file’s own name, which pool check can take', async () => {
    const { env } = await environment();
    const { stdout } = await runCommand(['pool', 'fetch', '--policy', writePolicy({}), '--json'], env);
    const [fetched] = z.array(z.object({ file: z.string() })).parse(JSON.parse(stdout));
    expect(fetched?.file).toMatch(/test-00000-of-00001\.parquet$/);
    const pool = smallSuite.harmfulDemonstrations[0]?.path ?? '';
    const checked = await runCommand(
      ['pool', 'check', pool, '--queries', fetched?.file ?? '', '--json'],
      env,
    );
    expect(JSON.parse(checked.stdout).queries).toMatchObject([{ rows: rows.length }]);
  });

  it('is what plan and run ask for: plan has no network, and neither takes what is not pinned', async () => {
    const { env, calls } = await environment();
    const before = calls.length;
    const plan = await runCommand(['plan', '--policy', writePolicy({ sha256 })], env);
    expect(plan.exitCode).toBe(3);
    expect(plan.stderr).toContain('HUB_NOT_CACHED');
    expect(plan.stderr).toContain('mixgate pool fetch --policy');
    const server = ['--base-url', 'http://127.0.0.1:9/v1', '--model', 'm', '--out', makeFolder()];
    for (const command of [['plan'], ['run', ...server, '--state-dir', makeFolder()]]) {
      const { exitCode, stderr } = await runCommand([...command, '--policy', writePolicy({})], env);
      expect({ exitCode, named: stderr.includes('HUB_HASH_MISSING') }).toEqual({ exitCode: 3, named: true });
    }
    expect(calls).toHaveLength(before);
  });

  it('is not needed before a run, which fetches by itself and then meets the model’s server', async () => {
    const { env, calls } = await environment();
    const before = calls.length;
    const args = ['--base-url', 'http://127.0.0.1:9/v1', '--model', 'm', '--out', makeFolder()];
    const run = await runCommand(
      ['run', ...args, '--state-dir', makeFolder(), '--policy', writePolicy({ sha256 })],
      env,
    );
    expect(run.exitCode).toBe(3);
    expect(run.stderr).toContain('ModelError');
    expect(calls.length - before).toBe(1);
    expect((await runCommand(['plan', '--policy', writePolicy({ sha256 })], env)).exitCode).toBe(0);
  });

  it('says which file a hub does not have', async () => {
    const { env } = await environment();
    const policy = writePolicy({ hub: { ...hub, file: 'data/other.parquet' } });
    const { exitCode, stderr } = await runCommand(['pool', 'fetch', '--policy', policy], env);
    expect(exitCode).toBe(3);
    expect(stderr).toContain('HUB_FILE_MISSING');
    expect(stderr).toContain(`hub:owner/vault@${commit}/data/other.parquet`);
  });
});
