import { createHash } from 'node:crypto';
import { z } from 'zod';
import { blobSha } from '../../src/publish/git-files.ts';
import { sampleOf } from '../contract/sample.ts';
import type { Answer, Routes } from './github-server.ts';

/** A file of a commit: text, a link's target, or a submodule. */
export type TreeFile = string | Buffer | { readonly link: string } | { readonly submodule: string };

interface Entry {
  readonly path: string;
  readonly mode: string;
  readonly sha: string;
  readonly size?: number;
}

interface Commit {
  readonly sha: string;
  readonly tree: string;
  readonly parents: readonly string[];
  readonly message: string;
}

/** The objects and refs of a repository; hashes of blobs are Git's own, the others only as unique. */
export class GitStore {
  readonly blobs = new Map<string, Buffer>();
  readonly trees = new Map<string, readonly Entry[]>();
  readonly commits = new Map<string, Commit>();
  readonly refs = new Map<string, string>();

  /** Lays out a commit under a hash of the test's choice. */
  commit(sha: string, files: Readonly<Record<string, TreeFile>>): void {
    const tree = this.addTree(
      Object.entries(files).map(([path, file]) => [path.split('/'), this.entryOf(file)]),
    );
    this.commits.set(sha, { sha, tree, parents: [], message: 'files' });
  }

  /** The text of a file at a branch's head, or undefined. */
  read(branch: string, path: string): string | undefined {
    let tree = this.commits.get(this.refs.get(`refs/heads/${branch}`) ?? '')?.tree;
    let entry: Entry | undefined;
    for (const step of path.split('/')) {
      entry = this.trees.get(tree ?? '')?.find((one) => one.path === step);
      tree = entry?.sha;
    }
    return entry === undefined ? undefined : this.blobs.get(entry.sha)?.toString('utf8');
  }

  entryOf(file: TreeFile): Omit<Entry, 'path'> {
    if (typeof file === 'string' || Buffer.isBuffer(file)) return this.addBlob(Buffer.from(file), '100644');
    if ('link' in file) return this.addBlob(Buffer.from(file.link), '120000');
    return { mode: '160000', sha: file.submodule };
  }

  addBlob(bytes: Buffer, mode: string): Omit<Entry, 'path'> {
    const sha = blobSha(bytes, 40);
    this.blobs.set(sha, bytes);
    return { mode, sha, size: bytes.length };
  }

  addTree(
    files: readonly (readonly [readonly string[], Omit<Entry, 'path'>])[],
    base: readonly Entry[] = [],
  ): string {
    const entries = new Map(base.map((entry) => [entry.path, entry]));
    const folders = new Map<string, [readonly string[], Omit<Entry, 'path'>][]>();
    for (const [[name = '', ...rest], entry] of files) {
      if (rest.length === 0) entries.set(name, { path: name, ...entry });
      else folders.set(name, [...(folders.get(name) ?? []), [rest, entry]]);
    }
    for (const [name, inside] of folders) {
      const below = this.trees.get(entries.get(name)?.sha ?? '') ?? [];
      entries.set(name, { path: name, mode: '040000', sha: this.addTree(inside, below) });
    }
    const list = [...entries.values()];
    const sha = hash(['tree', list]);
    this.trees.set(sha, list);
    return sha;
  }
}

function hash(value: unknown): string {
  return createHash('sha1').update(JSON.stringify(value)).digest('hex');
}

const notFound: Answer = { status: 404, body: { message: 'Not Found' } };
const treeBody = z.object({
  base_tree: z.string().optional(),
  tree: z.array(z.object({ path: z.string(), mode: z.string(), content: z.string() })),
});
const commitBody = z.object({ message: z.string(), tree: z.string(), parents: z.array(z.string()) });
const refBody = z.object({ ref: z.string(), sha: z.string() });
const moveBody = z.object({ sha: z.string(), force: z.boolean().optional() });

/** Git's data API over a store; a ref moves only forwards. */
export function gitRoutes(store: GitStore): Routes {
  const git = '/repos/{owner}/{repo}/git';
  return {
    [`GET ${git}/trees/{tree_sha}`]: ({ tree_sha: sha = '' }) => {
      const tree = store.trees.get(store.commits.get(sha)?.tree ?? sha);
      if (tree === undefined) return notFound;
      const types: Readonly<Record<string, string>> = { '040000': 'tree', '160000': 'commit' };
      const shown = tree.map((one) => ({ ...one, type: types[one.mode] ?? 'blob' }));
      return { status: 200, body: sampleOf('git-tree', { sha, tree: shown, truncated: false }) };
    },
    [`GET ${git}/blobs/{file_sha}`]: ({ file_sha: sha = '' }) => {
      const bytes = store.blobs.get(sha);
      if (bytes === undefined) return notFound;
      // GitHub breaks base64 into lines.
      const content = bytes.toString('base64').replace(/.{60}/g, '$&\n');
      return {
        status: 200,
        body: sampleOf('blob', { sha, size: bytes.length, content, encoding: 'base64' }),
      };
    },
    [`GET ${git}/ref/{ref}`]: ({ ref = '' }) => {
      const sha = store.refs.get(`refs/${ref}`);
      return sha === undefined ? notFound : { status: 200, body: renderRef(`refs/${ref}`, sha) };
    },
    [`GET ${git}/commits/{commit_sha}`]: ({ commit_sha: sha = '' }) => {
      const commit = store.commits.get(sha);
      return commit === undefined ? notFound : { status: 200, body: renderCommit(commit) };
    },
    [`POST ${git}/trees`]: (_, body) => {
      const { base_tree: base, tree } = treeBody.parse(body);
      const files = tree.map(({ path, content }) => [path.split('/'), store.entryOf(content)] as const);
      const sha = store.addTree(files, store.trees.get(base ?? '') ?? []);
      return { status: 201, body: sampleOf('git-tree', { sha, truncated: false }) };
    },
    [`POST ${git}/commits`]: (_, body) => {
      const { message, tree, parents } = commitBody.parse(body);
      const commit = { sha: hash(['commit', message, tree, parents]), tree, parents, message };
      store.commits.set(commit.sha, commit);
      return { status: 201, body: renderCommit(commit) };
    },
    [`POST ${git}/refs`]: (_, body) => {
      const { ref, sha } = refBody.parse(body);
      if (store.refs.has(ref)) return unprocessable('Reference already exists');
      store.refs.set(ref, sha);
      return { status: 201, body: renderRef(ref, sha) };
    },
    [`PATCH ${git}/refs/{ref}`]: ({ ref = '' }, body) => {
      const { sha } = moveBody.parse(body);
      const parents = store.commits.get(sha)?.parents ?? [];
      if (!parents.includes(store.refs.get(`refs/${ref}`) ?? ''))
        return unprocessable('Update is not a fast forward');
      store.refs.set(`refs/${ref}`, sha);
      return { status: 200, body: renderRef(`refs/${ref}`, sha) };
    },
  };
}

function unprocessable(message: string): Answer {
  return { status: 422, body: { message, documentation_url: 'https://docs.github.com/rest' } };
}

function renderRef(ref: string, sha: string): unknown {
  return sampleOf('git-ref', { ref, object: { type: 'commit', sha, url: 'https://example.com/x' } });
}

function renderCommit({ sha, tree, parents, message }: Commit): unknown {
  const url = 'https://example.com/x';
  return sampleOf('git-commit', {
    sha,
    message,
    tree: { sha: tree, url },
    parents: parents.map((parent) => ({ sha: parent, url, html_url: url })),
  });
}
