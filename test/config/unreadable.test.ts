import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readNamedFile } from '../../src/config/read-named-file.ts';

describe('a file that cannot be read', () => {
  it.each([
    [tmpdir(), 'a folder', 'name the file itself with --policy'],
    [join(tmpdir(), 'mixgate no such'), 'no such file', 'correct --policy, or create the file'],
    ['/dev/zero', 'a device or a pipe, which may never end', 'correct --policy, or create the file'],
    ['/dev/null/x', 'no such file', 'correct --policy, or create the file'],
  ])('%s: says what is there', (path, got, remedy) => {
    expect(() => readNamedFile(path, { what: 'a policy file', named: '--policy' })).toThrow(
      expect.objectContaining({
        name: 'ConfigError',
        code: 'FILE_UNREADABLE',
        complaints: [{ code: 'FILE_UNREADABLE', where: path, expected: 'a policy file', got, remedy }],
      }),
    );
  });
});
