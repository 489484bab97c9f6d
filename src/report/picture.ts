import type { Evidence } from '../receipt/receipt.ts';
import { type OrderingGroup, orderingGroups, type SweepLine, scaleEnd, sweepLines } from './facts.ts';
import {
  commonLevel,
  formatPercent,
  formatRange,
  type Interval,
  isInterval,
  type MaybeInterval,
} from './format.ts';
import { plainLabel } from './visible.ts';
import { orderingWords } from './words.ts';

/**
 * Compliance as bars in a code block: GitHub strips SVG from comments, and block characters show everywhere. Labels
 * pass through `plainLabel`, so that nothing can close the block.
 */
const barWidth = 20;
const mostGroups = 3;
const mostRows = 8;

interface Row {
  readonly label: string;
  readonly rate: MaybeInterval;
}
interface Group {
  readonly title: string;
  readonly rows: readonly Row[];
}

/** The comment's picture, drawn in characters; '' where there is nothing to draw. */
export function renderPicture(evidence: Evidence): string {
  const all = [...sweepLines(evidence).map(sweepGroup), ...orderingGroups(evidence).map(orderingGroup)];
  const groups = chooseGroups(evidence);
  const none: Row = { label: 'no demonstrations', rate: evidence.zeroShot };
  const rates = [none, ...groups.flatMap((one) => one.rows)].map((one) => one.rate);
  if (groups.length === 0 || !rates.some(isInterval)) return '';
  const end = scaleEnd(rates);
  const width = Math.max(...[none, ...groups.flatMap((one) => one.rows)].map((one) => one.label.length));
  const line = (row: Row) => `${row.label.padEnd(width)}  ${picture(row.rate, end)}`.trimEnd();
  const body = [line(none), ...groups.flatMap((one) => ['', one.title, ...one.rows.map(line)])];
  const left = all.length - groups.length;
  const rest = left > 0 ? ['', `${left} more of these in the report`] : [];
  return ['```text', ...legend(rates, end), '', ...body, ...rest, '```'].join('\n');
}

/** Some of both kinds: with many harmful counts the orderings still show. */
function chooseGroups(evidence: Evidence): Group[] {
  const sweeps = sweepLines(evidence).slice(0, mostGroups).map(sweepGroup);
  const orderings = orderingGroups(evidence).slice(0, mostGroups).map(orderingGroup);
  return [...sweeps, ...orderings].map((one) => ({ ...one, rows: one.rows.slice(0, mostRows) }));
}

function legend(rates: readonly MaybeInterval[], end: number): string[] {
  const level = commonLevel(rates);
  return [
    `Compliance; a full bar is ${formatPercent(end, 0)}`,
    `█ to the lower limit  ▒ to the estimate`,
    `░ to the upper limit${level === undefined ? '' : `, ${level} interval`}`,
  ];
}

function sweepGroup({ harmful, points }: SweepLine): Group {
  const width = Math.max(...points.map((one) => String(one.benign).length));
  return {
    title: `${harmful} harmful, and before them`,
    rows: points.map(({ benign, rate }) => ({ label: `  ${String(benign).padStart(width)} benign`, rate })),
  };
}

function orderingGroup({ benign, harmful, rows }: OrderingGroup): Group {
  return {
    title: `${benign} benign and ${harmful} harmful, by ordering`,
    rows: rows.map(({ ordering, rate }) => ({ label: `  ${plainLabel(orderingLabel(ordering))}`, rate })),
  };
}

function orderingLabel(ordering: string): string {
  const words = orderingWords.get(ordering);
  return words === undefined ? ordering : words.replace('in the middle', 'in middle');
}

/** The estimate stands before the bar, where a narrow screen still shows it. */
function picture(rate: MaybeInterval, end: number): string {
  if (!isInterval(rate)) return 'not available';
  return `${formatPercent(rate.estimate).padStart(7)}  ${bar(rate, end)}  ${formatRange(rate, 'rate')}`;
}

/** Something measured above zero always shows, if only as one light cell. */
function bar(rate: Interval, end: number): string {
  const cells = (fraction: number) =>
    Math.min(barWidth, Math.max(0, Math.round((fraction / end) * barWidth)));
  const lower = cells(rate.lower);
  const estimate = Math.max(lower, cells(rate.estimate));
  const upper = Math.max(estimate, cells(rate.upper), rate.upper > 0 ? 1 : 0);
  return ['█'.repeat(lower), '▒'.repeat(estimate - lower), '░'.repeat(upper - estimate)]
    .join('')
    .padEnd(barWidth);
}
