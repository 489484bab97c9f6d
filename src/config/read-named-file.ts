import { readFileSync, statSync } from 'node:fs';
import { ConfigError } from './errors.ts';
import { type FileUse, unreadable } from './unreadable.ts';

/**
 * Reads a file that the user named.
 *
 * @throws ConfigError FILE_UNREADABLE or FILE_EMPTY, naming what the file was for and where it was named
 */
export function readNamedFile(path: string, { what, named }: FileUse): Buffer {
  let bytes: Buffer;
  try {
    refuseEndless(path);
    if (statSync(path).size > maxBytes) throw coded('EFBIG');
    bytes = readFileSync(path);
  } catch (cause) {
    throw unreadable(path, { what, named }, cause);
  }
  if (bytes.toString('utf8').trim() !== '') return bytes;
  throw new ConfigError({
    code: 'FILE_EMPTY',
    where: path,
    expected: what,
    got: 'an empty file',
    remedy: `fill the file, or correct ${named}`,
  });
}

/** Longer texts than this Node cannot make; nothing of ours comes near. */
const maxBytes = 536_000_000;

/**
 * A link in somebody's artifact, or in a checkout, may lead to a device that fills all memory, or to a pipe that waits.
 *
 * @throws Error ENOTFILE, or what the disk says; `unreadable` has the words for it
 */
export function refuseEndless(path: string): void {
  const file = statSync(path);
  if (!file.isFile() && !file.isDirectory()) throw coded('ENOTFILE');
}

function coded(code: string): Error {
  return Object.assign(new Error(code), { code });
}
