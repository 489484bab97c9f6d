import type { Evidence } from '../receipt/receipt.ts';
import { baselineSweep } from './baseline-facts.ts';
import { type OrderingGroup, type Point, type SweepLine, scaleEnd } from './facts.ts';
import { isInterval, type MaybeInterval } from './format.ts';
import {
  describe,
  dotAndWhisker,
  evenly,
  formatTick,
  frame,
  line,
  mark,
  quarters,
  round,
  text,
  zeroShotLine,
} from './svg.ts';
import { orderingWords } from './words.ts';

/** Plots as inline SVG, from the receipt's numbers and two linear scales. Colours come from the style sheet. */

export interface Plot {
  readonly svg: string;
  /** The lines that are drawn; others stand in the table. */
  readonly shown: number;
}

const sweepBox = { left: 58, right: 520, top: 18, bottom: 300, width: 704, height: 352 };
const mostLines = 6;

/** A line of the plot over benign demonstrations. */
export interface PlottedLine {
  readonly name: string;
  readonly points: readonly Point[];
  /** The same of the baseline, drawn dashed and hollow. */
  readonly before?: readonly Point[] | undefined;
}

/** Compliance over benign demonstrations on log2(1 + n), the predictor of the analysis; a line per harmful count. */
export function renderSweepPlot(evidence: Evidence, lines: readonly SweepLine[]): Plot | undefined {
  const before = baselineSweep(evidence);
  return renderLines({
    id: 'sweep',
    title: 'Compliance over benign demonstrations, a line for each harmful count',
    zeroShot: evidence.zeroShot,
    lines: lines.map(({ harmful, points }) => ({
      name: `${harmful} harmful`,
      points,
      before: before.find((one) => one.harmful === harmful)?.points,
    })),
  });
}

/** Lines over benign demonstrations; the dashed line of zero shot where one is given. */
export function renderLines(input: {
  readonly id: string;
  readonly title: string;
  readonly zeroShot: MaybeInterval;
  readonly lines: readonly PlottedLine[];
}): Plot | undefined {
  const { id, title, zeroShot } = input;
  const shown = evenly(
    input.lines.filter((one) => one.points.some(({ rate }) => isInterval(rate))),
    mostLines,
  );
  if (shown.length === 0) return undefined;
  const { left, right, top, bottom, width, height } = sweepBox;
  const counts = [...new Set(shown.flatMap((one) => one.points.map((point) => point.benign)))].toSorted(
    (a, b) => a - b,
  );
  const most = Math.max(1, ...counts);
  const end = scaleEnd([zeroShot, ...shown.flatMap(allPoints).map(({ rate }) => rate)]);
  const x = (benign: number) =>
    left + 24 + (Math.log2(1 + benign) / Math.log2(1 + most)) * (right - left - 48);
  const y = (rate: number) => bottom - (Math.min(rate, end) / end) * (bottom - top);
  const body = [
    ...quarters.map((one) => line([left, y(one * end), right, y(one * end)], one === 0 ? 'axis' : 'grid')),
    ...quarters.map((one) =>
      text(left - 8, y(one * end) + 4, formatTick(one * end), ' class="soft" text-anchor="end"'),
    ),
    ...ticksApart(counts, x).map((one) =>
      text(x(one), bottom + 20, String(one), ' class="soft" text-anchor="middle"'),
    ),
    text(
      (left + right) / 2,
      bottom + 42,
      'benign demonstrations before the harmful ones',
      ' text-anchor="middle"',
    ),
    ...zeroShotLine(zeroShot, (rate) => [left, y(rate), right, y(rate)]),
    ...shown.flatMap((one, i) => {
      const place = { index: i, shift: (i - (shown.length - 1) / 2) * 5, x, y };
      return [...beforeSeries(one, place), sweepSeries(one, place)];
    }),
    ...legend(zeroShot, shown, right + 16),
  ];
  const description = shown.map(describeLine).join(' ');
  return { svg: frame({ id, title, description, width, height, body }), shown: shown.length };
}

interface Place {
  readonly index: number;
  readonly shift: number;
  readonly x: (benign: number) => number;
  readonly y: (rate: number) => number;
}

/** Whiskers of different lines stand a little apart, so that none hides another. */
function sweepSeries(series: PlottedLine, { index, shift, x, y }: Place): string {
  const points = series.points.flatMap(({ benign, rate }) =>
    isInterval(rate) ? [{ at: x(benign) + shift, rate }] : [],
  );
  const path = points.map(({ at, rate }) => `${round(at)},${round(y(rate.estimate))}`).join(' ');
  const marks = points.flatMap(({ at, rate }) => [
    line([at, y(rate.lower), at, y(rate.upper)], 'whisker'),
    line([at - 4, y(rate.lower), at + 4, y(rate.lower)], 'whisker'),
    line([at - 4, y(rate.upper), at + 4, y(rate.upper)], 'whisker'),
    mark(index, at, y(rate.estimate)),
  ]);
  return `<g class="s${index}"><polyline class="path" points="${path}"/>${marks.join('')}</g>`;
}

function allPoints({ points, before = [] }: PlottedLine): Point[] {
  return [...points, ...before];
}

