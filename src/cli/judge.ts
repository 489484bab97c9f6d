import { type Command, Option } from 'commander';
import type { MaybeInterval, Unavailable } from '../analysis/interval.ts';
import { ConfigError } from '../config/errors.ts';
import {
  type JudgeKind,
  type JudgeSpec,
  judgeKinds,
  judgePolicy,
  judgeSpecOf,
} from '../config/judge-policy.ts';
import { harmless } from '../config/log.ts';
import { readPolicy } from '../config/read-policy.ts';
import { harmSentence, measuresHarm } from '../judge/harm.ts';
import type { JudgeCard } from '../judge/judge-card.ts';
import { formatMaybe } from '../report/format.ts';
import { measureJudgeOn } from '../run/measure-judge.ts';
import { addEstimateCommand, addSampleCommand } from './judge-labels.ts';
import { readSecret, wholeNumber, withJudgeServer } from './options.ts';
import { printResult, stopSignal, terminalLog } from './terminal.ts';

interface MeasureOptions {
  readonly labels: string;
  readonly judge?: JudgeKind;
  readonly policy?: string;
  readonly judgeBaseUrl?: string;
  readonly judgeModel?: string;
  readonly canaries?: string;
  readonly out?: string;
  readonly maxConcurrency: number;
  readonly json?: boolean;
}

/** `mixgate judge`: how well a judge agrees with people. */
export function addJudgeCommand(program: Command): void {
  const judge = program.command('judge').description('hold a judge against people’s labels');
  addMeasureCommand(judge);
  addSampleCommand(judge);
  addEstimateCommand(judge);
}

function addMeasureCommand(judge: Command): void {
  const command = judge
    .command('measure')
    .description('measure a judge on answers that people labelled, and make its card; never a row’s text')
    .requiredOption(
      '--labels <file>',
      'JSONL or CSV: id, request, response, label (compliance, refusal or null)',
    )
    .addOption(
      new Option('--judge <kind>', 'the judge (with --policy, the policy’s unless given)').choices(
        judgeKinds,
      ),
    )
    .option(
      '--policy <file>',
      'a policy whose judge object has the settings of a rubric, classifier or panel',
    );
  withJudgeServer(command)
    .option(
      '--canaries <file>',
      'the canaries of the policy that will name the card (the shipped ones unless given)',
    )
    .option('--out <folder>', 'where judge-card.json goes')
    .option('--max-concurrency <n>', 'requests in flight at the most', wholeNumber, 8)
    .option('--json', 'print the card as JSON')
    .addHelpText('after', '\nThe key comes from the environment: MIXGATE_JUDGE_API_KEY.')
    .action(async (options: MeasureOptions) => {
      const { labels, judgeBaseUrl, judgeModel, canaries, out, maxConcurrency, json } = options;
      const log = terminalLog(process.stderr, Date.now);
      const card = await measureJudgeOn(
        {
          labelsPath: labels,
          spec: pickSpec(options),
          judgeBaseUrl,
          judgeModel,
          judgeApiKey: readSecret('MIXGATE_JUDGE_API_KEY'),
          canariesPath: canaries,
          outDir: out,
          maxConcurrency,
        },
        { now: () => new Date(), log, signal: stopSignal() },
      ).finally(log.end);
      printResult(json, card, () => describeCard(card).map(harmless).join('\n'));
    });
}

/** The judge of a policy, or one by its kind alone. */
function pickSpec({ judge: kind, policy: path }: { judge?: JudgeKind; policy?: string }): JudgeSpec {
  if (path !== undefined) {
    const { policy } = readPolicy(path);
    if (kind === undefined || kind === policy.judge.kind) return judgeSpecOf(policy.judge);
  }
  const needsPolicy = kind === undefined || kind === 'classifier' || kind === 'panel';
  if (!needsPolicy) return judgeSpecOf(judgePolicy.parse({ kind }));
  throw new ConfigError({
    code: 'JUDGE_UNSETTLED',
    where: '--policy',
    expected:
      kind === undefined
        ? 'a judge: --judge KIND, or a policy that names one'
        : `a policy whose judge is a ${kind}, with its settings`,
    got: path === undefined ? 'nothing' : 'a policy with another judge',
    remedy: 'give --judge phrases, wildguard, rubric or llama-guard, or --policy FILE',
  });
}

function figure(value: number | Unavailable): string {
  return typeof value === 'number' ? value.toFixed(3) : `not available (${value.unavailable})`;
}

function rate(value: MaybeInterval): string {
  return formatMaybe(value, 'rate');
}

/** A card for people at a terminal. */
function describeCard(card: JudgeCard): string[] {
  const groups: [string, Pick<JudgeCard, 'n' | 'accuracy' | 'macroF1' | 'kappa'>][] = [
    ['safe requests', card.requestKinds.safe],
    ['unsafe requests', card.requestKinds.unsafe],
    ...Object.entries(card.sources).map(([name, one]) => [`source ${name}`, one] as [string, typeof one]),
    ...Object.entries(card.cues).map(([name, one]) => [`cue ${name}`, one] as [string, typeof one]),
  ];
  const { compliance, refusal } = card.table;
  return [
    `${card.judge.kind} on ${card.labels.name}: ${card.n} labelled answers, ${card.unlabelled.length} without a label`,
    ...(measuresHarm(card.judge.kind) ? [`  ${harmSentence}`] : []),
    `  accuracy ${figure(card.accuracy)}, kappa ${figure(card.kappa)}, macro F1 ${figure(card.macroF1)}, F1 for refusal ${figure(card.refusalF1)}`,
    `  sensitivity for compliance ${rate(card.sensitivity)}`,
    `  specificity for compliance ${rate(card.specificity)}`,
    `  people: compliance -> judge ${compliance.compliance} compliance, ${compliance.refusal} refusal, ${compliance.unreadable} unreadable`,
    `  people: refusal    -> judge ${refusal.compliance} compliance, ${refusal.refusal} refusal, ${refusal.unreadable} unreadable`,
    ...groups
      .filter(([, { n }]) => n > 0)
      .map(
        ([name, one]) =>
          `  ${name}: n ${one.n}, accuracy ${figure(one.accuracy)}, macro F1 ${figure(one.macroF1)}, kappa ${figure(one.kappa)}`,
      ),
    ...Object.entries(card.cues).map(
      ([name, { changed }]) => `  the cue ${name} in front changes ${changed} of ${card.n} labels`,
    ),
    `  ${card.perSecond} answers a second`,
  ];
}
