import { formatInterval, formatSigned, isInterval, type MaybeInterval } from './format.ts';
import { dotAndWhisker, frame, line, text } from './svg.ts';

/** One difference of two compliance rates, in [-1, 1], with what it is of. */
export interface PlottedDifference {
  readonly label: string;
  readonly value: MaybeInterval;
}

const steps = [0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1] as const;
const box = { left: 280, right: 530, top: 14, step: 30, width: 704 };
const ticks = [-1, -0.5, 0, 0.5, 1];

/** Differences about zero, a row each: dot, interval and the same in numbers. None where nothing was measured. */
export function renderDifferencePlot(input: {
  readonly id: string;
  readonly title: string;
  readonly axis: string;
  readonly rows: readonly PlottedDifference[];
}): string | undefined {
  const { id, title, rows } = input;
  const ends = rows.flatMap(({ value }) => (isInterval(value) ? [value.lower, value.upper] : []));
  if (ends.length === 0) return undefined;
  const { left, right, top, step, width } = box;
  const farthest = Math.max(...ends.map(Math.abs));
  const end = steps.find((one) => one >= farthest) ?? 1;
  const bottom = top + rows.length * step;
  const middle = (left + right) / 2;
  const x = (value: number) => middle + (value / end) * ((right - left) / 2);
  const body = [
    ...ticks.map((one) => line([x(one * end), top, x(one * end), bottom], one === 0 ? 'axis' : 'grid')),
    ...ticks.map((one) =>
      text(x(one * end), bottom + 20, formatSigned(100 * one * end, 1), ' class="soft" text-anchor="middle"'),
    ),
    ...rows.map((row, i) => differenceRow(row, x, top + (i + 0.5) * step)),
    text(middle, bottom + 42, input.axis, ' text-anchor="middle"'),
  ];
  const description = rows.map(({ label, value }) => `${label}: ${said(value)}.`).join(' ');
  return frame({ id, title, description, width, height: bottom + 54, body });
}

function differenceRow({ label, value }: PlottedDifference, x: (value: number) => number, y: number): string {
  const name = text(box.left - 10, y + 4, shortened(label), ' text-anchor="end"');
  const number = text(box.right + 12, y + 4, said(value), ' class="soft"');
  return `<g class="s0">${name}${isInterval(value) ? dotAndWhisker(value, x, y) : ''}${number}</g>`;
}

function said(value: MaybeInterval): string {
  return isInterval(value) ? formatInterval(value, 'points').replace(' points', '') : 'not available';
}

/** Long names are cut in front, where those of one plot are alike; the table beside it has them whole. */
function shortened(label: string): string {
  return label.length > 36 ? `…${label.slice(-35)}` : label;
}
