import type { RunRecord } from '../receipt/receipt.ts';
import { addRepeats } from './repeat.ts';

/** The run records of several shards as one: amounts are sums, the span is from the first start to the last end. */
export function addRunRecords(records: readonly RunRecord[]): RunRecord {
  const [first] = records;
  if (first === undefined) throw new RangeError('addRunRecords: expected at least one record, got none');
  const sum = (of: (run: RunRecord) => number) => records.reduce((total, run) => total + of(run), 0);
  /** What one does not tell, the sum does not. */
  const sumTold = (of: (run: RunRecord) => number | null) =>
    records.some((run) => of(run) === null) ? null : sum((run) => of(run) ?? 0);
  const byStart = [...records].sort((a, b) => Date.parse(a.startedAt) - Date.parse(b.startedAt));
  const byEnd = [...records].sort((a, b) => Date.parse(b.finishedAt) - Date.parse(a.finishedAt));
  const repeats = records.flatMap(({ repeat }) => (repeat === undefined ? [] : [repeat]));
  const cache = addCaches(records);
  return {
    startedAt: byStart[0]?.startedAt ?? first.startedAt,
    finishedAt: byEnd[0]?.finishedAt ?? first.finishedAt,
    minutes: sum(({ minutes }) => minutes),
    sessions: sum(({ sessions }) => sessions),
    requests: sum(({ requests }) => requests),
    retries: sum(({ retries }) => retries),
    checks: sum(({ checks }) => checks),
    judgeRequests: sum(({ judgeRequests }) => judgeRequests),
    promptTokens: sum(({ promptTokens }) => promptTokens),
    cachedTokens: sumTold(({ cachedTokens }) => cachedTokens),
    completionTokens: sum(({ completionTokens }) => completionTokens),
    money: sumTold(({ money }) => money),
    mostInFlight: Math.max(...records.map(({ mostInFlight }) => mostInFlight)),
    ...(cache === undefined ? {} : { cache }),
    ...(first.requestFields === undefined ? {} : { requestFields: first.requestFields }),
    shards: records.length,
    ...(repeats.length === 0 ? {} : { repeat: addRepeats(repeats) }),
    node: commonOf(records.map(({ node }) => node)),
    platform: commonOf(records.map(({ platform }) => platform)),
    github: first.github,
  };
}

/** What the shards' servers computed together, where all told it in the same way. */
function addCaches(records: readonly RunRecord[]): RunRecord['cache'] {
  const told = records.flatMap(({ cache }) => (cache === undefined ? [] : [cache]));
  const [first] = told;
  if (first === undefined || told.length < records.length) return undefined;
  if (told.some(({ source }) => source !== first.source)) return undefined;
  const sumTold = (of: (one: NonNullable<RunRecord['cache']>) => number | null) =>
    told.some((one) => of(one) === null) ? null : told.reduce((total, one) => total + (of(one) ?? 0), 0);
  const computed = sumTold((one) => one.computed);
  const cached = sumTold((one) => one.cached);
  const all = computed === null || cached === null ? 0 : computed + cached;
  return { source: first.source, computed, cached, share: all === 0 ? null : (cached ?? 0) / all };
}

function commonOf(values: readonly string[]): string {
  return [...new Set(values)].join(', ');
}
