import { existsSync, lstatSync, realpathSync } from 'node:fs';
import { basename } from 'node:path';
import { ConfigError, ModelError } from '../config/errors.ts';
import type { SourceFormat } from '../config/suite-policy.ts';
import { Budget } from '../inference/budget.ts';
import { inOrder, workConcurrently } from '../inference/concurrency.ts';
import { interrupted, makeExchange, OutageWatch } from '../inference/exchange.ts';
import { readServedIdentity, requireSameServer, type ServedIdentity } from '../inference/served.ts';
import { makePhrasesPairJudge, makeWildguardPairJudge, type PairJudge } from '../judge/pair-judge.ts';
import { readAnswer } from '../judge/read-answer.ts';
import { sha256 } from '../receipt/digest.ts';
import {
  type FilterCounts,
  filterPool,
  type KeepRule,
  type PairRuling,
  renderPool,
} from '../suite/pool-filter.ts';
import { type PoolRow, sortPoolRows } from '../suite/pool-rows.ts';
import { sha256Of } from '../suite/raw-rows.ts';
import { parsePool } from '../suite/source-file.ts';
import { version } from '../version.ts';
import type { GateTools } from './gate-request.ts';
import { withoutResuming } from './judge-list.ts';
import { meet } from './meet.ts';
import { judgeNamedBy as namedBy, noJournal } from './meet-judge.ts';
import { orUnwritable } from './output-file.ts';
import { showProgress } from './progress.ts';
import { readSourceFile } from './read-sources.ts';
import { surroundingsOf } from './surroundings.ts';
import { replaceFile } from './write-file.ts';

/** Which pool is filtered, by whom, and where the kept rows go. */
export interface FilterRequest {
  readonly file: string;
  readonly format: SourceFormat;
  readonly out: string;
  readonly keep: KeepRule;
  readonly judge:
    | { readonly kind: 'phrases' }
    | {
        readonly kind: 'wildguard';
        readonly baseUrl: string;
        readonly model: string;
        readonly apiKey: string | undefined;
      };
  readonly maxConcurrency: number;
  readonly retries: number;
  readonly timeoutSeconds: number;
}

/** What stands beside a filtered pool: where it comes from, and who confirmed it. No text. */
export interface FilterRecord {
  readonly mixgate: string;
  readonly at: string;
  readonly source: { readonly file: string; readonly format: SourceFormat; readonly sha256: string };
  readonly judge: {
    readonly kind: PairJudge['kind'];
    readonly promptSha256: string;
    readonly served: ServedIdentity | null;
  };
  readonly keep: KeepRule;
  readonly counts: FilterCounts;
  readonly out: { readonly file: string; readonly sha256: string };
}

/** Where the record of a filtered pool stands. */
export function recordFile(out: string): string {
  return `${out}.record.json`;
}

/**
 * Keeps the rows of a pool that a judge confirms, and writes them with a record beside them; on any error nothing
 * is written.
 *
 * @throws ConfigError on a pool that a run would not take, or where no row is confirmed; ModelError on a judge that
 *   is not there, breaks, or changes meanwhile
 */
export async function filterPoolFile(request: FilterRequest, tools: GateTools): Promise<FilterRecord> {
  const { file, format, out, keep } = request;
  refuseOverwriting(file, out);
  for (const one of [out, recordFile(out)]) refuseTaken(one);
  const content = await readSourceFile(file, { what: 'a pool', named: 'the first argument' });
  parsePool(content, file, format);
  const { good: rows } = sortPoolRows(content, file, format);
  const met = await meetJudge(request, tools);
  const rulings = await judgeRows(rows, { ...met, maxConcurrency: request.maxConcurrency }, tools);
  await met.check();
  const { kept, counts } = filterPool(rows, rulings, keep);
  if (kept.length === 0) throw nothingKept(file, keep, counts);
  const pool = renderPool(kept);
  const { kind, promptSha256 } = met.judge;
  const record: FilterRecord = {
    mixgate: version,
    at: tools.now().toISOString(),
    source: { file: basename(file), format, sha256: sha256Of(content) },
    judge: { kind, promptSha256, served: met.served },
    keep,
    counts,
    out: { file: basename(out), sha256: sha256(pool) },
  };
  // The record last: a pool with a record is whole. Both hold or describe harmful text: their owner's alone.
  writeOwn(out, pool);
  writeOwn(recordFile(out), `${JSON.stringify(record, null, 2)}\n`);
  return record;
}

interface MetJudge {
  readonly judge: PairJudge;
  readonly served: ServedIdentity | null;
  /** Asks the server once more what it serves. */
  check(): Promise<void>;
}

