import type { Evidence } from '../receipt/receipt.ts';
import { bullets, mostLines } from './detail.ts';
import { formatLevel, formatMaybe, formatPlainInterval, isInterval, type MaybeInterval } from './format.ts';
import { escapeMarkdown, table } from './markdown.ts';
import { effectWords } from './words.ts';

function withLevel(value: MaybeInterval): string {
  const level = isInterval(value) ? `, ${formatLevel(value.level)}` : '';
  return `${formatMaybe(value, 'points')}${level}`;
}

/** What benign demonstrations do, and what their order does. */
export function effectBody({ effect, recency }: Evidence): string {
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
