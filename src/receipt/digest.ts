import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';

/**
 * RFC 8785 canonical JSON of plain data.
 *
 * @throws RangeError for what JSON cannot say (NaN, infinities, undefined, functions, symbols, big integers): such a
 *   value must never reach a receipt
 */
export function canonicalJson(value: unknown): string {
  refuseUnsayable(value, '$');
  const text = canonicalize(value);
  if (text === undefined) throw new RangeError('canonicalJson: expected plain data, got undefined');
  return text;
}

/** SHA-256 of the canonical JSON, 64 lower-case hexadecimal digits. */
export function digestOf(value: unknown): string {
  return sha256(canonicalJson(value));
}

/** SHA-256, 64 lower-case hexadecimal digits. */
export function sha256(data: string | Buffer): string {
  return createHash('sha256').update(data).digest('hex');
}

function refuseUnsayable(value: unknown, path: string): void {
  const sayable =
    value === null || ['boolean', 'string', 'object'].includes(typeof value) || Number.isFinite(value);
  if (!sayable) {
    throw new RangeError(`canonicalJson: expected plain data at ${path}, got ${String(value)}`);
  }
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) refuseUnsayable(inner, `${path}.${key}`);
}

/** The value as JSON keeps it: without undefined members. */
export function plain<T>(value: T): T {
  return JSON.parse(JSON.stringify(value));
}
