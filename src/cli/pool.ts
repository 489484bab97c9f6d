import { type Command, Option } from 'commander';
import { ConfigError } from '../config/errors.ts';
import { type SourceFormat, sourceFormats } from '../config/suite-policy.ts';
import { exitCodeOf } from '../gate/verdict.ts';
import { fetchPools } from '../run/fetch-pools.ts';
import { type FilterRequest, filterPoolFile } from '../run/filter-pool.ts';
import { reachableHub } from '../run/hub.ts';
import { readSourceFile } from '../run/read-sources.ts';
import { checkPool, defaultMaxChars, type QueryList } from '../suite/pool-check.ts';
import { type KeepRule, keepRules } from '../suite/pool-filter.ts';
import { readAnyQueries } from '../suite/pool-rows.ts';
import { readSecret, wholeNumber } from './options.ts';
import { describeFetched, describeFilter, describePool } from './pool-text.ts';
import { printResult, stopSignal, terminalLog } from './terminal.ts';

/** `mixgate pool`: looks at the pools that a policy names, and makes better ones. */
export function addPoolCommand(program: Command): void {
  const pool = program
    .command('pool')
    .description('check a pool of demonstrations, keep what a judge confirms, or fetch what a hub has');
  addCheck(pool);
  addFilter(pool);
  addFetch(pool);
}

const formatOption = () =>
  new Option('--format <layout>', 'layout of the pool').choices(sourceFormats).default('mixgate');

interface CheckOptions {
  readonly format: SourceFormat;
  readonly queries: readonly string[];
  readonly controlQueries: readonly string[];
  readonly licence?: string;
  readonly maxChars: number;
  readonly json?: boolean;
}

function addCheck(pool: Command): void {
  pool
    .command('check')
    .description(
      'rows, duplicates, contamination and what to fix; never a row’s text. Exit code 0 usable, 3 not',
    )
    .argument('<file>', 'the pool: JSONL, a JSON list, CSV with a header, or Parquet')
    .addOption(formatOption())
    .option(
      '--queries <files...>',
      'evaluation queries that the pool must not repeat, in any known layout',
      [],
    )
    .option('--control-queries <files...>', 'control queries, likewise', [])
    .option('--licence <spdx>', 'the pool’s licence, as the policy would state it')
    .option(
      '--max-chars <n>',
      'a request or response above this is called long',
      wholeNumber,
      defaultMaxChars,
    )
    .option('--json', 'print the report as JSON')
    .action(async (file: string, options: CheckOptions) => {
      const { format, queries, controlQueries, licence, maxChars, json } = options;
      const report = checkPool({
        file,
        content: await readSourceFile(file, { what: 'a pool', named: 'the first argument' }),
        format,
        licence: licence ?? null,
        maxChars,
        queryLists: await Promise.all([
          ...queries.map((list) => readList(list, '--queries')),
          ...controlQueries.map((list) => readList(list, '--control-queries')),
        ]),
      });
      printResult(json, report, () => describePool(report));
      process.exitCode = report.usable ? 0 : exitCodeOf('error');
    });
}

async function readList(file: string, named: '--queries' | '--control-queries'): Promise<QueryList> {
  const content = await readSourceFile(file, { what: 'a query list', named });
  return { file, control: named === '--control-queries', queries: readAnyQueries(content, file) };
}

interface FilterOptions {
  readonly out: string;
  readonly judge: 'wildguard' | 'phrases';
  readonly judgeBaseUrl?: string;
  readonly judgeModel?: string;
  readonly keep?: KeepRule;
  readonly format: SourceFormat;
  readonly maxConcurrency: number;
  readonly json?: boolean;
}

function addFilter(pool: Command): void {
  pool
    .command('filter')
    .description('keep the rows that a judge confirms: a harmful request with a compliant response')
    .argument('<file>', 'the pool: JSONL, a JSON list, CSV with a header, or Parquet')
    .requiredOption('--out <file>', 'where the kept rows go, JSONL; a record stands beside them')
    .addOption(
      new Option('--judge <kind>', 'who confirms').choices(['wildguard', 'phrases']).makeOptionMandatory(),
    )
    .option('--judge-base-url <url>', 'the judge’s server')
    .option('--judge-model <name>', 'served name of the judge')
    .addOption(
      new Option(
        '--keep <rule>',
        'what must be confirmed (harmful-compliance; with phrases, which reads responses alone, compliance)',
      ).choices(keepRules),
    )
    .addOption(formatOption())
    .option('--max-concurrency <n>', 'requests in flight at the most', wholeNumber, 8)
    .option('--json', 'print the record as JSON')
    .addHelpText('after', '\nThe key comes from the environment: MIXGATE_JUDGE_API_KEY.')
    .action(async (file: string, options: FilterOptions) => {
      const { out, format, maxConcurrency, json } = options;
      const log = terminalLog(process.stderr, Date.now);
      const record = await filterPoolFile(
        {
          file,
          out,
          format,
          keep: pickRule(options),
          judge: pickJudge(options),
          maxConcurrency,
          retries: 4,
          timeoutSeconds: 240,
        },
        { now: () => new Date(), log, signal: stopSignal() },
      ).finally(log.end);
      printResult(json, record, () => describeFilter(record, out));
    });
}

function pickRule({ judge, keep }: FilterOptions): KeepRule {
  if (judge === 'wildguard') return keep ?? 'harmful-compliance';
  if (keep === undefined || keep === 'compliance') return 'compliance';
  throw new ConfigError({
    code: 'JUDGE_CANNOT_CONFIRM',
    where: '--keep',
    expected: 'compliance, all that the judge phrases can confirm',
    got: keep,
    remedy: 'use --judge wildguard, which rules on requests too',
  });
}

function pickJudge({ judge, judgeBaseUrl, judgeModel }: FilterOptions): FilterRequest['judge'] {
  if (judge === 'phrases') return { kind: 'phrases' };
  if (judgeBaseUrl !== undefined && judgeModel !== undefined) {
    const apiKey = readSecret('MIXGATE_JUDGE_API_KEY');
    return { kind: 'wildguard', baseUrl: judgeBaseUrl, model: judgeModel, apiKey };
  }
  throw new ConfigError({
    code: 'JUDGE_MISSING',
    where: judgeBaseUrl === undefined ? '--judge-base-url' : '--judge-model',
    expected: 'the server that serves the judge wildguard',
    got: 'nothing',
    remedy: 'give --judge-base-url and --judge-model, or --judge phrases',
  });
}

function addFetch(pool: Command): void {
  pool
    .command('fetch')
    .description('download what a policy names from a hub, and print each file’s SHA-256')
    .requiredOption('--policy <file>', 'policy, YAML')
    .option('--json', 'print the list as JSON')
    .addHelpText(
      'after',
      '\nThe hub’s address comes from the environment: MIXGATE_HUB or HF_ENDPOINT; its token: HF_TOKEN.',
    )
    .action(async ({ policy, json }: { readonly policy: string; readonly json?: boolean }) => {
      const fetched = await fetchPools(policy, reachableHub(stopSignal()));
      printResult(json, fetched, () => describeFetched(fetched));
    });
}
