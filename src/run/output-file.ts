import { writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { ConfigError } from '../config/errors.ts';
import { makeFolder } from '../config/make-folder.ts';

/**
 * Writes a file that the user named; its folder is made where it is missing.
 *
 * @param named the option or argument that names it
 * @throws ConfigError OUTPUT_UNWRITABLE
 */
export function writeOutput(file: string, text: string, named: string): void {
  orUnwritable(file, named, () => {
    makeFolder(dirname(file));
    writeFileSync(file, text);
  });
}

/** Does work on the disk whose failure is the user's to mend. @throws ConfigError OUTPUT_UNWRITABLE */
export function orUnwritable(path: string, named: string, work: () => void): void {
  try {
    work();
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause)) throw cause;
    throw new ConfigError(
      {
        code: 'OUTPUT_UNWRITABLE',
        where: `${named} ${path}`,
        expected: 'a place that can be written to',
        got: wordsOf(String(cause.code)),
        remedy: `name another ${named}, or make room there`,
      },
      { cause },
    );
  }
}

function wordsOf(code: string): string {
  if (code === 'EISDIR') return 'a folder in its place';
  return code === 'EEXIST' || code === 'ENOTDIR' ? 'a file where a folder should be' : code;
}
