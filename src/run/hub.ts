import { setTimeout as wait } from 'node:timers/promises';
import { ConfigError } from '../config/errors.ts';
import type { HubFile } from '../config/hub-file.ts';
import type { PoolSource, QuerySource } from '../config/suite-policy.ts';
import { sha256 as hashOf } from '../receipt/digest.ts';
import { checkHash, locationOf } from '../suite/sources.ts';
import { cachedFile, readCached, writeCached } from './hub-cache.ts';
import { type DownloadTools, downloadFromHub } from './hub-download.ts';
import { type Env, type HubSettings, readHubSettings } from './hub-settings.ts';

/** How files of a hub may be reached: from the cache alone, or from the network too. */
export interface HubAccess {
  /** Read when a policy names a hub, and only then: what is wrong in them concerns nobody else. */
  readonly settings: () => HubSettings;
  readonly download: DownloadTools | 'never';
}

/** A source that names a file of a hub. */
export type HubSource = (PoolSource | QuerySource) & { readonly hub: HubFile };

/** A file of a hub as it lies in the cache. */
export interface HubCopy {
  readonly bytes: Buffer;
  readonly sha256: string;
  readonly file: string;
  readonly from: 'cache' | 'hub';
}

/** Whether a source is a file of a hub. */
export function isHubSource(source: PoolSource | QuerySource): source is HubSource {
  return source.hub !== undefined;
}

/**
 * The file as a gate takes it: of the content that the policy states, from the cache where it lies there.
 *
 * @throws ConfigError HUB_HASH_MISSING, HUB_NOT_CACHED, SOURCE_CHANGED, and whatever a download throws
 */
export async function readHubSource(source: HubSource, access: HubAccess): Promise<Buffer> {
  // A commit says which file the hub should send; only the hash shows that it did.
  if (source.sha256 === undefined) throw hashMissing(source);
  return (await getHubCopy(source, access)).bytes;
}

/** The same without a hash, for who is about to review the file and write its hash down. */
export async function getHubCopy(source: HubSource, access: HubAccess): Promise<HubCopy> {
  const settings = access.settings();
  const { hub, sha256: stated } = source;
  let why = 'nothing in the cache';
  if (stated !== undefined) {
    const file = cachedFile(settings.cacheDir, hub, stated);
    const cached = readCached(file, stated);
    if (Buffer.isBuffer(cached)) return { bytes: cached, sha256: stated, file, from: 'cache' };
    if (cached === 'changed') why = 'a copy in the cache that was changed';
  }
  if (access.download === 'never') throw notCached(source, why);
  const location = locationOf(source);
  const bytes = await downloadFromHub({ location, hub }, settings, access.download);
  const sha256 = hashOf(bytes);
  checkHash(source, sha256);
  const file = cachedFile(settings.cacheDir, hub, sha256);
  writeCached(file, bytes);
  return { bytes, sha256, file, from: 'hub' };
}

/** For commands that never touch the network: what was fetched before is found. */
export function cachedHub(env: Env = process.env): HubAccess {
  return { settings: () => readHubSettings(env), download: 'never' };
}

/** For commands that may fetch. */
export function reachableHub(signal: AbortSignal, env: Env = process.env): HubAccess {
  const sleep = async (milliseconds: number, stop: AbortSignal) => {
    await wait(milliseconds, undefined, { signal: stop }).catch(() => {});
  };
  return { settings: () => readHubSettings(env), download: { sleep, random: Math.random, signal } };
}

const fetchFirst = 'mixgate pool fetch --policy FILE';

function hashMissing(source: HubSource): ConfigError {
  return new ConfigError({
    code: 'HUB_HASH_MISSING',
    where: locationOf(source),
    expected: `sha256 beside the hub of ${source.name}: what a gate asks is reviewed first, then pinned`,
    got: 'nothing',
    remedy: `${fetchFirst} downloads the file and prints its hash; look at it, then write sha256 into the policy`,
  });
}

function notCached(source: HubSource, got: string): ConfigError {
  return new ConfigError({
    code: 'HUB_NOT_CACHED',
    where: locationOf(source),
    expected: `the file of ${source.name} in the cache, since this command does not use the network`,
    got,
    remedy: `${fetchFirst} downloads it`,
  });
}
