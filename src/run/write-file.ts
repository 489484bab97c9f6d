import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { diskWords } from '../config/disk-words.ts';
import { EvidenceError } from '../config/errors.ts';
import { makeFolder } from '../config/make-folder.ts';

/**
 * Writes a file in one step: a kill, or a disk that is full, leaves the old one, or none, or the new one.
 *
 * @param mode who may read it; anyone unless given
 * @returns its path
 * @throws EvidenceError FILE_NOT_WRITTEN
 */
export function writeWhole(file: string, text: string, mode = 0o666): string {
  try {
    replaceFile(file, text, mode);
    return file;
  } catch (cause) {
    throw notWritten(file, cause);
  }
}

/**
 * The same, for a caller that tells what the disk says in words of its own.
 *
 * @throws what the disk says
 */
export function replaceFile(file: string, text: string, mode: number): void {
  const unfinished = `${file}.new`;
  try {
    makeFolder(dirname(file));
    // A link that waits here would be followed: it goes, and a new one makes the write fail.
    rmSync(unfinished, { force: true });
    writeFileSync(unfinished, text, { flag: 'wx', mode });
    renameSync(unfinished, file);
  } catch (cause) {
    rmSync(unfinished, { force: true });
    throw cause;
  }
}

function notWritten(file: string, cause: unknown): EvidenceError {
  return new EvidenceError(
    {
      code: 'FILE_NOT_WRITTEN',
      where: file,
      expected: 'a disk that takes the run’s files',
      got: diskWords(cause),
      remedy: 'make room, then start the same command again: what was answered is kept',
    },
    { cause },
  );
}
