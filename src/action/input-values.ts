import { resolve } from 'node:path';
import { looksLikeKey } from '../config/candidate.ts';
import { ConfigError } from '../config/errors.ts';
import { show } from '../config/show.ts';
import { isInside, realPath } from '../publish/inside.ts';

/** What the text of an input must be. Each throws ConfigError INPUT_INVALID or INPUT_OUTSIDE, and never shows a key. */

/** @throws ConfigError INPUT_INVALID */
export function parseSwitch(name: string, value: string | undefined): boolean {
  if (value === undefined || value === 'false') return false;
  if (value === 'true') return true;
  const remedy = 'write one of the two under `with:`';
  throw invalidInput(name, { expected: 'true or false', got: show(value), remedy });
}

/** As `git check-ref-format` has it, and narrower: no ref of ours needs more. */
export function refName(name: string, value: string): string {
  if (/^[A-Za-z0-9_][A-Za-z0-9._/-]{0,199}$/.test(value) && !/\.\.|\/\/|\/$|\.$|\.lock$|\/\./.test(value))
    return value;
  const expected = 'a branch, or the full hash of a commit';
  throw invalidInput(name, { expected, got: show(value), remedy: 'write it like main' });
}

/** @throws ConfigError INPUT_INVALID */
export function pullRequestNumber(value: string): number {
  if (/^[1-9]\d{0,8}$/.test(value)) return Number(value);
  const expected = 'the number of a pull request';
  throw invalidInput('pull-request', { expected, got: show(value), remedy: 'write it like 12' });
}

/** @param problem.got as it may be shown: never a key */
export function invalidInput(
  name: string,
  problem: { readonly expected: string; readonly got: string; readonly remedy: string },
): ConfigError {
  return new ConfigError({ code: 'INPUT_INVALID', where: `input ${name}`, ...problem });
}

/**
 * A path of the repository. A pull request may write any path, and any symbolic link, into its files: what the gate
 * reads, and then quotes in a message, stays in the checkout.
 */
export function insideWorkspace(name: string, value: string, workspace: string): string {
  const path = resolve(workspace, value);
  if (isInside(path, workspace) && isInside(realPath(path), realPath(workspace))) return path;
  throw new ConfigError({
    code: 'INPUT_OUTSIDE',
    where: `input ${name}`,
    expected: 'a path inside the workspace, links followed',
    got: show(value),
    remedy: 'name it relative to the root of the checkout; copy what stands elsewhere into it first',
  });
}

/**
 * A folder that is written to. Of the checkout's own none that is a link: it would lead what is written, answers too, to
 * where a pull request wants it.
 */
export function ownFolder(name: string, value: string, workspace: string): string {
  const path = resolve(workspace, value);
  return isInside(path, workspace) ? insideWorkspace(name, value, workspace) : path;
}

/** Replicas of one server stand between blanks or commas. */
export function serverUrls(name: string, value: string): string {
  return value
    .split(/[\s,]+/)
    .filter((one) => one !== '')
    .map((one) => serverUrl(name, one))
    .join(' ');
}

function serverUrl(name: string, value: string): string {
  const keyInput = name.startsWith('judge') ? 'judge-api-key' : 'api-key';
  const throughKey = `give the key through \`${keyInput}\`, out of a secret`;
  // Not shown: this value is masked nowhere.
  if (looksLikeKey(value)) {
    const remedy = `${throughKey}, and revoke it`;
    throw invalidInput(name, { expected: 'an address', got: 'something like a key', remedy });
  }
  const url = URL.parse(value);
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    const remedy = 'write it like https://models.example.com/v1';
    throw invalidInput(name, { expected: 'an http or https URL', got: show(value), remedy });
  }
  // The URL is written into logs and the receipt.
  if (url.username !== '' || url.password !== '') {
    const expected = 'a URL without user and password';
    throw invalidInput(name, { expected, got: 'one with', remedy: throughKey });
  }
  return value;
}
