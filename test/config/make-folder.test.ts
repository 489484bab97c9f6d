import { mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeFolder } from '../../src/config/make-folder.ts';

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'mixgate-make-'));
});
afterAll(() => rmSync(root, { recursive: true }));

describe('makeFolder', () => {
  it('makes all that is missing, and leaves what is there', () => {
    const folder = join(root, 'a', 'b', 'c');
    mkdirSync(join(root, 'a'), { mode: 0o750 });
    makeFolder(folder, 0o700);
    makeFolder(folder);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(statSync(join(root, 'a')).mode & 0o777).toBe(0o750);
  });

  it.each(['/proc/mixgate', '/proc/mixgate/below'])(
    'ends with an error where no folder can be made: %s',
    (folder) => {
      expect(() => makeFolder(folder)).toThrow(expect.objectContaining({ code: expect.any(String) }));
    },
  );

  it('tells a file in its place, on its way, and a link to nowhere', () => {
    const file = join(root, 'file');
    writeFileSync(file, '');
    symlinkSync(join(root, 'nowhere'), join(root, 'link'));
    for (const [folder, code] of [
      [file, 'EEXIST'],
      [join(file, 'below'), 'ENOTDIR'],
      [join(root, 'link'), 'EEXIST'],
    ] as const) {
      expect(() => makeFolder(folder)).toThrow(expect.objectContaining({ code }));
    }
  });
});
