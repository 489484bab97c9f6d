import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { requireOwnCheckout } from '../../src/publish/checked-out.ts';
import { refusalOf } from '../config/complaints.ts';

const other = 'd'.repeat(40);

/** A checkout with two commits on `main`. */
function checkout() {
  const folder = mkdtempSync(join(tmpdir(), 'mixgate-checkout-'));
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b.c', ...args], {
      cwd: folder,
      encoding: 'utf8',
      stdio: 'pipe',
    }).trim();
  git('init', '-q', '-b', 'main');
  git('commit', '-q', '--allow-empty', '-m', 'one');
  git('commit', '-q', '--allow-empty', '-m', 'two');
  return { folder, git, head: git('rev-parse', 'HEAD'), before: git('rev-parse', 'HEAD~1') };
}

describe('requireOwnCheckout', () => {
  it('takes the job’s own commit, on a branch, packed, or detached', () => {
    const { folder, git, head } = checkout();
    requireOwnCheckout(folder, head);
    git('pack-refs', '--all');
    requireOwnCheckout(folder, head);
    git('checkout', '-q', '--detach');
    requireOwnCheckout(folder, head);
    expect(() => requireOwnCheckout(folder, other)).toThrow('the job’s own');
  });

  it('refuses another commit, on a branch, packed, or detached', () => {
    const { folder, git, head, before } = checkout();
    const refused = () => refusalOf(() => requireOwnCheckout(folder, head)).complaints[0]?.got;
    git('checkout', '-q', '-b', 'head-of-a-pull-request', before);
    expect(refused()).toBe(before.slice(0, 12));
    git('pack-refs', '--all');
    expect(refused()).toBe(before.slice(0, 12));
    git('checkout', '-q', '--detach');
    expect(refused()).toBe(before.slice(0, 12));
  });

  it('refuses a checkout whose commit cannot be told', () => {
    const folder = mkdtempSync(join(tmpdir(), 'mixgate-checkout-'));
    mkdirSync(join(folder, '.git'));
    writeFileSync(join(folder, '.git/HEAD'), 'ref: refs/heads/none\n');
    expect(() => requireOwnCheckout(folder, other)).toThrow('cannot be told');
  });

  it('says nothing of a folder that is no checkout, and outside of GitHub', () => {
    requireOwnCheckout(mkdtempSync(join(tmpdir(), 'mixgate-checkout-')), other);
    requireOwnCheckout(checkout().folder, undefined);
  });
});
