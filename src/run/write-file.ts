import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Writes a file in one step: a kill leaves the old one, or none, or the new one.
 *
 * @param mode who may read it; anyone unless given
 * @returns its path
 */
export function writeWhole(folder: string, name: string, text: string, mode = 0o666): string {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, name);
  // A link that waits here would be followed: it goes, and a new one makes the write fail.
  rmSync(`${file}.new`, { force: true });
  writeFileSync(`${file}.new`, text, { flag: 'wx', mode });
  renameSync(`${file}.new`, file);
  return file;
}
