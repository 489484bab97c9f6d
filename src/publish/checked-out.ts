import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError } from '../config/errors.ts';

/**
 * Holds a checkout to the job's own commit, on events whose jobs strangers may start (`workflow_run`, `issue_comment`):
 * a workflow that checks out a pull request there has the pull request's own gate in the workspace. A folder without
 * `.git` is not known to be a checkout; no commit can bring one.
 *
 * @param commit `GITHUB_SHA`, the commit whose workflow runs
 * @throws ConfigError CHECKOUT_FOREIGN
 */
export function requireOwnCheckout(workspace: string, commit: string | undefined): void {
  const git = join(workspace, '.git');
  if (commit === undefined || commit === '' || !existsSync(git)) return;
  const found = readHead(git);
  if (found === commit) return;
  throw new ConfigError({
    code: 'CHECKOUT_FOREIGN',
    where: 'the checked-out commit, whose policy would judge',
    expected: `${commit.slice(0, 12)}, the job’s own`,
    got: found === null ? 'one that cannot be told' : found.slice(0, 12),
    remedy:
      'check out nothing else before this step; give the pull request’s number as `pull-request:`, or a protected branch as `trusted-ref:`',
  });
}

const sha = /^([0-9a-f]{40}|[0-9a-f]{64})$/;

/** The commit that HEAD names, by itself or through a branch; null where it names none that can be read. */
function readHead(git: string): string | null {
  const head = readLine(join(git, 'HEAD'));
  const [, ref] = /^ref: (refs\/.+)$/.exec(head) ?? [];
  const found = ref === undefined ? head : readLine(join(git, ref)) || readPacked(git, ref);
  return sha.test(found) ? found : null;
}

function readPacked(git: string, ref: string): string {
  const line = readText(join(git, 'packed-refs'))
    .split('\n')
    .find((one) => one.endsWith(` ${ref}`));
  return line?.split(' ')[0] ?? '';
}

function readLine(file: string): string {
  return readText(file).split('\n')[0]?.trim() ?? '';
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
