import type { SourceFormat } from '../config/suite-policy.ts';
import { NearDuplicateIndex, nearDuplicatesOf } from './near-duplicate.ts';
import { adviseOnPool } from './pool-advice.ts';
import { type Finding, type ListedQuery, type PoolRow, shownId, sortPoolRows } from './pool-rows.ts';
import { type SourceContent, sha256Of } from './raw-rows.ts';
import { isPlaceholder } from './redacted.ts';
import { fewestControlWords, normalizeRequest } from './sources.ts';

/** Characters of a request or a response above which it is called long: about 2,000 tokens. */
export const defaultMaxChars = 8000;

/** Characters: smallest, median, largest. */
export interface Lengths {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

/** What is wrong with a pool's rows, by kind; lines, ids and counts alone. */
export interface PoolFindings {
  /** Not what a demonstration is: a run stops at them. */
  readonly malformed: readonly Finding[];
  readonly empty: readonly Finding[];
  readonly repeatedIds: readonly Finding[];
  /** A run takes them: they fill a context, or show nearly the same again. */
  readonly overLong: readonly Finding[];
  readonly nearDuplicates: readonly Finding[];
  /** A run leaves them out. */
  readonly duplicates: readonly Finding[];
  readonly contaminated: readonly Finding[];
  /** A run leaves them out too, unless the pool is marked redacted. */
  readonly nearlyContaminated: readonly Finding[];
}

/** A pool as `mixgate pool check` reports it. */
export interface PoolReport {
  readonly file: string;
  readonly format: SourceFormat;
  readonly sha256: string;
  readonly licence: string | null;
  /** Whether a run takes this file as a pool. */
  readonly usable: boolean;
  readonly rows: number;
  /** Rows that a run can draw from: neither broken, repeated nor an evaluation query. */
  readonly usableRows: number;
  /** Rows of the data set that its layout does not mean. */
  readonly leftOut: number;
  readonly placeholders: number;
  readonly maxChars: number;
  readonly queries: readonly { readonly file: string; readonly rows: number }[];
  readonly findings: PoolFindings;
  readonly categories: Readonly<Record<string, number>>;
  readonly sources: Readonly<Record<string, number>>;
  readonly requestChars: Lengths | null;
  readonly responseChars: Lengths | null;
  readonly fix: readonly string[];
}

/** Every request of a list; control queries are held to a weaker rule on near duplicates, as in a run. */
export interface QueryList {
  readonly file: string;
  readonly control: boolean;
  readonly queries: readonly ListedQuery[];
}

/** What is to be checked: the pool's bytes, and every query list that it must not share a request with. */
export interface PoolToCheck {
  readonly file: string;
  readonly content: SourceContent;
  readonly format: SourceFormat;
  readonly licence: string | null;
  readonly maxChars: number;
  readonly queryLists: readonly QueryList[];
}

/** @throws ConfigError where the file as a whole is no pool */
export function checkPool(input: PoolToCheck): PoolReport {
  const { file, content, format, licence, maxChars, queryLists } = input;
  const { good, leftOut, ...broken } = sortPoolRows(content, file, format);
  const contaminated = findContamination(
    good,
    queryLists.flatMap(({ queries }) => queries),
  );
  const near = findNearContamination(good, queryLists, contaminated);
  const duplicates = findDuplicates(good);
  const rejected = broken.malformed.length + broken.empty.length + broken.repeatedIds.length;
  const usableRows = good.filter(
    (row) => ![contaminated, near, duplicates].some((rows) => rows.has(row)),
  ).length;
  const report = {
    file,
    format,
    sha256: sha256Of(content),
    licence,
    usable: rejected === 0 && usableRows > 0,
    rows: good.length + rejected,
    usableRows,
    leftOut,
    placeholders: good.filter((row) => isPlaceholder(row.request) || isPlaceholder(row.response)).length,
    maxChars,
    queries: queryLists.map(({ file: list, queries }) => ({ file: list, rows: queries.length })),
    findings: {
      ...broken,
      overLong: findingsOf(findOverLong(good, maxChars)),
      nearDuplicates: findingsOf(findNearDuplicates(good, duplicates)),
      duplicates: findingsOf(duplicates),
      contaminated: findingsOf(contaminated),
      nearlyContaminated: findingsOf(near),
    },
    categories: countLabels(good.map(({ category }) => category)),
    sources: countLabels(good.map(({ source }) => source)),
    requestChars: lengthsOf(good.map(({ request }) => request.length)),
    responseChars: lengthsOf(good.map(({ response }) => response.length)),
  };
  return { ...report, fix: adviseOnPool(report) };
}

/** Rows that have something wrong, and what it is. */
type Marked = ReadonlyMap<PoolRow, string>;

/** Rows whose request repeats an earlier one, letters and digits compared. */
function findDuplicates(rows: readonly PoolRow[]): Marked {
  const seen = new Map<string, PoolRow>();
  const marked = new Map<PoolRow, string>();
  for (const row of rows) {
    const key = normalizeRequest(row.request);
    const earlier = seen.get(key);
    if (earlier === undefined) seen.set(key, row);
    else marked.set(row, `the request of ${shownId(earlier.id) ?? ''} (line ${earlier.line})`);
  }
  return marked;
}

/** Rows that ask nearly what an earlier one asks; exact repetitions are told apart. */
function findNearDuplicates(rows: readonly PoolRow[], duplicates: Marked): Marked {
  const index = new NearDuplicateIndex(1);
  const rowOf = new Map<string, PoolRow>();
  const marked = new Map<PoolRow, string>();
  for (const row of rows) {
    if (duplicates.has(row) || isPlaceholder(row.request)) continue;
    const normalized = normalizeRequest(row.request);
    const earlier = rowOf.get(index.find(normalized) ?? '');
    if (earlier !== undefined) {
      marked.set(row, `nearly the request of ${shownId(earlier.id) ?? ''} (line ${earlier.line})`);
    }
    index.add(normalized);
    rowOf.set(normalized, row);
  }
  return marked;
}

function findContamination(rows: readonly PoolRow[], queries: readonly ListedQuery[]): Marked {
  const asked = new Map(queries.map((query) => [normalizeRequest(query.request), query]));
  const marked = new Map<PoolRow, string>();
  for (const row of rows) {
    const query = asked.get(normalizeRequest(row.request));
    if (query !== undefined) marked.set(row, `the query ${query.id ?? ''} of ${query.file}`);
  }
  return marked;
}

/** Rows that ask nearly what a query asks. A placeholder has no words of its own to be near with. */
function findNearContamination(
  rows: readonly PoolRow[],
  lists: readonly QueryList[],
  contaminated: Marked,
): Marked {
  const near = lists.map(({ file, control, queries }) => ({
    file,
    isNear: nearDuplicatesOf(
      queries.map(({ request }) => normalizeRequest(request)),
      control ? fewestControlWords : 1,
    ),
  }));
  const marked = new Map<PoolRow, string>();
  for (const row of rows) {
    if (contaminated.has(row) || isPlaceholder(row.request)) continue;
    const list = near.find(({ isNear }) => isNear(normalizeRequest(row.request)));
    if (list !== undefined) marked.set(row, `nearly a query of ${list.file}`);
  }
  return marked;
}

function findOverLong(rows: readonly PoolRow[], maxChars: number): Marked {
  const marked = new Map<PoolRow, string>();
  for (const row of rows) {
    const long = (['request', 'response'] as const).filter((field) => row[field].length > maxChars);
    const what = long.map((field) => `${field} has ${row[field].length} characters`);
    if (what.length > 0) marked.set(row, what.join(', '));
  }
  return marked;
}

function findingsOf(marked: Marked): Finding[] {
  return [...marked].map(([{ line, id }, what]) => ({ line, id: shownId(id), what }));
}

const longestLabel = 60;

/** Labels with their counts, most frequent first. What is too long for a label may be a row's text. */
function countLabels(labels: readonly (string | undefined)[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const label of labels) {
    const short = label === undefined || label.length <= longestLabel;
    const name = short ? (label ?? '(none)') : `(longer than ${longestLabel} characters)`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return Object.fromEntries([...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)));
}

function lengthsOf(lengths: readonly number[]): Lengths | null {
  const sorted = lengths.toSorted((a, b) => a - b);
  const [min, max] = [sorted[0], sorted.at(-1)];
  const middle = sorted.slice(Math.floor((sorted.length - 1) / 2), Math.floor(sorted.length / 2) + 1);
  if (min === undefined || max === undefined) return null;
  return { min, median: middle.reduce((sum, value) => sum + value, 0) / middle.length, max };
}
