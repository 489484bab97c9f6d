import { EvidenceError } from '../config/errors.ts';
import { tryJson } from '../config/try-json.ts';
import { canonicalJson, digestOf } from './digest.ts';
import { type Receipt, receiptSchema } from './receipt.ts';

/**
 * Parses a receipt's schema, without its digests: `verify` reports those one by one.
 *
 * @throws EvidenceError RECEIPT_BROKEN with file and field
 */
export function parseReceipt(text: string, file: string): Receipt {
  const value = tryJson(text);
  const parsed = receiptSchema.safeParse(value);
  if (parsed.success && hasDigest(parsed.data)) return parsed.data;
  const other = otherThan(text, value);
  if (other !== undefined) throw notAReceipt(file, other);
  const issue = parsed.error?.issues[0];
  throw new EvidenceError({
    code: 'RECEIPT_BROKEN',
    where: `${file} ${issue?.path.join('.') ?? ''}`.trim(),
    expected: 'a mixgate receipt, version 1',
    got: issue?.message ?? 'a value that has no canonical form',
    remedy: 'use the receipt as it was written',
  });
}

/** What stands there in place of a receipt, where that can be told; undefined for a receipt that is broken. */
function otherThan(text: string, value: unknown): string | undefined {
  if (value === undefined) {
    if (text.includes('<summary>Compact receipt</summary>') || /^(<!--[^\n]*-->\n)?## /.test(text))
      return 'a comment (verify takes it as --comment, beside its receipt)';
    return /^\{"trialId"/.test(text)
      ? 'a ledger (verify takes it as --ledger, beside its receipt)'
      : 'no JSON';
  }
  if (typeof value !== 'object' || value === null) return 'JSON of something else';
  if (!('schema' in value)) return 'JSON of something else, without a `schema`';
  const { schema } = value;
  if (schema === 'mixgate.compact/1') return 'the compact receipt of a comment';
  return typeof schema === 'string' && schema !== 'mixgate.receipt/1'
    ? `schema ${JSON.stringify(schema.slice(0, 60))}`
    : undefined;
}

function notAReceipt(file: string, got: string): EvidenceError {
  return new EvidenceError({
    code: 'RECEIPT_BROKEN',
    where: file,
    expected: 'a mixgate receipt, version 1',
    got,
    remedy: 'name the receipt.json that the run wrote',
  });
}

/** @throws EvidenceError RECEIPT_BROKEN, or RECEIPT_CHANGED where a digest does not fit */
export function parseIntactReceipt(text: string, file: string): Receipt {
  const receipt = parseReceipt(text, file);
  const found = { evidenceDigest: digestOf(receipt.evidence), digest: receiptDigest(receipt) };
  for (const field of ['evidenceDigest', 'digest'] as const) {
    if (found[field] === receipt[field]) continue;
    throw new EvidenceError({
      code: 'RECEIPT_CHANGED',
      where: `${file} ${field}`,
      expected: found[field],
      got: receipt[field],
      remedy: 'the receipt was changed after it was written: restore it',
    });
  }
  return receipt;
}

/** The digest over evidence and run. */
export function receiptDigest({ evidence, run }: Pick<Receipt, 'evidence' | 'run'>): string {
  return digestOf({ evidence, run });
}

/** JSON text can hold what has no digest: 1e999 is read as an infinity, and nesting can be too deep to walk. */
function hasDigest(receipt: Receipt): boolean {
  try {
    return canonicalJson(receipt) !== '';
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
