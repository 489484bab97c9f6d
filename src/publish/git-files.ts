import { createHash } from 'node:crypto';
import { z } from 'zod';
import { ConfigError } from '../config/errors.ts';
import { show } from '../config/show.ts';
import { failureOf, type Octokit, type Repository, repositoryOf } from './octokit.ts';

/** What stands at a path of a commit; `path` is the place of a link or submodule on the way there. */
export interface GitEntry {
  readonly path: string;
  readonly kind: 'file' | 'link' | 'submodule' | 'folder' | 'unknown';
  readonly sha: string;
  /** In bytes; 0 where GitHub does not say. */
  readonly size: number;
}

/** The files of one commit as GitHub holds them, whatever lies in a checkout. */
export interface CommitFiles {
  readonly commit: string;
  /** What stands at a path of the repository (`a/b.yml`), or null. */
  find(path: string): Promise<GitEntry | null>;
  /**
   * A regular file's bytes, held to the hash in the commit's tree.
   *
   * @throws ConfigError GIT_NOT_A_FILE, GIT_TOO_LARGE, GIT_LFS or GIT_CHANGED
   */
  read(entry: GitEntry, maxBytes: number): Promise<Buffer>;
}

const sha = z.string().regex(/^([0-9a-f]{40}|[0-9a-f]{64})$/);
const treeSchema = z.object({
  truncated: z.boolean(),
  tree: z.array(
    z.object({ path: z.string(), mode: z.string(), sha, size: z.int().min(0).nullish().default(0) }),
  ),
});
const blobSchema = z.object({ content: z.string(), encoding: z.literal('base64') });
const refSchema = z.object({ object: z.object({ sha, type: z.string() }) });
type Tree = z.infer<typeof treeSchema>['tree'];

const kinds: Readonly<Record<string, GitEntry['kind']>> = {
  '100644': 'file',
  '100755': 'file',
  '120000': 'link',
  '160000': 'submodule',
  '040000': 'folder',
};

/** Opens a commit by its full hash. */
export function openCommit(octokit: Octokit, repository: string, commit: string): CommitFiles {
  const place = repositoryOf(repository);
  const trees = new Map<string, Promise<Tree>>();
  const readTree = (tree: string) => {
    const known = trees.get(tree) ?? fetchTree(octokit, { ...place, tree });
    trees.set(tree, known);
    return known;
  };
  return {
    commit,
    find: (path) => findEntry(readTree, commit, path),
    read: async (entry, maxBytes) => {
      requireReadable(entry, maxBytes, commit);
      const bytes = await fetchBlob(octokit, { ...place, blob: entry.sha });
      return requireContent(entry, bytes, commit);
    },
  };
}

/**
 * The commit that a branch or tag names now, or the hash that was given.
 *
 * @throws ConfigError GIT_UNREADABLE where there is none
 */
