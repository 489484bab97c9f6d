import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { basename, join, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type Complaint, ConfigError } from '../config/errors.ts';
import { type ModelFile, rootDigest } from '../receipt/model-digest.ts';

/** What model signing leaves out of a model's folder: its own signature, and git's files. */
const leftOut = new Set(['model.sig', '.git', '.gitattributes', '.github', '.gitignore']);

/** The digest of a model, and those of its files. */
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
    const remedy = 'make it readable for this user';
    throw unusable('MODEL_UNREADABLE', { where, got: String(cause.code), remedy }, cause);
  }
}

async function hashAll(path: string): Promise<ModelDigest> {
  const remedy = 'correct the path';
  if (!existsSync(path)) throw unusable('MODEL_UNREADABLE', { where: path, got: 'no such file', remedy });
  const root = realpathSync(path);
  const stat = statSync(root);
  if (!stat.isFile() && !stat.isDirectory())
    throw unusable('MODEL_UNREADABLE', { where: path, got: 'neither file nor folder', remedy });
  const names = stat.isDirectory() ? listFiles({ root, folder: root, below: '', trail: [] }) : [''];
  if (names.length === 0) {
    const named = 'name the folder with the weights';
    throw unusable('MODEL_EMPTY', { where: path, got: 'a folder without files', remedy: named });
  }
  const files: ModelFile[] = [];
  for (const name of names) {
    const sha256 = await hashFile(name === '' ? root : join(root, name));
    files.push({ name: name === '' ? basename(path) : name, sha256 });
  }
  return { digest: `sha256:${rootDigest(files)}`, files };
}

/** A folder to list, below the model's root. */
interface Listing {
  readonly root: string;
  readonly folder: string;
  /** The folder's name below the root. */
  readonly below: string;
  /** The real folders above: a link to one of them has no end. */
  readonly trail: readonly string[];
}

function listFiles({ root, folder, below, trail }: Listing): string[] {
  const above = [...trail, folder];
  return readdirSync(folder).flatMap((entry) => {
    const name = below === '' ? entry : `${below}/${entry}`;
    if (below === '' && leftOut.has(entry)) return [];
    const real = resolveInside(root, { path: join(folder, entry), name });
    const stat = statSync(real);
    if (stat.isFile()) return [name];
    if (!stat.isDirectory()) {
      const got = 'neither file nor folder';
      throw unusable('MODEL_UNREADABLE', { where: name, got, remedy: 'remove it' });
    }
    if (above.includes(real)) throw leaves(name, 'a folder that holds the link itself');
    return listFiles({ root, folder: real, below: name, trail: above });
  });
}

function resolveInside(
  root: string,
  { path, name }: { readonly path: string; readonly name: string },
): string {
  let real: string;
  try {
    real = realpathSync(path);
  } catch (cause) {
    const got = 'a link to nowhere';
    throw unusable('MODEL_UNREADABLE', { where: name, got, remedy: 'restore the file' }, cause);
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

function unusable(
  code: string,
  problem: Pick<Complaint, 'where' | 'got' | 'remedy'>,
  cause?: unknown,
): ConfigError {
  return new ConfigError({ code, expected: 'a model’s folder or file', ...problem }, { cause });
}
