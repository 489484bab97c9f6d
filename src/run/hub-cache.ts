import { chmodSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ConfigError } from '../config/errors.ts';
import type { HubFile } from '../config/hub-file.ts';
import { makeFolder } from '../config/make-folder.ts';
import { sha256 as hashOf } from '../receipt/digest.ts';

/** A file's place in the cache: by its content, and by its own name, which tells CSV from JSONL. */
export function cachedFile(cacheDir: string, { file }: HubFile, sha256: string): string {
  return join(cacheDir, sha256, file.slice(file.lastIndexOf('/') + 1));
}

/** @returns the bytes, or why there are none: a copy whose content is not its name's is no copy */
export function readCached(file: string, sha256: string): Buffer | 'none' | 'changed' {
  if (!existsSync(file)) return 'none';
  try {
    const bytes = readFileSync(file);
    return hashOf(bytes) === sha256 ? bytes : 'changed';
  } catch (cause) {
    throw unusable(file, 'a file that can be read', cause);
  }
}

/** Whole or not at all, and its owner's alone: what is fetched may be harmful text. */
export function writeCached(file: string, bytes: Buffer): void {
  const folder = dirname(file);
  const own = `${file}.${process.pid}.new`;
  try {
    makeFolder(folder, 0o700);
    chmodSync(dirname(folder), 0o700);
    rmSync(own, { force: true });
    writeFileSync(own, bytes, { mode: 0o600, flag: 'wx' });
    renameSync(own, file);
  } catch (cause) {
    throw unusable(folder, 'a folder that takes the file', cause);
  }
}

function unusable(where: string, expected: string, cause: unknown): ConfigError {
  const got = cause instanceof Error && 'code' in cause ? String(cause.code) : 'a failure';
  const remedy = 'make room or give access there, or set XDG_CACHE_HOME to another folder';
  return new ConfigError({ code: 'HUB_CACHE_UNUSABLE', where, expected, got, remedy }, { cause });
}
