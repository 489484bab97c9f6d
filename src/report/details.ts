import type { ConditionResult, Evidence, Receipt } from '../receipt/receipt.ts';
import { budgetRows } from './budget.ts';
import { bySize, type MixedRange, mixedRangeOf, zeroShotOf } from './facts.ts';
import { formatsBody, hypothesesBody, looksBody } from './findings.ts';
import {
  commonLevel,
  formatCount,
  formatFixed,
  formatInterval,
  formatLevel,
  formatMaybe,
  formatPercent,
  formatPlainInterval,
  formatPlural,
  isInterval,
  type MaybeInterval,
  shortDigest,
} from './format.ts';
import { judgeSentences } from './judge-words.ts';
import { code, escapeMarkdown, table, unbroken } from './markdown.ts';
import { bindingWords, checkWords, conditionWords, effectWords } from './words.ts';

/** The folded sections of comment and summary. Lists are cut here, so that no section alone can fill a comment. */

export interface Detail {
  readonly title: string;
  readonly body: string;
}

const mostLines = 16;

export function listDetails(receipt: Receipt): Detail[] {
  const { evidence } = receipt;
  return [
    { title: 'Effect of benign demonstrations, and of order', body: effectBody(evidence) },
    { title: 'Carriers, formats, sources of demonstrations and system prompts', body: factorsBody(evidence) },
    { title: 'By source of queries', body: sourcesBody(evidence) },
    { title: 'Hypotheses about counts', body: hypothesesBody(evidence) },
    { title: 'Format adoption, apart from compliance', body: formatsBody(evidence) },
    { title: 'Planned looks', body: looksBody(evidence) },
    { title: 'Control queries', body: controlsBody(evidence) },
    { title: 'Judge and canaries', body: judgeBody(evidence) },
    { title: 'Budget, planned and used', body: budgetBody(receipt) },
    { title: 'What was tested, and how the candidate is bound', body: identityBody(evidence) },
    {
      title: 'Limits of what this shows',
      body: bullets(evidence.limits.map((one) => escapeMarkdown(one, 500))),
    },
    { title: 'Reasons', body: reasonsBody(evidence) },
  ].filter((one) => one.body !== '');
}

const conditionHead = [
  'Condition',
  'Id',
  'Planned',
  'Compliance',
  'Refusal',
  'Unscored',
  'Not run',
  'Rate',
] as const;

/** As many condition rows as fit into `room` characters; the others are counted. */
export function conditionsDetail(evidence: Evidence, room: number): Detail {
  const rows = evidence.conditions.map(conditionRow);
  const fitting = countFitting(rows, room - 500);
  const left = rows.length - fitting;
  const level = commonLevel(evidence.conditions.map((one) => one.rate));
  const zero = `Without demonstrations: ${formatMaybe(evidence.zeroShot, 'rate')}.`;
  const more = left > 0 ? ` ${formatPlural(left, 'more condition')} left to the report.` : '';
  const body = table({
    head: conditionHead.map((one) => (one === 'Rate' && level !== undefined ? `Rate (${level})` : one)),
    align: ['left', 'left', 'right', 'right', 'right', 'right', 'right', 'right'],
    rows: rows.slice(0, fitting),
  });
  const title = `Conditions (${formatCount(rows.length)})`;
  return { title, body: fitting === 0 ? `${zero}${more}` : `${body}\n\n${zero}${more}` };
}

function conditionRow(one: ConditionResult): string[] {
  const { planned, compliance, refusal, unscored, notRun } = one;
  const numbers = [planned, compliance, refusal, unscored, notRun].map(formatCount);
  return [escapeMarkdown(conditionWords(one), 120), code(one.id, 80), ...numbers, rateCell(one.rate)];
}

/** An absent rate gives its reason. */
function rateCell(rate: MaybeInterval): string {
  return isInterval(rate)
    ? unbroken(formatInterval(rate, 'rate'))
    : `not available: ${escapeMarkdown(rate.unavailable, 80)}`;
}

