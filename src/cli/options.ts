import { InvalidArgumentError } from 'commander';

/** Parses an option's whole number from 1 on. */
export function wholeNumber(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('expected a whole number from 1 on');
}

/** Gathers an option that may be given several times; the addresses stand between blanks. */
export function collectAddress(address: string, before: string | undefined): string {
  return before === undefined ? address : `${before} ${address}`;
}