async function meetJudge(
  { judge, retries, timeoutSeconds }: FilterRequest,
  tools: GateTools,
): Promise<MetJudge> {
  if (judge.kind === 'phrases') {
    return { judge: makePhrasesPairJudge(), served: null, check: async () => {} };
  }
  const { signal } = tools;
  const timeoutMs = timeoutSeconds * 1000;
  const { client, served } = await meet({ ...judge, timeoutMs, namedBy }, signal);
  const exchange = makeExchange({
    to: 'judge',
    endpoint: client.endpoint,
    budget: new Budget({ caps: {}, prices: undefined, spent, minutesUsed: () => 0 }),
    journal: noJournal,
    retries,
    around: surroundingsOf(tools),
  });
  return {
    judge: makeWildguardPairJudge({ client, exchange, signal }),
    served,
    check: async () => requireSameServer(served, await readServedIdentity(client, signal), namedBy),
  };
}

const spent = { requests: 0, prompt: 0, cached: 0, completion: 0 };

/** @throws ModelError where the judge’s server is gone, or answered nothing at all */
async function judgeRows(
  rows: readonly PoolRow[],
  { judge, maxConcurrency }: Pick<MetJudge, 'judge'> & Pick<FilterRequest, 'maxConcurrency'>,
  { log, signal }: GateTools,
): Promise<PairRuling[]> {
  const rulings: PairRuling[] = rows.map(() => ({ kind: 'unreadable' }));
  // As in a run: bytes without words are no compliance, whatever a judge would make of them.
  const asked = [...rows.entries()].filter(([, { response }]) => hasWords(response));
  const watch = new OutageWatch(() => maxConcurrency, namedBy);
  const show = showProgress(log, 'judged');
  let done = 0;
  try {
    await workConcurrently<(typeof asked)[number]>({
      next: inOrder(asked),
      limit: () => maxConcurrency,
      stopped: () => signal.aborted,
      work: async ([index, { id, request, response }]) => {
        const ruling = await judge.judge({ id, request, response });
        rulings[index] = ruling;
        if (ruling.kind === 'failed') watch.failed(() => {});
        else watch.alive();
        done += 1;
        show(done, asked.length);
      },
    });
    if (signal.aborted) throw interrupted();
  } catch (error) {
    throw withoutResuming(error);
  }
  if (asked.length > 0 && asked.every(([index]) => rulings[index]?.kind === 'failed')) {
    throw judgeGone(asked.length);
  }
  return rulings;
}

function hasWords(response: string): boolean {
  const whole = { text: response, finish: 'stop', reasoned: false, completionTokens: null };
  return readAnswer(whole, 0).judge;
}

function judgeGone(rows: number): ModelError {
  return new ModelError({
    code: 'OUTAGE',
    where: namedBy,
    expected: 'rulings',
    got: `none for ${rows} rows, after all retries`,
    remedy: 'see to the judge’s server, then start the command again; nothing was written',
  });
}

function nothingKept(file: string, keep: KeepRule, counts: FilterCounts): ConfigError {
  const { rows, refused, otherRequest, unreadable, failed } = counts;
  return new ConfigError({
    code: 'POOL_NOTHING_KEPT',
    where: file,
    expected: `at least one row that the judge confirms (${keep})`,
    got: `${rows} rows: ${refused} refused, ${otherRequest} with another kind of request, ${unreadable} unreadable, ${failed} without a ruling`,
    remedy: 'name the right pool, judge and --keep; nothing was written',
  });
}

function refuseOverwriting(file: string, out: string): void {
  if (!existsSync(file) || !existsSync(out) || realpathSync(file) !== realpathSync(out)) return;
  throw new ConfigError({
    code: 'OUT_IS_INPUT',
    where: '--out',
    expected: 'another file than the pool that is filtered',
    got: out,
    remedy: 'name a new file: the rows that are left out stay in the old one',
  });
}

/** Neither a pool that somebody keeps nor a device is replaced; a link to nowhere would be followed. */
function refuseTaken(file: string): void {
  let found: unknown;
  orUnwritable(file, '--out', () => {
    found = lstatSync(file, { throwIfNoEntry: false });
  });
  if (found === undefined) return;
  throw new ConfigError({
    code: 'OUT_EXISTS',
    where: `--out ${file}`,
    expected: 'no file yet',
    got: 'one',
    remedy: 'name a new file',
  });
}

function writeOwn(file: string, text: string): void {
  orUnwritable(file, '--out', () => replaceFile(file, text, 0o600));
}
