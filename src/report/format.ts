import type { CheckResult } from '../receipt/receipt.ts';

/**
 * Numbers as people read them. One place for all outputs, without `Intl`: the same receipt gives the same bytes
 * on every machine, whatever its locale.
 */

export type MaybeInterval = CheckResult['value'];
export type Interval = Exclude<MaybeInterval, { unavailable: string }>;

/** What an interval measures: a share of trials, or a difference of two shares. */
export type Unit = 'rate' | 'points';

/** Whether a figure is there. */
export function isInterval(value: MaybeInterval): value is Interval {
  return 'estimate' in value;
}

/** A real minus sign, and never a negative zero: `-0.04` at one decimal is `0.0`. */
export function formatFixed(value: number, digits: number): string {
  if (!Number.isFinite(value)) return 'not available';
  const text = Math.abs(value).toFixed(digits);
  return value < 0 && Number(text) !== 0 ? `−${text}` : text;
}

/** @example formatSigned(0.5, 1) // '+0.5' */
export function formatSigned(value: number, digits: number): string {
  const text = formatFixed(value, digits);
  return value > 0 && Number(text) !== 0 ? `+${text}` : text;
}

/** @example formatPercent(0.125) // '12.5 %' */
export function formatPercent(fraction: number, digits = 1): string {
  return `${formatFixed(fraction * 100, digits)} %`;
}

/** @example formatSpan(0.1, 0.25) // '10.0 to 25.0 %' */
export function formatSpan(low: number, high: number): string {
  return `${formatFixed(low * 100, 1)} to ${formatPercent(high)}`;
}

/** @example formatPoints(0.031) // '+3.1 points' */
export function formatPoints(difference: number, digits = 1): string {
  return `${formatSigned(difference * 100, digits)} points`;
}

/** The amount of a difference whose direction stands in the words around it. */
export function formatAmount(difference: number, digits = 1): string {
  return `${formatFixed(Math.abs(difference) * 100, digits)} points`;
}

/** A value in its own unit. */
export function formatValue(value: number, unit: Unit, digits = 1): string {
  return unit === 'rate' ? formatPercent(value, digits) : formatPoints(value, digits);
}

/** The limits alone, in percent or points: `9.1 to 16.8`. */
export function formatRange(interval: Interval, unit: Unit, digits = 1): string {
  const format = unit === 'rate' ? formatFixed : formatSigned;
  return `${format(interval.lower * 100, digits)} to ${format(interval.upper * 100, digits)}`;
}

/** @example formatInterval({estimate: 0.125, lower: 0.091, upper: 0.168, ...}, 'rate') // '12.5 % (9.1 to 16.8)' */
export function formatInterval(interval: Interval, unit: Unit, digits = 1): string {
  return `${formatValue(interval.estimate, unit, digits)} (${formatRange(interval, unit, digits)})`;
}

/** Absent numbers are said to be absent; the reason stands where there is room for it. */
export function formatMaybe(value: MaybeInterval, unit: Unit, digits = 1): string {
  return isInterval(value) ? formatInterval(value, unit, digits) : 'not available';
}

/** Log-odds and other plain figures: `+0.034 (−0.012 to +0.080)`. */
export function formatPlainInterval(value: MaybeInterval, digits = 3): string {
  if (!isInterval(value)) return 'not available';
  const [estimate, lower, upper] = [value.estimate, value.lower, value.upper].map((one) =>
    formatSigned(one, digits),
  );
  return `${estimate} (${lower} to ${upper})`;
}

/**
 * A level in percent with `atLeast` decimals, and as many as keep it below 100: Holm's levels come near to it.
 * @example formatLevel(0.95) // '95 %'
 * @example formatLevel(0.9997) // '99.97 %'
 */
export function formatLevel(level: number, atLeast = 1): string {
  const digits = Math.ceil(-Math.log10(100 * (1 - level)));
  return `${trimZeros(formatFixed(level * 100, Math.min(6, Math.max(atLeast, digits))))} %`;
}

/** The level that all the given intervals share, or none when they differ. */
export function commonLevel(values: readonly MaybeInterval[]): string | undefined {
  const levels = new Set(values.filter(isInterval).map((one) => formatLevel(one.level)));
  return levels.size === 1 ? [...levels][0] : undefined;
}

/** @example formatCount(1404) // '1,404' */
export function formatCount(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** @example formatPlural(1404, 'query', 'queries') // '1,404 queries' */
export function formatPlural(count: number, one: string, several = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : several}`;
}

/** Amounts that may be whole or not, such as minutes and money, at most two decimals. */
export function formatQuantity(value: number): string {
  if (Number.isInteger(value)) return formatCount(value);
  const [whole = '', decimals = ''] = formatFixed(value, 2).split('.');
  return trimZeros(`${formatCount(Number(whole.replace('−', '-')))}.${decimals}`);
}

function trimZeros(text: string): string {
  return text.replace(/\.?0+$/, (zeros) => (zeros.startsWith('.') || text.includes('.') ? '' : zeros));
}

/**
 * Decimals (1 to 4) at which an interval's limits still stand on their true side of the threshold: an upper limit of
 * 12.03 % against a cap of 12 % must not be printed as "12.0, limit 12.0, fail".
 */
export function digitsThatDecide(value: MaybeInterval, threshold: number): number {
  if (!isInterval(value)) return 1;
  const hidden = (digits: number) =>
    [value.lower, value.upper].some(
      (limit) =>
        limit !== threshold && formatFixed(limit * 100, digits) === formatFixed(threshold * 100, digits),
    );
  return [1, 2, 3].find((digits) => !hidden(digits)) ?? 4;
}

/** Hexadecimal digests as people compare them: the first twelve digits. */
export function shortDigest(digest: string): string {
  return digest.slice(0, 12);
}
