import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { ConfigError } from '../config/errors.ts';
import type { Policy } from '../config/policy.ts';
import { readNamedFile } from '../config/read-named-file.ts';
import type { PoolSource, QuerySource } from '../config/suite-policy.ts';
import type { FileUse } from '../config/unreadable.ts';
import { sha256 } from '../receipt/digest.ts';
import { decodeSource } from '../suite/parquet.ts';
import type { SourceContent } from '../suite/raw-rows.ts';
import { checkHash, locationOf } from '../suite/sources.ts';
import { type HubAccess, isHubSource, readHubSource } from './hub.ts';

/** Above this a text no longer fits into one of Node's, and a suite draws a few thousand rows. */
const maxFileBytes = 536_000_000;

/** All sources of a policy, in the order in which a suite takes them. */
export function sourcesOf({ suite }: Policy): readonly (PoolSource | QuerySource)[] {
  return [
    ...suite.queries,
    ...suite.controlQueries,
    ...suite.harmfulDemonstrations,
    ...suite.benignDemonstrations,
  ];
}

/**
 * Reads the files that a policy names, each once, from the disk or from a hub.
 *
 * @returns their content by location
 * @throws ConfigError on a file that is not there, too large, or does not decode
 */
export async function readSources(
  policy: Policy,
  folder: string,
  hub: HubAccess,
): Promise<(location: string) => SourceContent> {
  const contents = new Map<string, SourceContent>();
  for (const source of sourcesOf(policy)) {
    const location = locationOf(source);
    if (contents.has(location)) continue;
    const bytes = isHubSource(source)
      ? await readHubSource(source, hub)
      : readBytes(resolve(folder, location), {
          what: `the file of ${source.name}`,
          named: `the path of ${source.name} in the policy`,
        });
    // Before it is decoded: a file that somebody changed is not to be unpacked.
    checkHash(source, sha256(bytes));
    contents.set(location, await decodeSource(bytes, location));
  }
  return (location) => {
    const content = contents.get(location);
    if (content === undefined)
      throw new RangeError(`readSources: expected a source at ${location}, got none`);
    return content;
  };
}

/** A pool or a query list that is named on the command line. */
export async function readSourceFile(path: string, use: FileUse): Promise<SourceContent> {
  return await decodeSource(readBytes(path, use), path);
}

function readBytes(path: string, use: FileUse): Buffer {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size <= maxFileBytes) return readNamedFile(path, use);
  throw new ConfigError({
    code: 'SOURCE_TOO_LARGE',
    where: path,
    expected: `at most ${maxFileBytes} bytes`,
    got: String(size),
    remedy: 'cut the file: a suite draws a few thousand rows',
  });
}