function countFitting(rows: readonly (readonly string[])[], room: number): number {
  let used = 0;
  let count = 0;
  for (const cells of rows) {
    used += cells.join(' | ').length + 5;
    if (used > room) break;
    count += 1;
  }
  return count;
}

function withLevel(value: MaybeInterval): string {
  const level = isInterval(value) ? `, ${formatLevel(value.level)}` : '';
  return `${formatMaybe(value, 'points')}${level}`;
}

function effectBody({ effect, recency }: Evidence): string {
  const order =
    'unavailable' in recency
      ? [`Order of demonstrations: not available: ${escapeMarkdown(recency.unavailable, 200)}`]
      : [
          `Harmful last minus harmful first: ${withLevel(recency.contrast)}.`,
          `Range over all orderings: ${withLevel(recency.range)}.`,
        ];
  if ('unavailable' in effect) {
    return bullets([
      `Benign demonstrations: not available: ${escapeMarkdown(effect.unavailable, 200)}`,
      ...order,
    ]);
  }
  const all = { harmful: 'all', ...effect };
  const rows = [all, ...effect.byHarmful.slice(0, mostLines)].map((one) => [
    String(one.harmful),
    effectWords[one.label],
    formatPlainInterval(one.logOddsPerDoubling),
    formatMaybe(one.increase, 'points'),
  ]);
  const titled = (title: string, value: MaybeInterval) =>
    isInterval(value) ? `${title} (${formatLevel(value.level)})` : title;
  const head = [
    'Harmful',
    'Effect',
    titled('Log-odds per doubling', effect.logOddsPerDoubling),
    titled('Rise, least to most benign', effect.increase),
  ];
  return `${table({ head, align: ['right', 'left', 'right', 'right'], rows })}\n\n${bullets(order)}`;
}

/** What a single factor does, the largest difference first. */
function factorsBody(evidence: Evidence): string {
  const known = new Map(evidence.conditions.map((one) => [one.id, one]));
  const words = (id: string) => {
    const condition = known.get(id);
    return escapeMarkdown(condition === undefined ? id : conditionWords(condition), 120);
  };
  const rows = bySize(evidence.factors)
    .slice(0, mostLines)
    .map((one) => [words(one.condition), words(one.reference), formatMaybe(one.difference, 'points')]);
  if (rows.length === 0) return '';
  const head = ['Condition', 'Compared with', 'Difference in compliance'];
  const left = evidence.factors.length - rows.length;
  const rest = left > 0 ? `\n\n${formatPlural(left, 'smaller difference')} left to the report.` : '';
  return `${table({ head, align: ['left', 'left', 'right'], rows })}${rest}`;
}

/** With a single list of queries the conditions already say it. */
function sourcesBody(evidence: Evidence): string {
  if (evidence.sources.length < 2) return '';
  const rows = evidence.sources
    .slice(0, mostLines)
    .map((one) => [
      escapeMarkdown(one.source, 80),
      formatMaybe(zeroShotOf(one), 'rate'),
      rangeWords(mixedRangeOf(evidence, one.conditions)),
    ]);
  const head = ['Queries', 'Without demonstrations', 'With, lowest to highest condition'];
  return table({ head, align: ['left', 'right', 'right'], rows });
}

function rangeWords(range: MixedRange | undefined): string {
  return range === undefined
    ? 'not available'
    : `${formatFixed(100 * range.low, 1)} to ${formatPercent(range.high)}`;
}

function controlsBody({ controls }: Evidence): string {
  const rows = controls
    .slice(0, mostLines)
    .map((one) => [
      code(one.condition, 80),
      ...[one.planned, one.compliance, one.refusal, one.unscored, one.notRun].map(formatCount),
      rateCell(one.rate),
    ]);
  if (rows.length === 0) return '';
  const head = ['Asked in', 'Planned', 'Answered', 'Refused', 'Unscored', 'Not run', 'Rate'];
  return table({ head, align: ['left', 'right', 'right', 'right', 'right', 'right', 'right'], rows });
}

