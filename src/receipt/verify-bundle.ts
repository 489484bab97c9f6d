import type { KeyObject } from 'node:crypto';
import { z } from 'zod';
import { tryJson } from '../config/try-json.ts';
import type { NamedText } from './audit.ts';
import { differencesBetween, type Problem } from './difference.ts';
import { sha256 } from './digest.ts';
import { type Envelope, envelopeSchema, openWithKey, payloadType, type SignedContent } from './envelope.ts';
import { buildPredicate, predicateType } from './predicate.ts';
import type { Receipt } from './receipt.ts';
import { openSigstore, type SigstoreTrust } from './sigstore.ts';
import { statementType } from './statement.ts';

/** Whose signature counts: a workflow's, certified by a trusted root, or a key's. */
export type Trust =
  | { readonly kind: 'publicKey'; readonly key: KeyObject; readonly name: string }
  | ({ readonly kind: 'sigstore' } & SigstoreTrust);

const statementSchema = z.object({
  _type: z.string(),
  subject: z.array(z.object({ name: z.string().optional(), digest: z.record(z.string(), z.string()) })),
  predicateType: z.string(),
  predicate: z.unknown(),
});

/**
 * Checks the signature on a receipt, offline: who signed, that the statement is on this receipt file, and that it says
 * of it what the receipt says. A file with several bundles, a line each, holds where one of them does.
 *
 * @returns nothing where it holds; else what is wrong with the bundle, or with the first of several
 */
export function verifyBundle(input: {
  readonly receipt: Receipt;
  /** The receipt's file as it is. */
  readonly receiptText: string;
  readonly bundle: NamedText;
  readonly trust: Trust;
}): Problem[] {
  const { bundle } = input;
  const found = parseLines(bundle.text);
  if (found.length === 0) {
    const expected = 'a Sigstore bundle or a DSSE envelope, JSON or JSON Lines';
    return [{ where: bundle.name, expected, found: 'something else' }];
  }
  const problems = found.map((one) => verifyOne({ ...input, one }));
  return problems.some((own) => own.length === 0) ? [] : (problems[0] ?? []);
}

function verifyOne(input: {
  readonly receipt: Receipt;
  readonly receiptText: string;
  readonly trust: Trust;
  readonly one: unknown;
}): Problem[] {
  const opened = open(input.one, input.trust);
  // Nothing of the payload is read before its signature holds.
  if ('problem' in opened) return [opened.problem];
  return verifyStatement(opened.content, input.receipt, input.receiptText);
}

function open(bundle: unknown, trust: Trust): { content: SignedContent } | { problem: Problem } {
  switch (trust.kind) {
    case 'sigstore':
      return openSigstore(bundle, trust);
    case 'publicKey': {
      const envelope = envelopeOf(bundle);
      const content = envelope === undefined ? undefined : openWithKey(envelope, trust.key);
      if (content !== undefined) return { content };
      const expected = `a DSSE envelope signed by the key in ${trust.name}`;
      const found = envelope === undefined ? 'no envelope, or a broken one' : 'another signature';
      return { problem: { where: 'bundle signature', expected, found } };
    }
  }
}

function verifyStatement(content: SignedContent, receipt: Receipt, receiptText: string): Problem[] {
  const type = differencesBetween(payloadType, content.payloadType, 'bundle.payloadType');
  const parsed = statementSchema.safeParse(tryJson(content.payload.toString('utf8')));
  if (!parsed.success) {
    return [...type, { where: 'bundle.payload', expected: 'an in-toto statement', found: 'something else' }];
  }
  const { _type, subject, predicateType: stated, predicate } = parsed.data;
  return [
    ...type,
    ...differencesBetween(statementType, _type, 'bundle.statement._type'),
    ...differencesBetween(predicateType, stated, 'bundle.statement.predicateType'),
    ...verifySubject(
      subject.map(({ digest }) => digest.sha256),
      sha256(receiptText),
    ),
    ...differencesBetween(buildPredicate(receipt), predicate, 'bundle.statement.predicate'),
  ];
}

/** By digest alone, as in-toto matches subjects: files may be renamed. */
function verifySubject(digests: readonly (string | undefined)[], own: string): Problem[] {
  if (digests.includes(own)) return [];
  const found = digests.filter((digest) => digest !== undefined).join(', ') || 'no SHA-256';
  const expected = `this receipt’s file, SHA-256 ${own}`;
  return [{ where: 'bundle.statement.subject', expected, found }];
}

/** Of a Sigstore bundle, or the envelope by itself. */
function envelopeOf(bundle: unknown): Envelope | undefined {
  const inside = z.object({ dsseEnvelope: envelopeSchema }).safeParse(bundle);
  if (inside.success) return inside.data.dsseEnvelope;
  const bare = envelopeSchema.safeParse(bundle);
  return bare.success ? bare.data : undefined;
}

/** One JSON value, or one a line as `gh attestation download` writes them. */
export function parseLines(text: string): unknown[] {
  const whole = tryJson(text);
  if (whole !== undefined) return [whole];
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const values = lines.map(tryJson);
  return values.includes(undefined) ? [] : values;
}
