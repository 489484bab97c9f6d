import { formatCount, formatInterval, isInterval, type MaybeInterval } from './format.ts';
import { escapeMarkdown, unbroken } from './markdown.ts';

/** A folded section of comment and summary. Its lists are cut, so that none alone can fill a comment. */
export interface Detail {
  readonly title: string;
  readonly body: string;
}

export const mostLines = 16;

/** As many items as a section takes; the others are counted. Items are Markdown already. */
export function bullets(items: readonly string[]): string {
  const left = items.length - mostLines;
  const rest = left > 0 ? [`- ${formatCount(left)} more in the report.`] : [];
  return [...items.slice(0, mostLines).map((one) => `- ${one}`), ...rest].join('\n');
}

/** An absent rate gives its reason. */
export function rateCell(rate: MaybeInterval): string {
  return isInterval(rate)
    ? unbroken(formatInterval(rate, 'rate'))
    : `not available: ${escapeMarkdown(rate.unavailable, 80)}`;
}
