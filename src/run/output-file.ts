import { closeSync, existsSync, openSync, readSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { diskWords } from '../config/disk-words.ts';
import { ConfigError } from '../config/errors.ts';
import { makeFolder } from '../config/make-folder.ts';

/**
 * Writes a page that the user named; its folder is made where it is missing. An earlier page is replaced, and nothing
 * else: a receipt, a ledger or a policy in its place would be lost.
 *
 * @param named the option or argument that names it
 * @throws ConfigError OUTPUT_UNWRITABLE, OUTPUT_TAKEN
 */
export function writePage(file: string, html: string, named: string): void {
  orUnwritable(file, named, () => {
    makeFolder(dirname(file));
    if (existsSync(file) && !isPage(file)) throw taken(file, named);
    writeFileSync(file, html);
  });
}

const pageStart = '<!doctype html>';

function isPage(file: string): boolean {
  const found = statSync(file);
  // Writing to a folder says so itself.
  if (!found.isFile()) return found.isDirectory();
  const start = Buffer.alloc(pageStart.length);
  const opened = openSync(file, 'r');
  try {
    const length = readSync(opened, start);
    return length === 0 || start.toString('latin1').toLowerCase() === pageStart;
  } finally {
    closeSync(opened);
  }
}

function taken(file: string, named: string): ConfigError {
  return new ConfigError({
    code: 'OUTPUT_TAKEN',
    where: `${named} ${file}`,
    expected: 'no file yet, or an earlier page',
    got: 'something else, which would be lost',
    remedy: `name another ${named}`,
  });
}

/** Does work on the disk whose failure is the user's to mend. @throws ConfigError OUTPUT_UNWRITABLE */
export function orUnwritable(path: string, named: string, work: () => void): void {
  try {
    work();
  } catch (cause) {
    if (cause instanceof ConfigError || !(cause instanceof Error && 'code' in cause)) throw cause;
    throw new ConfigError(
      {
        code: 'OUTPUT_UNWRITABLE',
        where: `${named} ${path}`,
        expected: 'a place that can be written to',
        got: diskWords(cause),
        remedy: `name another ${named}, or make room there`,
      },
      { cause },
    );
  }
}
