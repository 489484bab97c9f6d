import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { EvidenceError } from '../../src/config/errors.ts';
import { writeWhole } from '../../src/run/write-file.ts';
import { makeFolder } from './small-gate.ts';

const source = fileURLToPath(new URL('../../src/run/write-file.ts', import.meta.url));

/** Writes so many bytes in a process whose files may have 8 KiB: a limit on their size stands for a full disk. */
function writeLimited(folder: string, bytes: number) {
  const program = `
    const { writeWhole } = await import(${JSON.stringify(source)});
    try {
      writeWhole(${JSON.stringify(join(folder, 'ledger.jsonl'))}, 'x'.repeat(${bytes}));
    } catch (error) {
      process.stdout.write(error.code + ' ' + error.message);
    }`;
  const args = ['-c', 'ulimit -f 8; exec "$0" "$@"', process.execPath, '--input-type=module', '-e', program];
  return spawnSync('bash', args, { env: { PATH: process.env.PATH }, encoding: 'utf8' }).stdout;
}

describe('a file of a run', () => {
  it('is written in one step, and for whom it is meant', () => {
    const folder = join(makeFolder(), 'out');
    const file = writeWhole(join(folder, 'a.json'), 'one', 0o600);
    writeWhole(join(folder, 'a.json'), 'two', 0o600);
    expect(readFileSync(file, 'utf8')).toBe('two');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['a.json']);
  });

  it('that the disk has no room for leaves the older one, and an error with what to do', () => {
    const folder = makeFolder();
    expect(writeLimited(folder, 1000)).toBe('');
    const said = writeLimited(folder, 100_000);
    expect(said).toMatch(
      /^FILE_NOT_WRITTEN .*ledger\.jsonl: expected a disk that takes the run’s files, got E/,
    );
    expect(readdirSync(folder)).toEqual(['ledger.jsonl']);
    expect(readFileSync(join(folder, 'ledger.jsonl'), 'utf8')).toHaveLength(1000);
  });

  it('whose place is taken by a folder is an error, not a crash', () => {
    const folder = makeFolder();
    mkdirSync(join(folder, 'a.json', 'below'), { recursive: true });
    writeFileSync(join(folder, 'a.json', 'below', 'b'), '');
    expect(() => writeWhole(join(folder, 'a.json'), 'one')).toThrow(EvidenceError);
    expect(readdirSync(folder)).toEqual(['a.json']);
  });
});
