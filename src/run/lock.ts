import { lstatSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { ConfigError } from '../config/errors.ts';
import { notWritten } from '../inference/journal.ts';

/**
 * Keeps a second process out of a state directory. A lock whose process is gone (a kill leaves one) is taken over;
 * on a shared disk it may be of another host, whose processes nobody here can see, and then it holds.
 *
 * @returns what gives the lock back
 * @throws ConfigError STATE_IN_USE
 */
export function lockFolder(folder: string): () => void {
  const file = join(folder, 'lock');
  let otherHost: string | undefined;
  for (let attempt = 0; attempt < 3; attempt += 1) {
    try {
      writeFileSync(file, `${process.pid} ${thisHost()}`, { flag: 'wx', mode: 0o600 });
      return () => rmSync(file, { force: true });
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw notWritten(file, error);
    }
    const holder = readLock(file);
    if (holder === undefined) continue;
    const { pid, host } = parseLock(holder);
    otherHost = host === undefined || host === thisHost() ? undefined : host;
    // An empty lock is one that its process has not written yet.
    if (holder === '' || otherHost !== undefined || isAlive(pid)) break;
    takeAway(file, holder);
  }
  throw inUse(folder, file, otherHost);
}

function inUse(folder: string, file: string, otherHost: string | undefined): ConfigError {
  return new ConfigError({
    code: 'STATE_IN_USE',
    where: folder,
    expected: 'a state directory that no other run uses',
    got:
      otherHost === undefined
        ? 'a lock of a running process'
        : `a lock of a process on the host ${otherHost}, which cannot be seen from here`,
    remedy: `wait for it, name another --state-dir, or remove ${file} if no run is under way${otherHost === undefined ? '' : ' there'}`,
  });
}

function thisHost(): string {
  return (
    hostname()
      .replace(/[^\w.-]/g, '_')
      .slice(0, 253) || 'unnamed'
  );
}

/** A lock without a host is of this one; what is no lock of ours has no process. */
function parseLock(holder: string): { readonly pid: number; readonly host?: string } {
  const [, pid, host] = /^(\d{1,10}) ([\w.-]{1,253})$/.exec(holder) ?? [];
  return pid === undefined || host === undefined ? { pid: Number(holder) } : { pid: Number(pid), host };
}

/** Who holds the lock, or undefined where it was given back meanwhile. */
function readLock(file: string): string | undefined {
  try {
    // A link that a checkout brought may lead to what never ends: nobody's lock, and not taken away.
    return lstatSync(file).isFile() ? readFileSync(file, 'utf8') : '';
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Takes a dead process's lock away; one that another process has put in its place goes back. */
function takeAway(file: string, holder: string): void {
  const aside = `${file}.${process.pid}`;
  try {
    renameSync(file, aside);
    const taken = readFileSync(aside, 'utf8');
    if (taken === holder) rmSync(aside, { force: true });
    else renameSync(aside, file);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
