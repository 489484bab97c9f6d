import { createHash } from 'node:crypto';

/** A file of a model: its path below the model's folder, with slashes, and its SHA-256 in hexadecimal. */
export interface ModelFile {
  readonly name: string;
  readonly sha256: string;
}

/**
 * The root digest of a model: SHA-256 over the SHA-256 digests of its files, as bytes, in the order of their names.
 *
 * As the subject of an OpenSSF model signature, v1.0, with the method `files` and SHA-256 (github.com/sigstore/model-transparency,
 * `_signing/signing.py`). Names are compared part by part, as paths: `a/z` stands before `a-b`.
 */
export function rootDigest(files: readonly ModelFile[]): string {
  const hash = createHash('sha256');
  for (const { sha256 } of files.toSorted((a, b) => comparePaths(a.name, b.name))) {
    hash.update(Buffer.from(sha256, 'hex'));
  }
  return hash.digest('hex');
}

/** By code points, whatever the locale. */
function comparePaths(a: string, b: string): number {
  const [first, second] = [a.split('/'), b.split('/')];
  for (const [index, part] of first.entries()) {
    const other = second[index];
    if (other === undefined) return 1;
    const order = Buffer.compare(Buffer.from(part), Buffer.from(other));
    if (order !== 0) return order;
  }
  return first.length - second.length;
}
