import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { parseUses, starterFiles, writeStarter } from '../../src/cli/init.ts';
import { parseCandidate } from '../../src/config/candidate.ts';
import { runCommand } from './command.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mixgate-init-'));
});

const read = (path: string) => readFileSync(join(folder, path), 'utf8');

describe('mixgate init', () => {
  it('writes what plan takes as it stands, and says in five lines what to do next', async () => {
    const init = await runCommand(['init', '--out', folder]);
    expect(init).toMatchObject({ exitCode: 0 });
    expect(init.stdout.split('\n').filter((line) => /^\d\. /.test(line))).toHaveLength(5);
    const plan = await runCommand(['plan', '--json', '--policy', join(folder, 'safety/policy.yml')]);
    expect(plan).toMatchObject({ exitCode: 0 });
    expect(JSON.parse(plan.stdout).trials).toBeGreaterThan(1000);
    expect(parseCandidate(read('safety/candidate.yml'), 'candidate.yml').model).toBe('my-model');
  });

  it('leaves what is there as it is, and names it', async () => {
    mkdirSync(join(folder, 'safety'));
    writeFileSync(join(folder, 'safety/policy.yml'), 'mine\n');
    mkdirSync(join(folder, '.github/workflows'), { recursive: true });
    symlinkSync('/nowhere/at/all', join(folder, '.github/workflows/mixgate-gate.yml'));
    const again = await runCommand(['init', '--json', '--out', folder]);
    expect(JSON.parse(again.stdout)).toMatchObject({
      kept: ['safety/policy.yml', '.github/workflows/mixgate-gate.yml'],
      written: expect.arrayContaining(['safety/candidate.yml']),
    });
    expect(read('safety/policy.yml')).toBe('mine\n');
    expect(lstatSync(join(folder, '.github/workflows/mixgate-gate.yml')).isSymbolicLink()).toBe(true);
    expect(existsSync('/nowhere')).toBe(false);
    const { written } = writeStarter(folder, starterFiles());
    expect(written).toEqual([]);
  });

  it('says that a workflow still lacks its commit, be it one that was there already', async () => {
    const uses = `acme/mixgate@${'a1'.repeat(20)}`;
    const pinned = (told: { stdout: string }) =>
      !told.stdout.includes('Replace OWNER/mixgate@FULL_COMMIT_SHA');
    expect(pinned(await runCommand(['init', '--out', folder]))).toBe(false);
    expect(pinned(await runCommand(['init', '--out', folder, '--uses', uses]))).toBe(false);
    rmSync(join(folder, '.github'), { recursive: true });
    expect(pinned(await runCommand(['init', '--out', folder, '--uses', uses]))).toBe(true);
  });

  it('pins mixgate by the commit that it is given, and by nothing that can be moved', () => {
    const uses = `acme/mixgate@${'a1'.repeat(20)}`;
    const texts = starterFiles(parseUses(uses))
      .map(({ text }) => text)
      .join('\n');
    expect(texts).toContain(`uses: ${uses}`);
    expect(texts).toContain('repository: acme/mixgate\n          ref: a1a1');
    expect(texts).not.toMatch(/OWNER\/|FULL_COMMIT_SHA/);
    for (const moved of ['acme/mixgate@v1', 'acme/mixgate@main', 'mixgate', `a/b\n@${'a'.repeat(40)}`])
      expect(() => parseUses(moved)).toThrow(/40 hexadecimal digits/);
  });

  it('says so where it cannot write', async () => {
    writeFileSync(join(folder, 'file'), '');
    const init = await runCommand(['init', '--out', join(folder, 'file')]);
    expect(init.exitCode).toBe(3);
    expect(init.stderr).toContain('INIT_UNWRITABLE');
  });
});