function judgeBody(evidence: Evidence): string {
  const { judge } = evidence;
  const { canaries } = judge;
  const kappa = canaries.kappa === null ? 'not available' : formatFixed(canaries.kappa, 3);
  const words = bullets([
    `Judge ${code(judge.kind, 60)}${judge.served === null ? '' : `, served as ${code(judge.served.model, 100)}`}, prompt \`${shortDigest(judge.promptSha256)}\`.`,
    `${formatCount(canaries.canaries)} canaries with known labels, judged before, between and after the trials: ${formatCount(canaries.agreed)} of them as labelled every time, ${formatCount(canaries.unreadable)} unreadable at least once; lowest kappa ${kappa}, at least ${formatFixed(judge.minKappa, 2)} required.`,
    ...judgeSentences(evidence).map((one) => escapeMarkdown(one, 500)),
  ]);
  return [words, correctedTable(evidence)].filter((one) => one !== '').join('\n\n');
}

/** Each rate as the judge saw it, and without its error; only where a card tells that. */
function correctedTable({ conditions, checks }: Evidence): string {
  const rows = conditions
    .flatMap((one) => (one.corrected === undefined ? [] : [{ ...one, corrected: one.corrected }]))
    .slice(0, mostLines)
    .map((one) => [code(one.id, 80), rateCell(one.rate), rateCell(one.corrected)]);
  if (rows.length === 0) return '';
  const checked = checks
    .flatMap(({ name, value, corrected }) => (corrected === undefined ? [] : [{ name, value, corrected }]))
    .map(({ name, value, corrected }) => {
      const { unit } = checkWords(name);
      const cell = (shown: MaybeInterval) =>
        isInterval(shown) ? unbroken(formatInterval(shown, unit)) : rateCell(shown);
      return [code(name, 80), cell(value), cell(corrected)];
    });
  const head = ['Condition or check', 'As the judge saw it', 'Without its error'];
  return table({ head, align: ['left', 'right', 'right'], rows: [...rows, ...checked] });
}

function budgetBody(receipt: Receipt): string {
  const rows = budgetRows(receipt).map((one) => [
    escapeMarkdown(one.name, 60),
    one.planned,
    one.used,
    one.cap,
  ]);
  return table({
    head: ['What', 'Planned', 'Used', 'Cap'],
    align: ['left', 'right', 'right', 'right'],
    rows: rows.slice(0, mostLines),
  });
}

function identityBody({ candidate, served, binding, suite, sampling }: Evidence): string {
  const engine = [served.engine, served.version].filter((one) => one !== null).join(' ');
  return bullets([
    `Digest ${candidate.digest === null ? 'not declared' : code(candidate.digest)}. Binding ${bindingWords[binding]}.`,
    `Served as ${code(served.model)}${engine === '' ? '' : ` by ${code(engine)}`}${served.contextLength === null ? '' : `, context ${formatCount(served.contextLength)} tokens`}.`,
    `${formatPlural(suite.draws, 'draw')}, seed ${suite.seed}, plan \`${shortDigest(suite.planSha256)}\`; temperature ${sampling.temperature}, at most ${formatCount(sampling.maxTokens)} tokens.`,
  ]);
}

function reasonsBody({ verdict, reasons }: Evidence): string {
  // Without a verdict they stand unfolded above.
  if (verdict === 'inconclusive' && reasons.length > 1) return '';
  return bullets(reasons.map((one) => escapeMarkdown(one.message, 400)));
}

function bullets(items: readonly string[]): string {
  const left = items.length - mostLines;
  const rest = left > 0 ? [`- ${formatCount(left)} more in the report.`] : [];
  return [...items.slice(0, mostLines).map((one) => `- ${one}`), ...rest].join('\n');
}
