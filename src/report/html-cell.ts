import { formatInterval, formatLevel, isInterval, type MaybeInterval, type Unit } from './format.ts';
import { escapeHtml, figure } from './markup.ts';

/** An interval as a table's cell. Its level stands in the column's title where all of them share it: `shared`. */
export function intervalCell(value: MaybeInterval, unit: Unit, shared?: string): string {
  if (!isInterval(value)) return escapeHtml(value.unavailable);
  const own = shared === undefined ? `<small>${formatLevel(value.level)}</small>` : '';
  return `${figure(formatInterval(value, unit))}${own}`;
}
