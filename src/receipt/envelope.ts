import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { z } from 'zod';

/**
 * DSSE, version 1: a signature over the payload and its type together, so that bytes signed as one thing cannot be shown
 * as another (github.com/secure-systems-lab/dsse, protocol.md).
 */

export const payloadType = 'application/vnd.in-toto+json';

export const envelopeSchema = z.object({
  payload: z.base64(),
  payloadType: z.string(),
  signatures: z.array(z.object({ sig: z.base64(), keyid: z.string().optional() })).min(1),
});
export type Envelope = z.infer<typeof envelopeSchema>;

/** A payload whose signature holds. */
export interface SignedContent {
  readonly payloadType: string;
  readonly payload: Buffer;
}

/** The bytes that are signed: `DSSEv1 <length> <type> <length> <payload>`, lengths in bytes. */
export function preAuthEncoding(type: string, payload: Buffer): Buffer {
  const head = `DSSEv1 ${Buffer.byteLength(type)} ${type} ${payload.length} `;
  return Buffer.concat([Buffer.from(head), payload]);
}

/** @returns the content where any of the envelope's signatures is this key's, else undefined */
export function openWithKey(envelope: Envelope, key: KeyObject): SignedContent | undefined {
  const content = {
    payloadType: envelope.payloadType,
    payload: Buffer.from(envelope.payload, 'base64'),
  };
  const signed = preAuthEncoding(content.payloadType, content.payload);
  const isOwn = envelope.signatures.some(({ sig }) =>
    verify(hashOf(key), signed, key, Buffer.from(sig, 'base64')),
  );
  return isOwn ? content : undefined;
}

/** Ed25519 and Ed448 hash by themselves. */
function hashOf(key: KeyObject): string | null {
  return key.asymmetricKeyType === 'ed25519' || key.asymmetricKeyType === 'ed448' ? null : 'sha256';
}

/** @returns undefined where the text is no PEM public key; a private key is refused, it has no place here */
export function parsePublicKey(pem: string): KeyObject | undefined {
  if (!pem.includes('-----BEGIN PUBLIC KEY-----')) return undefined;
  try {
    return createPublicKey(pem);
  } catch {
    return undefined;
  }
}
