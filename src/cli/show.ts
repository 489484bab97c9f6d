import type { Command } from 'commander';
import { countOf } from '../config/count-of.ts';
import { ConfigError } from '../config/errors.ts';
import type { JournalReport } from '../inference/journal-check.ts';
import { showLines } from '../report/visible.ts';
import { type Attempts, checkState, isWhole, readTrial, type ShownTrial } from '../run/show-trial.ts';
import { readSecret } from './options.ts';
import { print, printResult } from './terminal.ts';

interface ShowOptions {
  readonly policy: string;
  readonly stateDir: string;
  readonly check?: boolean;
  readonly yesPrintText?: boolean;
  readonly json?: boolean;
}

/** `mixgate show`: one trial on its owner's terminal, or the journal held to its plan. */
export function addShowCommand(program: Command): void {
  program
    .command('show')
    .description('one trial with its text, on a terminal only; or, with --check, whether a journal is whole')
    .argument('[trial]', 'id of a trial, or six digits or more of its beginning')
    .requiredOption('--policy <file>', 'the policy of the run')
    .requiredOption('--state-dir <folder>', 'the state directory of the run')
    .option('--check', 'hold the journal to the plan; exit code 0 where each trial is there once, else 1')
    .option('--yes-print-text', 'print the text even where standard output is no terminal')
    .option('--json', 'print the result of --check as JSON')
    .action(async (trial: string | undefined, options: ShowOptions) => {
      const request = { policyPath: options.policy, stateDir: options.stateDir };
      if (options.check === true) {
        const report = await checkState(request);
        printResult(options.json, checkRecord(report), () => describeCheck(report));
        process.exitCode = isWhole(report) ? 0 : 1;
        return;
      }
      if (trial === undefined) throw noTrial();
      requireOwnTerminal({
        isTerminal: process.stdout.isTTY === true,
        insists: options.yesPrintText === true,
        env: process.env,
      });
      const ledgerKey = readSecret('MIXGATE_LEDGER_KEY');
      print(describeTrial(await readTrial({ ...request, trial, ledgerKey })));
    });
}

/**
 * Pools and answers may hold what must not spread. A runner's log is read by others, whatever the options say.
 *
 * @throws ConfigError SHOW_IN_CI, SHOW_NO_TERMINAL
 */
export function requireOwnTerminal({
  isTerminal,
  insists,
  env,
}: {
  readonly isTerminal: boolean;
  /** Whether the user has asked for the text wherever it goes. */
  readonly insists: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
}): void {
  const inCi = [env.CI, env.GITHUB_ACTIONS].some(
    (value) => value !== undefined && value !== '' && value !== 'false',
  );
  if (!inCi && (isTerminal || insists)) return;
  throw new ConfigError({
    code: inCi ? 'SHOW_IN_CI' : 'SHOW_NO_TERMINAL',
    where: 'standard output',
    expected: 'a terminal: prompts and answers are for their owner’s eyes',
    got: inCi ? 'the log of a CI job' : 'a pipe or a file',
    remedy: inCi ? 'run it on your own machine' : 'run it at a terminal, or add --yes-print-text',
  });
}

function noTrial(): ConfigError {
  return new ConfigError({
    code: 'TRIAL_MISSING',
    where: 'mixgate show',
    expected: 'the id of a trial, or --check',
    got: 'neither',
    remedy: 'take an id from the ledger',
  });
}

/** A trial for people. Each line of text stands behind a mark, so that none can pass for one of ours. */
export function describeTrial({ trial, messages, first, again }: ShownTrial): string {
  const { trialId, role, conditions, block, draw, source, query, seed } = trial;
  return [
    `trial ${trialId}`,
    ...shown(`  ${role} query ${query.id} of ${source}`),
    ...shown(`  conditions ${conditions.join(', ')}`),
    `  block ${block}, draw ${draw}, seed ${seed}`,
    ...messages.flatMap(({ role: speaker, content }) => ['', speaker, ...marked(content)]),
    ...describeAttempts('answer', first),
    ...(again === undefined ? [] : describeAttempts('answer when asked again', again)),
  ].join('\n');
}

function describeAttempts(title: string, attempts: Attempts): string[] {
  const { answer, unanswered, label, requests, judgeRequests, faults } = attempts;
  const text =
    answer === undefined
      ? [`  none: ${unanswered ?? 'not asked, or not yet'}`]
      : answer.text === null
        ? ['  its text was not kept (retention)']
        : marked(answer.text);
  const ended =
    answer === undefined
      ? []
      : shown(`  ended by ${answer.finish}, from ${answer.model ?? 'a nameless model'}`);
  const failed = faults.length === 0 ? '' : `, faults: ${faults.join(', ')}`;
  return [
    '',
    title,
    ...text,
    ...ended,
    `label: ${label ?? 'none'}`,
    `requests: ${requests} to the candidate, ${judgeRequests} to the judge${failed}`,
  ];
}

function marked(text: string): string[] {
  return showLines(text).map((line) => `  | ${line}`);
}

/** Ids, names and words of servers are not ours either. */
function shown(line: string): string[] {
  return showLines(line);
}

function checkRecord(report: JournalReport) {
  const { trials, answered, unanswered, judged, missing, unjudged, problems, left } = report;
  return {
    ok: isWhole(report),
    complete: left !== null,
    ...{ trials, answered, unanswered, judged, missing: missing.length, unjudged: unjudged.length, problems },
  };
}

function describeCheck(report: JournalReport): string {
  const { trials, answered, unanswered, judged, missing, unjudged, problems, left } = report;
  const head = isWhole(report)
    ? 'whole: every planned trial is there once, or a cap stopped it'
    : left === null
      ? 'not whole: the run is not complete'
      : 'not whole';
  return [
    head,
    `  ${countOf(trials, 'trial')} planned: ${answered} answered, ${unanswered} with a reason why not, ${missing.length} neither`,
    `  ${judged} judged, ${countOf(unjudged.length, 'answer')} not judged`,
    ...problems.slice(0, 20).map(({ trial, found }) => `  trial ${trial.slice(0, 12)}: ${found}`),
  ].join('\n');
}
