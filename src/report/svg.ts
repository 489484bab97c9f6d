import { formatInterval, formatPercent, type Interval, isInterval, type MaybeInterval } from './format.ts';
import { escapeHtml } from './markup.ts';

/** The few shapes that the plots are drawn from. Colours come from the style sheet. */

export const round = (value: number) => String(Math.round(value * 10) / 10);

/** A plot with the words by which it is read out. */
export interface Frame {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly width: number;
  readonly height: number;
  readonly body: readonly string[];
}

/** The whole plot as SVG; `body` is SVG already. */
export function frame({ id, title, description, width, height, body }: Frame): string {
  return [
    `<svg class="plot" role="img" aria-labelledby="${id}-title ${id}-desc" viewBox="0 0 ${width} ${height}">`,
    `<title id="${id}-title">${escapeHtml(title)}</title>`,
    `<desc id="${id}-desc">${escapeHtml(description)}</desc>`,
    ...body,
    '</svg>',
  ].join('\n');
}

/** @param more attributes, as SVG */
export function text(x: number, y: number, content: string, more = ''): string {
  return `<text x="${round(x)}" y="${round(y)}"${more}>${escapeHtml(content)}</text>`;
}

/** @param points x and y of its two ends */
export function line(points: readonly [number, number, number, number], kind: string): string {
  const [x1, y1, x2, y2] = points.map(round);
  return `<line class="${kind}" x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}"/>`;
}

/** Four shapes, so that lines are told apart without colour. */
export function mark(index: number, x: number, y: number): string {
  const at = `transform="translate(${round(x)} ${round(y)})"`;
  const shapes = [
    'M-5 0A5 5 0 1 1 5 0A5 5 0 1 1 -5 0Z',
    'M-5 -5H5V5H-5Z',
    'M0 -6L6 5H-6Z',
    'M0 -6.5L6 0L0 6.5L-6 0Z',
  ];
  return `<path class="mark" ${at} d="${shapes[index % shapes.length] ?? ''}"/>`;
}

export const quarters = [0, 0.25, 0.5, 0.75, 1];

/** An estimate with its interval, lying along x. */
export function dotAndWhisker(rate: Interval, x: (value: number) => number, y: number): string {
  return [
    line([x(rate.lower), y, x(rate.upper), y], 'whisker'),
    line([x(rate.lower), y - 4, x(rate.lower), y + 4], 'whisker'),
    line([x(rate.upper), y - 4, x(rate.upper), y + 4], 'whisker'),
    mark(0, x(rate.estimate), y),
  ].join('');
}

/** The rate without demonstrations, where there is one. */
export function zeroShotLine(
  zeroShot: MaybeInterval,
  at: (rate: number) => readonly [number, number, number, number],
): string[] {
  return isInterval(zeroShot) ? [line(at(zeroShot.estimate), 'zero')] : [];
}

/** A rate at a tick: a decimal only where it needs one. */
export function formatTick(rate: number): string {
  const digits = Number.isInteger(Math.round(rate * 1e6) / 1e4) ? 0 : 1;
  return formatPercent(rate, digits);
}

/** A rate as a plot is read out. */
export function describe(rate: MaybeInterval): string {
  return isInterval(rate) ? formatInterval(rate, 'rate') : 'not available';
}

/** Of many lines some from all over, the first and the last among them. */
export function evenly<T>(items: readonly T[], most: number): T[] {
  if (items.length <= most) return [...items];
  const wanted = new Set(
    Array.from({ length: most }, (_, i) => Math.round((i * (items.length - 1)) / (most - 1))),
  );
  return items.filter((_, i) => wanted.has(i));
}
