import { existsSync, mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/**
 * Makes a folder, and those above it that are missing; one that is there stays as it is. Node's own way to do so goes
 * on for ever where a folder that is there says of a new one in it that there is no such place, as /proc does.
 *
 * @throws what the disk says, EEXIST where a file stands in its place
 */
export function makeFolder(folder: string, mode = 0o777): void {
  const path = resolve(folder);
  const parent = dirname(path);
  if (existsSync(path)) {
    // Tells a file in its place, and makes nothing.
    mkdirSync(path, { recursive: true, mode });
    return;
  }
  if (parent !== path && !existsSync(parent)) makeFolder(parent, mode);
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    // Another process may have made it just now.
    if (!existsSync(path)) throw error;
    mkdirSync(path, { recursive: true, mode });
  }
}
