import type { Evidence } from '../receipt/receipt.ts';
import { mostLines } from './detail.ts';
import { formatCount, formatFixed, formatLevel, formatMaybe, formatPlainInterval } from './format.ts';
import { code, escapeMarkdown, table } from './markdown.ts';

/** Findings that no check reads: hypotheses, format adoption, and how the looks went. Empty where there is nothing to show. */

export const hypothesisWords = {
  totalCount: 'Only the total counts',
  harmfulCount: 'Only the harmful ones count',
  joint: 'Neither count has an effect',
} as const;

/** The tests of the hypotheses about counts. */
export function hypothesesBody({ hypotheses }: Evidence): string {
  const rows = (['totalCount', 'harmfulCount', 'joint'] as const).flatMap((name) => {
    const found = hypotheses[name];
    if ('unavailable' in found) return [];
    const figures = found.coefficients
      .map((one) => `${one.name} ${formatPlainInterval(one.interval)}`)
      .join(', ');
    return [
      [
        hypothesisWords[name],
        escapeMarkdown(testWords(found), 120),
        pWords(found.pValue),
        escapeMarkdown(figures, 200),
      ],
    ];
  });
  if (rows.length === 0) return '';
  const head = [
    'Hypothesis',
    'Test against it',
    'p',
    'Log-odds per doubling; g: from all benign to all harmful',
  ];
  return table({ head, align: ['left', 'left', 'right', 'left'], rows });
}

type Tested = Exclude<Evidence['hypotheses']['joint'], { unavailable: string }>;

/** @example 'F(2, 15) = 4.31' */
export function testWords({ statisticName, statistic, df, basis }: Tested): string {
  const test = `${statisticName}(${df.map((one) => formatFixed(one, 0)).join(', ')}) = ${formatFixed(statistic, 2)}`;
  return basis === 'modelBased' ? `${test}, model-based, not cluster-robust` : test;
}

/** The two-sided level of a look's intervals. */
export function levelOfLook(nominalError: number): string {
  return formatLevel(1 - 2 * nominalError, 2);
}

/** @example '0.0312', '< 0.0001' */
export function pWords(pValue: number): string {
  return pValue < 0.0001 ? '< 0.0001' : formatFixed(pValue, 4);
}

/** How often answers begin with the cue of the demonstrations. */
export function formatsBody({ formats }: Evidence): string {
  const rows = formats.slice(0, mostLines).map((one) => {
    const place = [code(one.condition, 80), `${one.cue}, on ${one.on}`];
    if ('unavailable' in one)
      return [...place, `not available: ${escapeMarkdown(one.unavailable, 80)}`, '', ''];
    return [
      ...place,
      formatMaybe(one.refusals.rate, 'rate'),
      formatMaybe(one.compliances.rate, 'rate'),
      formatMaybe(one.difference, 'points'),
    ];
  });
  if (rows.length === 0) return '';
  const head = ['Condition', 'Cue', 'Copied in refusals', 'Copied in compliances', 'Difference'];
  const left = formats.length - rows.length;
  const more = left > 0 ? `\n\n${formatCount(left)} more in the receipt.` : '';
  return `${table({ head, align: ['left', 'left', 'right', 'right', 'right'], rows })}${more}`;
}

/** What each planned look settled. */
export function looksBody({ looks, conditions }: Evidence): string {
  if (looks.planned.length < 2) return '';
  const rows = looks.taken.map((one) => [
    formatCount(one.look),
    `${formatCount(one.blocks)} of ${formatCount(looks.planned.at(-1) ?? 0)}`,
    levelOfLook(one.nominalError),
    one.settled.length === 0 ? 'none' : one.settled.map((name) => code(name, 60)).join(', '),
    `${formatCount(one.goesOn.evaluation.length)} of ${formatCount(conditions.length)}`,
  ]);
  const head = ['Look', 'Blocks', 'Level of its intervals', 'Settled', 'Conditions asked on'];
  return table({ head, align: ['right', 'right', 'right', 'left', 'right'], rows });
}
