import { readPolicy } from '../config/read-policy.ts';
import { locationOf } from '../suite/sources.ts';
import { getHubCopy, type HubAccess, isHubSource } from './hub.ts';
import { sourcesOf } from './read-sources.ts';

/** A hub's file that a policy names, as it now lies in the cache. */
export interface FetchedSource {
  readonly name: string;
  readonly location: string;
  readonly sha256: string;
  readonly bytes: number;
  /** Where the copy lies: `pool check` takes it. */
  readonly file: string;
  readonly from: 'cache' | 'hub';
  /** Whether the policy states this hash: a gate asks for it. */
  readonly pinned: boolean;
}

/**
 * Fetches what a policy names from a hub, so that commands without a network find it.
 *
 * @throws ConfigError SOURCE_CHANGED where a file is not what the policy says, and whatever a download throws
 */
export async function fetchPools(policyPath: string, access: HubAccess): Promise<FetchedSource[]> {
  const { policy } = readPolicy(policyPath);
  const fetched: FetchedSource[] = [];
  for (const source of sourcesOf(policy).filter(isHubSource)) {
    const { bytes, sha256, file, from } = await getHubCopy(source, access);
    const pinned = source.sha256 !== undefined;
    const { name } = source;
    fetched.push({ name, location: locationOf(source), sha256, bytes: bytes.length, file, from, pinned });
  }
  return fetched;
}
