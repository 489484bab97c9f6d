import { existsSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { keepOutOfGit, refuseBaselineAsOut, refuseStateAsOut, requireFolder } from '../../src/run/folders.ts';
import { makeFolder } from './small-gate.ts';

describe('a folder that a run will write to', () => {
  it('is made where it is missing', () => {
    const folder = join(makeFolder(), 'a', 'b');
    requireFolder(folder, '--out');
    expect(existsSync(folder)).toBe(true);
  });

  it.each(['', 'inside'])('is refused with its flag where a file stands in its place (%j)', (below) => {
    const file = join(makeFolder(), 'file');
    writeFileSync(file, 'x');
    expect(() => requireFolder(join(file, below), '--out')).toThrow(/--out .*expected a folder/);
    expect(readFileSync(file, 'utf8')).toBe('x');
  });

  it('is refused, and not tried for ever, where a folder takes no others', () => {
    expect(() => requireFolder('/proc/mixgate/out', '--out')).toThrow(
      /--out \/proc\/mixgate\/out: expected a folder/,
    );
  });

  it('is made for its owner alone where it will hold answers', () => {
    const folder = join(makeFolder(), 'a', 'b');
    requireFolder(folder, '--state-dir', 0o700);
    expect([folder, join(folder, '..')].map((one) => statSync(one).mode & 0o777)).toEqual([0o700, 0o700]);
  });

  it('keeps answers out of git, and an ignore file of its own as it is', () => {
    const folder = makeFolder();
    keepOutOfGit(folder);
    expect(readFileSync(join(folder, '.gitignore'), 'utf8')).toBe('*\n');
    writeFileSync(join(folder, '.gitignore'), 'mine\n');
    keepOutOfGit(folder);
    expect(readFileSync(join(folder, '.gitignore'), 'utf8')).toBe('mine\n');
  });
});

describe('an output folder', () => {
  it('is refused when it is the baseline, however it is written', () => {
    const folder = makeFolder();
    const request = { outDir: folder, baselineDir: join(folder, '.', 'x', '..') };
    expect(() => refuseBaselineAsOut(request)).toThrow(/another folder than a baseline/);
  });

  it('is refused when a link leads from it to the baseline or to the answers', () => {
    const folder = makeFolder();
    const link = join(makeFolder(), 'link');
    symlinkSync(folder, link);
    expect(() => refuseBaselineAsOut({ outDir: link, baselineDir: folder })).toThrow(/the folder of --base/);
    for (const stateDir of [folder, join(folder, 'not', 'yet')])
      expect(() => refuseStateAsOut({ outDir: link, stateDir })).toThrow(/a folder apart from --out/);
    expect(() => refuseStateAsOut({ outDir: link, stateDir: makeFolder() })).not.toThrow();
  });

  it('is refused when it holds an accepted baseline, and fine otherwise', () => {
    const folder = makeFolder();
    expect(() => refuseBaselineAsOut({ outDir: folder, baselineDir: makeFolder() })).not.toThrow();
    writeFileSync(join(folder, 'accepted.json'), '{}');
    expect(() => refuseBaselineAsOut({ outDir: folder })).toThrow(/accepted\.json/);
  });
});
