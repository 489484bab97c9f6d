import { readFileSync } from 'node:fs';
import { ConfigError } from './errors.ts';
import { unreadable } from './unreadable.ts';

/**
 * Reads a file that the user named.
 *
 * @throws ConfigError FILE_UNREADABLE or FILE_EMPTY, naming what the file was for and where it was named
 */
export function readNamedFile(path: string, what: string, named: string): Buffer {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    throw unreadable(path, what, named, cause);
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
