/** What a disk says that refuses, by Node's code. */
const words: ReadonlyMap<string, string> = new Map([
  ['EEXIST', 'a file where a folder should be'],
  ['ENOTDIR', 'a file where a folder should be'],
  ['EISDIR', 'a folder in its place'],
  ['ENOENT', 'a place that takes neither files nor folders'],
  ['ELOOP', 'links that lead in a circle'],
  ['EACCES', 'a place that may not be written to'],
  ['EPERM', 'a place that may not be written to'],
  ['EROFS', 'a disk that can only be read'],
  ['ENOSPC', 'a full disk'],
  ['EDQUOT', 'a full disk'],
  ['ENAMETOOLONG', 'a name that is too long'],
]);

/**
 * What went wrong with a write, in words; Node's code where there are none for it.
 *
 * @param cause what the write threw
 */
export function diskWords(cause: unknown): string {
  if (!(cause instanceof Error && 'code' in cause)) return 'a failed write';
  const code = String(cause.code);
  return words.get(code) ?? code;
}
