import { ConfigError } from '../config/errors.ts';
import type { HubFile } from '../config/hub-file.ts';
import type { Policy } from '../config/policy.ts';
import type { PoolSource, QuerySource, SourceFormat } from '../config/suite-policy.ts';
import { type IsNearDuplicate, nearDuplicatesOf } from './near-duplicate.ts';
import { type SourceContent, sha256Of } from './raw-rows.ts';
import { refuseUnmarkedPlaceholders } from './redacted.ts';
import {
  type Demonstration,
  parseControlQueries,
  parsePool,
  parseQueries,
  type Query,
  type SourceRows,
} from './source-file.ts';

/** A named file of the suite with its rows; `usable` are those left after duplicates and contamination. */
export interface Source<Row> {
  readonly name: string;
  readonly licence: string | null;
  readonly sha256: string;
  /** Where the policy says that the file is published; null for a local file. */
  readonly hub: HubFile | null;
  readonly fileRows: number;
  readonly usable: readonly Row[];
  /** Demonstrations left out because their request nearly equals one that is asked. */
  readonly nearDuplicates: number;
  readonly sample: number | undefined;
}

/** Everything that the suite draws from. */
export interface Sources {
  readonly harmful: readonly Source<Demonstration>[];
  readonly benign: readonly Source<Demonstration>[];
  readonly queries: readonly Source<Query>[];
  readonly controls: readonly Source<Query>[];
}

/** Gives the content of a file that the policy names, by its location; the edge read it, and decides what may be reached. */
export type ReadSource = (location: string) => SourceContent;

/**
 * Loads a policy's queries and pools. A request counts once in the whole suite, in the order evaluation queries,
 * control queries, harmful, benign demonstrations: so no context repeats a request, and none shows the answer to
 * a query that is asked. Nor does any show the answer to nearly the same request; rows of a redacted pool have no
 * words of their own and are held to the first rule alone.
 *
 * @throws ConfigError on unreadable files, malformed rows, or a hash that is not the policy's
 */
export function loadSources(suite: Policy['suite'], read: ReadSource): Sources {
  const seen = new Set<string>();
  const load = <Row extends Query>(
    source: PoolSource | QuerySource,
    parse: (content: SourceContent, file: string, format?: SourceFormat) => SourceRows<Row>,
    isNear: IsNearDuplicate = () => false,
  ): Source<Row> => {
    const location = locationOf(source);
    const content = read(location);
    // The hash first: what is wrong with the rows of another file is not the question.
    checkHash(source, sha256Of(content));
    const { sha256, rows } = parse(content, location, source.format);
    refuseUnmarkedPlaceholders({ ...source, location }, rows);
    return {
      name: source.name,
      licence: source.licence ?? null,
      sha256,
      hub: source.hub ?? null,
      fileRows: rows.length,
      ...leaveOut(rows, seen, isNear),
      sample: 'sample' in source ? source.sample : undefined,
    };
  };
  const queries = suite.queries.map((source) => load(source, parseQueries));
  const controls = suite.controlQueries.map((source) => load(source, parseControlQueries));
  const isNear = nearDuplicateRule(queries, controls);
  const loadPool = (source: PoolSource) => load(source, parsePool, source.redacted ? undefined : isNear);
  const harmful = suite.harmfulDemonstrations.map(loadPool);
  const benign = suite.benignDemonstrations.map(loadPool);
  return { harmful, benign, queries, controls };
}

/**
 * Control queries are everyday requests, of few words and much alike ("What color is the rose?"): those of less than
 * four content words are held to equality alone. A control shows that the model answers, not what it answers.
 */
export const fewestControlWords = 4;

function nearDuplicateRule(
  queries: readonly Source<Query>[],
  controls: readonly Source<Query>[],
): IsNearDuplicate {
  const requestsOf = (lists: readonly Source<Query>[]) =>
    lists.flatMap(({ usable }) => usable.map(({ request }) => normalizeRequest(request)));
  const nearQuery = nearDuplicatesOf(requestsOf(queries));
  const nearControl = nearDuplicatesOf(requestsOf(controls), fewestControlWords);
  return (normalized) => nearQuery(normalized) || nearControl(normalized);
}

/** Takes out repetitions, then what is near to something asked, and counts the latter. */
function leaveOut<Row extends Query>(
  rows: readonly Row[],
  seen: Set<string>,
  isNear: IsNearDuplicate,
): Pick<Source<Row>, 'usable' | 'nearDuplicates'> {
  let nearDuplicates = 0;
  const usable = rows.filter(({ request }) => {
    const normalized = normalizeRequest(request);
    if (!addNew(seen, normalized)) return false;
    const near = isNear(normalized);
    if (near) nearDuplicates += 1;
    return !near;
  });
  return { usable, nearDuplicates };
}

/** How messages name a source's file, and where its reader finds it: a path, or a hub's repository, commit and file. */
export function locationOf({ path, hub }: Pick<PoolSource, 'path' | 'hub'>): string {
  if (hub !== undefined) return `hub:${hub.repo}@${hub.revision}/${hub.file}`;
  if (path !== undefined) return path;
  throw new RangeError('locationOf: expected a path or a hub file, got neither');
}

/** @throws ConfigError SOURCE_CHANGED where the policy says another hash */
export function checkHash(source: PoolSource | QuerySource, sha256: string): void {
  if (source.sha256 === undefined || source.sha256 === sha256) return;
  throw new ConfigError({
    code: 'SOURCE_CHANGED',
    where: locationOf(source),
    expected: `SHA-256 ${source.sha256}, as the policy says for ${source.name}`,
    got: sha256,
    remedy: 'restore the file, or review the change and update sha256 in the policy',
  });
}

function addNew(seen: Set<string>, key: string): boolean {
  if (seen.has(key)) return false;
  seen.add(key);
  return true;
}

/**
 * What makes two requests the same: letters with their marks (in many scripts a vowel is a mark) and digits alone,
 * without case, width or accents' composition.
 */
export function normalizeRequest(request: string): string {
  const plain = request.normalize('NFKC').toLowerCase();
  const words = plain.replace(/[^\p{L}\p{M}\p{N}]+/gu, ' ').trim();
  // A request of symbols alone would lose everything; it is then compared as it stands.
  return words === '' ? plain.trim() : words;
}
