import { symlinkSync, writeFileSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { ConfigError } from '../config/errors.ts';
import { makeFolder } from '../config/make-folder.ts';
import type { Policy } from '../config/policy.ts';
import { parsePolicy } from '../config/read-policy.ts';
import { parseWaiver } from '../config/waiver.ts';
import { type GatedFile, type GatedNames, inRepository, listGatedFiles } from './gated-files.ts';
import type { CommitFiles } from './git-files.ts';
import { isInside } from './inside.ts';

/** No policy, card or candidate comes near these; a pool that does belongs onto the runner. */
export const maxPolicyBytes = 1_000_000;
const maxFileBytes = 50_000_000;
const maxTotalBytes = 400_000_000;

/** The trusted commit's gate, laid out on the disk as in a checkout. */
export interface TrustedFiles {
  readonly commit: string;
  readonly policy: Policy;
  readonly gated: readonly GatedFile[];
}

/** Where a path of the workspace stands in the private folder: `..` leads to the same places from both. */
export function mirrorOf(folder: string, path: string): string {
  return join(folder, path);
}

/**
 * Writes the files of a gate, as the trusted commit has them, into a private folder that mirrors the workspace. Files
 * outside of the repository are linked: the user's private pools are read from the runner as they stand.
 *
 * @throws ConfigError on a file that is missing at the commit, or is none (link, submodule, LFS pointer, too large)
 */
export async function writeTrustedFiles(input: {
  readonly files: CommitFiles;
  readonly names: GatedNames;
  readonly workspace: string;
  readonly folder: string;
}): Promise<TrustedFiles> {
  const { files, names, workspace, folder } = input;
  const at = (path: string) => mirrorOf(folder, join(workspace, path));
  const first = await readGated(
    files,
    { path: names.policy, role: 'policy', required: true },
    maxPolicyBytes,
  );
  const text = first?.toString('utf8') ?? '';
  const policy = parsePolicy(text, at(names.policy));
  const { inside, outside } = listGatedFiles(policy, names, workspace);
  let total = 0;
  const gated = (await isWithoutBaseline(files, policy, names))
    ? inside.map((file) => (file.role === 'baseline' ? { ...file, required: false } : file))
    : [...inside];
  // The list grows by the receipt that a waiver names, once the waiver is read.
  for (const file of gated) {
    const bytes = await readGated(files, file, maxFileBytes);
    if (bytes === undefined) continue;
    total += bytes.length;
    refuseTotal(total, files.commit);
    writePrivate(at(file.path), bytes);
    if (file.path === names.waiver) gated.push(...waivedReceipt(bytes, names.waiver, workspace));
  }
  for (const path of outside) linkTo(path, mirrorOf(folder, path));
  return { commit: files.commit, policy, gated };
}

/** A workflow names its baseline's folder from the first day on; the policy says `baseline: none` until it is there. */
async function isWithoutBaseline(files: CommitFiles, policy: Policy, names: GatedNames): Promise<boolean> {
  return (
    policy.baseline === 'none' && names.baseline !== undefined && (await files.find(names.baseline)) === null
  );
}

/** A waiver that cannot be read waives nothing, which is said where it is applied. */
function waivedReceipt(bytes: Buffer, waiver: string, workspace: string): GatedFile[] {
  try {
    const { receipt } = parseWaiver(bytes.toString('utf8'), waiver);
    if (receipt === undefined) return [];
    const absolute = resolve(dirname(join(workspace, waiver)), receipt);
    if (isAbsolute(receipt) || !isInside(absolute, workspace)) return [];
    return [{ path: inRepository(absolute, workspace), role: 'waived receipt', required: false }];
  } catch {
    return [];
  }
}

async function readGated(
  files: CommitFiles,
  { path, role, required }: GatedFile,
  maxBytes: number,
): Promise<Buffer | undefined> {
  const entry = await files.find(path);
  if (entry !== null) return await files.read(entry, maxBytes);
  if (!required) return undefined;
  throw new ConfigError({
    code: 'TRUSTED_MISSING',
    where: `${path} (${role}) at commit ${files.commit.slice(0, 12)}`,
    expected: 'a file on the trusted commit, which alone decides what is asked and allowed',
    got: 'none',
    remedy: 'merge the file first; what a pull request adds to its own gate takes effect after the merge',
  });
}

/** Writes a file for the owner of this process alone, and the folders that it lacks. */
export function writePrivate(path: string, bytes: Buffer): void {
  makeFolder(dirname(path), 0o700);
  writeFileSync(path, bytes, { mode: 0o600 });
}

function linkTo(path: string, link: string): void {
  makeFolder(dirname(link), 0o700);
  symlinkSync(path, link);
}

function refuseTotal(total: number, commit: string): void {
  if (total <= maxTotalBytes) return;
  throw new ConfigError({
    code: 'GIT_TOO_LARGE',
    where: `the gate’s files at commit ${commit.slice(0, 12)}`,
    expected: `at most ${maxTotalBytes} bytes together`,
    got: `more than ${total}`,
    remedy: 'keep large pools on the runner and name them by their absolute paths',
  });
}
