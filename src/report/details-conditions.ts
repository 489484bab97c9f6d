import type { ConditionResult, Evidence } from '../receipt/receipt.ts';
import { type Detail, mostLines, rateCell } from './detail.ts';
import { bySize, type MixedRange, mixedRangeOf, zeroShotOf } from './facts.ts';
import { commonLevel, formatCount, formatMaybe, formatPlural, formatSpan } from './format.ts';
import { code, escapeMarkdown, table } from './markdown.ts';
import { conditionNames, conditionWords } from './words.ts';

/** The folded tables of conditions: all of them, by factor, by list of queries, and the controls. */

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

/** What a single factor does, the largest difference first. */
export function factorsBody(evidence: Evidence): string {
  const nameOf = conditionNames(evidence.conditions);
  const words = (id: string) => escapeMarkdown(nameOf(id), 120);
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
export function sourcesBody(evidence: Evidence): string {
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
  return range === undefined ? 'not available' : formatSpan(range.low, range.high);
}

/** The control queries, by the place in which they were asked. */
export function controlsBody({ controls }: Evidence): string {
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
