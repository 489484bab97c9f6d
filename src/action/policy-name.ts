import { readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { z } from 'zod';
import { parseYaml } from '../config/parse-yaml.ts';
import { type Env, readInput, readPolicyPath } from './inputs.ts';

const named = z.object({ name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/) });
const maxPolicyBytes = 1_000_000;

/**
 * The name of a policy that may be invalid, so that an error takes over the comment in which that policy's last
 * verdict stands: its own name where one can be read, else the file's.
 */
export function readPolicyName(env: Env): string {
  const ofFile = policyFileName(env);
  try {
    return findPolicyName(readPolicyPath(env)) ?? ofFile;
  } catch {
    return ofFile;
  }
}

/** What the workflow calls the policy, whatever stands in it. */
export function policyFileName(env: Env): string {
  return basename(readInput(env, 'policy') ?? '').replace(/\.ya?ml$/, '') || 'unnamed';
}

/** The name in a policy file, or null where none can be read. */
export function findPolicyName(path: string): string | null {
  try {
    // A link to a device would never end.
    const file = statSync(path);
    if (!file.isFile() || file.size > maxPolicyBytes) return null;
    return named.parse(parseYaml(readFileSync(path, 'utf8'), path).value).name;
  } catch {
    return null;
  }
}
