import { ConfigError } from './errors.ts';

/** What a file that the user named is for. */
export interface FileUse {
  readonly what: string;
  /** The flag or input that named it. */
  readonly named: string;
}

/**
 * The error for a file that the user named and that cannot be read.
 *
 * @param cause what reading it threw
 */
export function unreadable(path: string, { what, named }: FileUse, cause: unknown): ConfigError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unreadable';
  const words = new Map([
    ['ENOENT', 'no such file'],
    ['ENOTDIR', 'no such file'],
    ['EISDIR', 'a folder'],
    ['EACCES', 'a file that may not be read'],
    ['ENOTFILE', 'a device or a pipe, which may never end'],
    ['EFBIG', 'a file that is too large'],
  ]);
  return new ConfigError(
    {
      code: 'FILE_UNREADABLE',
      where: path,
      expected: what,
      got: words.get(code) ?? code,
      remedy:
        code === 'EISDIR' ? `name the file itself with ${named}` : `correct ${named}, or create the file`,
    },
    { cause },
  );
}
