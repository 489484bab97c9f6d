import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { basename, join, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ConfigError } from '../config/errors.ts';
import { type ModelFile, rootDigest } from '../receipt/model-digest.ts';

/** What model signing leaves out of a model's folder: its own signature, and git's files. */
const leftOut = new Set(['model.sig', '.git', '.gitattributes', '.github', '.gitignore']);

export interface ModelDigest {
  /** `sha256:` and 64 hexadecimal digits, as a candidate file states it. */
  readonly digest: string;
  readonly files: readonly ModelFile[];
}

/**
 * Hashes a model: a folder with all its files, or a single file. Links are followed where they stay inside.
 *
 * @throws ConfigError MODEL_UNREADABLE, MODEL_EMPTY, or MODEL_LINK_LEAVES: what stands elsewhere can change under the digest
 */
export async function hashModel(path: string): Promise<ModelDigest> {
  try {
    return await hashAll(path);
  } catch (cause) {
    if (cause instanceof ConfigError || !(cause instanceof Error && 'code' in cause)) throw cause;
    const where = 'path' in cause ? String(cause.path) : path;
    throw unusable('MODEL_UNREADABLE', where, String(cause.code), 'make it readable for this user', cause);
  }
}

async function hashAll(path: string): Promise<ModelDigest> {
  if (!existsSync(path)) throw unusable('MODEL_UNREADABLE', path, 'no such file', 'correct the path');
  const root = realpathSync(path);
  const stat = statSync(root);
  if (!stat.isFile() && !stat.isDirectory())
    throw unusable('MODEL_UNREADABLE', path, 'neither file nor folder', 'correct the path');
  const names = stat.isDirectory() ? listFiles(root, root, '') : [''];
  if (names.length === 0)
    throw unusable('MODEL_EMPTY', path, 'a folder without files', 'name the folder with the weights');
  const files: ModelFile[] = [];
  for (const name of names) {
    const sha256 = await hashFile(name === '' ? root : join(root, name));
    files.push({ name: name === '' ? basename(path) : name, sha256 });
  }
  return { digest: `sha256:${rootDigest(files)}`, files };
}

/** @param trail the real folders above: a link to one of them has no end */
function listFiles(root: string, folder: string, below: string, trail: readonly string[] = []): string[] {
  const above = [...trail, folder];
  return readdirSync(folder).flatMap((entry) => {
    const name = below === '' ? entry : `${below}/${entry}`;
    if (below === '' && leftOut.has(entry)) return [];
    const real = resolveInside(root, join(folder, entry), name);
    const stat = statSync(real);
    if (stat.isFile()) return [name];
    if (!stat.isDirectory()) throw unusable('MODEL_UNREADABLE', name, 'neither file nor folder', 'remove it');
    if (above.includes(real)) throw leaves(name, 'a folder that holds the link itself');
    return listFiles(root, real, name, above);
  });
}

function resolveInside(root: string, path: string, name: string): string {
  let real: string;
  try {
    real = realpathSync(path);
  } catch (cause) {
    throw unusable('MODEL_UNREADABLE', name, 'a link to nowhere', 'restore the file', cause);
  }
  if (real.startsWith(root + sep)) return real;
  throw leaves(name, 'a link that leaves the folder');
}

async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash);
  return hash.digest('hex');
}

function leaves(where: string, got: string): ConfigError {
  const remedy = 'copy the folder with its links resolved (cp -rL FROM TO), and name the copy';
  return new ConfigError({
    code: 'MODEL_LINK_LEAVES',
    where,
    expected: 'a file inside the model’s folder',
    got,
    remedy,
  });
}

function unusable(code: string, where: string, got: string, remedy: string, cause?: unknown): ConfigError {
  return new ConfigError({ code, where, expected: 'a model’s folder or file', got, remedy }, { cause });
}
