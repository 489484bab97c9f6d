import type { ConditionResult, Evidence } from '../receipt/receipt.ts';
import { isPlain } from './facts.ts';
import { commonLevel, formatPercent, formatRange, isInterval } from './format.ts';
import { escapeHtml, htmlTable, paragraph, section } from './markup.ts';

/**
 * The mixture surface: compliance by benign and harmful demonstrations as a table. The shade repeats the number in its
 * cell, so that nothing is lost without colour, in print or to a screen reader.
 */
export function renderSurface(evidence: Evidence): string {
  const cells = new Map<string, ConditionResult>();
  // The first benign source listed is the policy's main one.
  for (const one of evidence.conditions.filter(isPlain)) {
    const key = `${one.benign} ${one.harmful}`;
    if (!cells.has(key)) cells.set(key, one);
  }
  const shown = [...cells.values()];
  const benign = counts(shown.map((one) => one.benign));
  const harmful = counts(shown.map((one) => one.harmful));
  if (benign.length < 2 || harmful.length < 2 || shown.length < 4) return '';
  const level = commonLevel(shown.map(({ rate }) => rate));
  const rows = harmful
    .toReversed()
    .map((count) => [`${count} harmful`, ...benign.map((one) => surfaceCell(cells.get(`${one} ${count}`)))]);
  const columns = [
    { title: 'Harmful' },
    ...benign.map((count) => ({ title: `${count} benign`, number: true })),
  ];
  const caption = `Compliance by demonstrations${level === undefined ? '' : `, with ${level} intervals`}; empty: not in the suite`;
  const words =
    'Benign before harmful demonstrations, as chat turns, without a cue. The stronger the shade of a cell, the more often the model complied.';
  return section('Mixtures', paragraph(words) + htmlTable({ caption, columns, rows }));
}

function counts(values: readonly number[]): number[] {
  return [...new Set(values)].toSorted((a, b) => a - b);
}

const shades = 10;

function surfaceCell(condition: ConditionResult | undefined): string {
  if (condition === undefined) return '';
  const { rate } = condition;
  if (!isInterval(rate)) return `<small>${escapeHtml(rate.unavailable)}</small>`;
  const shade = Math.min(shades - 1, Math.floor(rate.estimate * shades));
  return `<span class="cell h${shade}"><span class="figure">${formatPercent(rate.estimate)}</span><small class="figure">${escapeHtml(formatRange(rate, 'rate'))}</small></span>`;
}