/** Behind the candidate's line, with its interval as a thin stroke: what it is held against. */
function beforeSeries({ before = [] }: PlottedLine, { index, shift, x, y }: Place): string[] {
  const points = before.flatMap(({ benign, rate }) =>
    isInterval(rate) ? [{ at: x(benign) + shift - 2.5, rate }] : [],
  );
  if (points.length === 0) return [];
  const path = points.map(({ at, rate }) => `${round(at)},${round(y(rate.estimate))}`).join(' ');
  const marks = points.flatMap(({ at, rate }) => [
    line([at, y(rate.lower), at, y(rate.upper)], 'thin'),
    mark(index, at, y(rate.estimate)),
  ]);
  return [`<g class="s${index} before"><polyline class="path" points="${path}"/>${marks.join('')}</g>`];
}

function legend(zeroShot: MaybeInterval, lines: readonly PlottedLine[], left: number): string[] {
  const entries = lines
    .map(({ name }, i) => ({ i, words: name.slice(0, 22) }))
    .toReversed()
    .map(({ i, words }, row) => {
      const y = 30 + row * 24;
      const key = `<g class="s${i}">${line([left, y, left + 24, y], 'path')}${mark(i, left + 12, y)}</g>`;
      return key + text(left + 32, y + 4, words);
    });
  const y = 30 + lines.length * 24;
  const zero = isInterval(zeroShot)
    ? [line([left, y, left + 24, y], 'zero'), text(left + 32, y + 4, 'no demonstrations')]
    : [];
  return [...entries, ...zero, ...beforeKey(lines, left, y + (zero.length > 0 ? 24 : 0))];
}

function beforeKey(lines: readonly PlottedLine[], left: number, y: number): string[] {
  if (!lines.some(({ before = [] }) => before.some(({ rate }) => isInterval(rate)))) return [];
  const key = `<g class="s0 before">${line([left, y, left + 24, y], 'path')}${mark(0, left + 12, y)}</g>`;
  return [key, text(left + 32, y + 4, 'baseline, dashed')];
}

function describeLine({ name, points, before = [] }: PlottedLine): string {
  const said = (own: readonly Point[]) =>
    own.map(({ benign, rate }) => `${benign} benign ${describe(rate)}`).join('; ');
  return `At ${name}: ${said(points)}.${before.length === 0 ? '' : ` The baseline: ${said(before)}.`}`;
}

/** Labels that would touch their neighbour are left out. */
function ticksApart(counts: readonly number[], x: (benign: number) => number): number[] {
  const kept: number[] = [];
  for (const one of counts) {
    const last = kept.at(-1);
    if (last === undefined || x(one) - x(last) >= 26) kept.push(one);
  }
  return kept;
}

/** One ordering a row, harmful first to harmful last. */
export function renderOrderingPlot(
  zeroShot: MaybeInterval,
  group: OrderingGroup,
  id: string,
): string | undefined {
  const rates = group.rows.map((one) => one.rate);
  if (!rates.some(isInterval)) return undefined;
  const [left, right, top, step] = [150, 540, 14, 34];
  const bottom = top + group.rows.length * step;
  const end = scaleEnd([zeroShot, ...rates]);
  const x = (rate: number) => left + (Math.min(rate, end) / end) * (right - left);
  const body = [
    ...quarters.map((one) => line([x(one * end), top, x(one * end), bottom], one === 0 ? 'axis' : 'grid')),
    ...quarters.map((one) =>
      text(x(one * end), bottom + 20, formatTick(one * end), ' class="soft" text-anchor="middle"'),
    ),
    ...zeroShotLine(zeroShot, (rate) => [x(rate), top, x(rate), bottom]),
    ...group.rows.map(({ ordering, rate }, i) =>
      orderingRow(ordering, rate, { x, y: top + (i + 0.5) * step, left, right }),
    ),
    text((left + right) / 2, bottom + 42, 'compliance; dashed: no demonstrations', ' text-anchor="middle"'),
  ];
  const title = `Compliance by ordering of ${group.benign} benign and ${group.harmful} harmful demonstrations`;
  const description = group.rows.map((one) => `${one.ordering}: ${describe(one.rate)}.`).join(' ');
  return frame({ id, title, description, width: 704, height: bottom + 54, body });
}

function orderingRow(
  ordering: string,
  rate: MaybeInterval,
  { x, y, left, right }: { x: (rate: number) => number; y: number; left: number; right: number },
): string {
  const label = text(
    left - 10,
    y + 4,
    (orderingWords.get(ordering) ?? ordering).slice(0, 22),
    ' text-anchor="end"',
  );
  const value = text(right + 12, y + 4, describe(rate), ' class="soft"');
  return `<g class="s0">${label}${isInterval(rate) ? dotAndWhisker(rate, x, y) : ''}${value}</g>`;
}

/** A check at a glance: its interval, and the limit as an upright stroke. The numbers beside it say the same. */
export function renderGauge(value: MaybeInterval, threshold: number): string {
  if (!isInterval(value)) return '';
  const low = Math.min(0, value.lower, threshold);
  const high = Math.max(value.upper, threshold);
  const x = (one: number) => 10 + ((one - low) / (high - low || 1)) * 156;
  const zero = low < 0 ? line([x(0), 2, x(0), 22], 'grid') : '';
  const body = `${line([10, 12, 166, 12], 'grid')}${zero}${dotAndWhisker(value, x, 12)}`;
  return `<svg class="gauge" aria-hidden="true" viewBox="0 0 176 24">${body}${line([x(threshold), 2, x(threshold), 22], 'limit')}</svg>`;
}
