import { describeError } from '../config/errors.ts';
import type { Policy } from '../config/policy.ts';
import { parsePolicy } from '../config/read-policy.ts';
import { differencesBetween, type Problem } from '../receipt/difference.ts';
import { publicPolicy } from '../receipt/policy-record.ts';
import type { GatedFile } from './gated-files.ts';
import type { CommitFiles, GitEntry } from './git-files.ts';
import { maxPolicyBytes } from './trusted-files.ts';

/** What a head does to one file of its own gate; it takes effect after the merge. */
export interface FileChange {
  readonly path: string;
  readonly role: string;
  readonly change: string;
}

/** What the head would make of the policy. */
export type PolicyChange =
  | { readonly kind: 'same' }
  /** `expected` is the trusted value, `found` the head's. */
  | { readonly kind: 'keys'; readonly keys: readonly Problem[]; readonly policy: Policy }
  | { readonly kind: 'unusable'; readonly reason: string };

export interface GateChanges {
  readonly files: readonly FileChange[];
  readonly policy: PolicyChange;
}

/** Compares the head's gate with the trusted one, by the hashes in their trees; only the policy is read. */
export async function readGateChanges(input: {
  readonly trusted: CommitFiles;
  readonly head: CommitFiles;
  readonly gated: readonly GatedFile[];
  readonly policy: Policy;
}): Promise<GateChanges> {
  const { trusted, head } = input;
  const files: FileChange[] = [];
  let policy: PolicyChange = { kind: 'same' };
  for (const { path, role } of input.gated) {
    const [before, after] = [await trusted.find(path), await head.find(path)];
    const change = changeOf(before, after);
    if (change === null) continue;
    files.push({ path, role, change });
    if (role === 'policy')
      policy = await readPolicyChange({ head, path, entry: after, trusted: input.policy });
  }
  return { files, policy };
}

/** Whether two entries hold the same; a mode that makes a file executable changes nothing here. */
export function changeOf(before: GitEntry | null, after: GitEntry | null): string | null {
  if (before === null && after === null) return null;
  if (before === null) return 'added';
  if (after === null) return 'removed (or renamed)';
  if (before.sha === after.sha && before.kind === after.kind) return null;
  const words = { file: 'changed', folder: 'becomes a folder', link: 'becomes a symbolic link' } as const;
  if (after.kind === 'submodule') return 'becomes a submodule';
  return after.kind === 'unknown' ? 'becomes something else' : words[after.kind];
}

async function readPolicyChange(input: {
  readonly head: CommitFiles;
  readonly path: string;
  readonly entry: GitEntry | null;
  readonly trusted: Policy;
}): Promise<PolicyChange> {
  const { head, path, entry, trusted } = input;
  if (entry === null) return { kind: 'unusable', reason: 'there is no policy at this path any more' };
  try {
    const text = (await head.read(entry, maxPolicyBytes)).toString('utf8');
    const policy = parsePolicy(text, path);
    return {
      kind: 'keys',
      policy,
      keys: differencesBetween(publicPolicy(trusted), publicPolicy(policy), ''),
    };
  } catch (error) {
    // The head's own fault, which says nothing about the release: the trusted policy judges it all the same.
    return { kind: 'unusable', reason: describeError(error) };
  }
}
