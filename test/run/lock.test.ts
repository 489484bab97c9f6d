import { existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lockFolder } from '../../src/run/lock.ts';
import { makeFolder } from './small-gate.ts';

const gone = 4_194_999;
function locked(holder: string): { readonly folder: string; readonly file: string } {
  const folder = makeFolder();
  const file = join(folder, 'lock');
  writeFileSync(file, holder);
  return { folder, file };
}

describe('a lock that names its host', () => {
  it.each([gone, process.pid])('holds where the host is another one, whatever runs here (%d)', (pid) => {
    const { folder, file } = locked(`${pid} gpu-node-7.example`);
    expect(() => lockFolder(folder)).toThrow(
      expect.objectContaining({
        code: 'STATE_IN_USE',
        complaints: [
          expect.objectContaining({
            got: 'a lock of a process on the host gpu-node-7.example, which cannot be seen from here',
            remedy: expect.stringContaining(`remove ${file} if no run is under way there`),
          }),
        ],
      }),
    );
    expect(readFileSync(file, 'utf8')).toBe(`${pid} gpu-node-7.example`);
  });

  it('holds where its process runs on this host', () => {
    const { folder } = locked(`${process.ppid} ${hostname()}`);
    expect(() => lockFolder(folder)).toThrow(
      expect.objectContaining({
        complaints: [expect.objectContaining({ got: 'a lock of a running process' })],
      }),
    );
  });

  it('is taken over where its process on this host is gone', () => {
    const { folder, file } = locked(`${gone} ${hostname()}`);
    const unlock = lockFolder(folder);
    expect(readFileSync(file, 'utf8')).toBe(`${process.pid} ${hostname()}`);
    unlock();
    expect(existsSync(file)).toBe(false);
  });

  it('holds, and is not read, where a link leads to what never ends', () => {
    const folder = makeFolder();
    symlinkSync('/dev/zero', join(folder, 'lock'));
    expect(() => lockFolder(folder)).toThrow('a lock of a running process');
  });

  it('is one of ours or none: no other text reaches the message', () => {
    const { folder } = locked(`${gone} <b>two words</b>`);
    lockFolder(folder)();
  });
});