export async function resolveRef(octokit: Octokit, repository: string, ref: string): Promise<string> {
  if (sha.safeParse(ref).success) return ref;
  const where = `input trusted-ref ${show(ref)}`;
  const { object } = await ask(where, refSchema, () =>
    octokit.rest.git.getRef({
      ...repositoryOf(repository),
      ref: ref.replace(/^refs\//, '').replace(/^(?!heads\/)/, 'heads/'),
    }),
  );
  return object.sha;
}

async function fetchTree(
  octokit: Octokit,
  { tree, ...place }: Repository & { readonly tree: string },
): Promise<Tree> {
  const parsed = await ask(`commit or folder ${tree}`, treeSchema, () =>
    octokit.rest.git.getTree({ ...place, tree_sha: tree }),
  );
  if (!parsed.truncated) return parsed.tree;
  throw new ConfigError({
    code: 'GIT_TOO_LARGE',
    where: `folder ${tree}`,
    expected: 'a folder that GitHub lists whole',
    got: 'a list cut short',
    remedy: 'keep the gate’s files in a folder of their own',
  });
}

async function findEntry(
  readTree: (tree: string) => Promise<Tree>,
  commit: string,
  path: string,
): Promise<GitEntry | null> {
  const steps = path.split('/');
  let tree = commit;
  for (const [index, step] of steps.entries()) {
    const found = (await readTree(tree)).find((one) => one.path === step);
    if (found === undefined) return null;
    const kind = kinds[found.mode] ?? 'unknown';
    const here = steps.slice(0, index + 1).join('/');
    const isLast = index === steps.length - 1;
    // Neither a link nor a submodule is followed: what it shows is not what the commit holds.
    if (isLast || kind !== 'folder') {
      return !isLast && kind === 'file' ? null : { path: here, kind, sha: found.sha, size: found.size ?? 0 };
    }
    tree = found.sha;
  }
  return null;
}

async function fetchBlob(
  octokit: Octokit,
  { blob, ...place }: Repository & { readonly blob: string },
): Promise<Buffer> {
  const { content } = await ask(`blob ${blob}`, blobSchema, () =>
    octokit.rest.git.getBlob({ ...place, file_sha: blob }),
  );
  return Buffer.from(content, 'base64');
}

const entryWords: Readonly<Record<GitEntry['kind'], string>> = {
  file: 'a file',
  link: 'a symbolic link',
  submodule: 'a submodule',
  folder: 'a folder',
  unknown: 'something else',
};

function requireReadable({ path, kind, size }: GitEntry, maxBytes: number, commit: string): void {
  if (kind !== 'file') {
    throw new ConfigError({
      code: 'GIT_NOT_A_FILE',
      where: at(path, commit),
      expected: 'a regular file',
      got: entryWords[kind],
      remedy: 'commit the file itself',
    });
  }
  if (size <= maxBytes) return;
  throw new ConfigError({
    code: 'GIT_TOO_LARGE',
    where: at(path, commit),
    expected: `at most ${maxBytes} bytes`,
    got: String(size),
    remedy: 'cut the file, or keep a large pool on the runner and name it by its absolute path',
  });
}

const lfsPointer = 'version https://git-lfs.github.com/spec/';

function requireContent(entry: GitEntry, bytes: Buffer, commit: string): Buffer {
  if (blobSha(bytes, entry.sha.length) !== entry.sha) {
    throw new ConfigError({
      code: 'GIT_CHANGED',
      where: at(entry.path, commit),
      expected: `the content of blob ${entry.sha}`,
      got: 'other bytes',
      remedy: 'run the job again; a proxy may have changed the answer',
    });
  }
  if (!bytes.subarray(0, lfsPointer.length).equals(Buffer.from(lfsPointer))) return bytes;
  throw new ConfigError({
    code: 'GIT_LFS',
    where: at(entry.path, commit),
    expected: 'the file itself',
    got: 'a Git LFS pointer',
    remedy: 'take it out of LFS, or keep it on the runner and name it by its absolute path',
  });
}

/** A blob's hash as Git takes it; 40 digits are SHA-1, 64 SHA-256. */
export function blobSha(bytes: Buffer, digits: number): string {
  return createHash(digits === 64 ? 'sha256' : 'sha1')
    .update(`blob ${bytes.length}\0`)
    .update(bytes)
    .digest('hex');
}

function at(path: string, commit: string): string {
  return `${path} at commit ${commit.slice(0, 12)}`;
}

/** Without these files there is no gate: what GitHub answers instead is an error, never an absence. */
async function ask<T>(
  what: string,
  schema: z.ZodType<T>,
  request: () => Promise<{ data: unknown }>,
): Promise<T> {
  try {
    return schema.parse((await request()).data);
  } catch (cause) {
    const { status, message } = failureOf(cause);
    const said = message.replace(/\s+/g, ' ').slice(0, 200);
    throw new ConfigError(
      {
        code: 'GIT_UNREADABLE',
        where: what,
        expected: 'an answer of GitHub’s Git data API',
        got: status === 0 ? said : `${status}: ${said}`,
        remedy: 'add `contents: read` to the `permissions:` of the job, and check that the commit exists',
      },
      { cause },
    );
  }
}
