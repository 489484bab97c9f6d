import type { Receipt } from '../receipt/receipt.ts';
import { formatMaybe, formatValue } from '../report/format.ts';
import { checkWords, outcomeWords } from '../report/words.ts';
import type { GateResult } from '../run/gate-request.ts';

/** A result for other programs. */
export function resultRecord({ receipt, files }: GateResult) {
  const { evidence, evidenceDigest, digest } = receipt;
  const { verdict, reasons, checks } = evidence;
  return { verdict, reasons, checks, evidenceDigest, digest, files };
}

/** A result for people at a terminal. */
export function describeResult({ receipt, files }: GateResult): string {
  const { verdict, reasons } = receipt.evidence;
  return [
    `verdict: ${verdict}`,
    ...reasons.map(({ message }) => `  ${message}`),
    ...describeChecks(receipt),
    `receipt: ${files.receipt} (digest ${receipt.digest.slice(0, 16)})`,
    `comment: ${files.comment}`,
    `report:  ${files.report}`,
  ].join('\n');
}

/** Each check with its outcome, figure and limit. */
export function describeChecks({ evidence }: Receipt): string[] {
  return evidence.checks.map(({ name, outcome, value, threshold }) => {
    const { unit, atLeast } = checkWords(name);
    const limit = `${atLeast ? 'at least' : 'at most'} ${formatValue(threshold, unit)}`;
    return `  ${outcomeWords[outcome].padEnd(13)} ${name.padEnd(40)} ${formatMaybe(value, unit)}, ${limit}`;
  });
}
