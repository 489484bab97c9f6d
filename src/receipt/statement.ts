import { canonicalJson, sha256 } from './digest.ts';
import { buildPredicate, predicateType, type TestResult } from './predicate.ts';
import type { Receipt } from './receipt.ts';

/** A file, or a model, by its SHA-256. */
export interface Subject {
  readonly name: string;
  readonly digest: { readonly sha256: string };
}

/** An in-toto statement, version 1: what is signed. */
export interface Statement {
  readonly _type: typeof statementType;
  readonly subject: readonly Subject[];
  readonly predicateType: typeof predicateType;
  readonly predicate: TestResult;
}

export const statementType = 'https://in-toto.io/Statement/v1';

/** A receipt's file as it is written. */
export function renderReceipt(receipt: Receipt): string {
  return `${canonicalJson(receipt)}\n`;
}

/**
 * The unsigned statement on a receipt: its file, the candidate file where there is one and, only where the weights were
 * hashed where they are served, the model's root digest. A digest that is merely declared or served is no subject: a
 * signature over it would say what nobody measured.
 */
export function buildStatement(input: {
  readonly receipt: Receipt;
  readonly candidateFile: Subject | undefined;
}): Statement {
  const { receipt, candidateFile } = input;
  return {
    _type: statementType,
    subject: [
      { name: 'receipt.json', digest: { sha256: sha256(renderReceipt(receipt)) } },
      ...(candidateFile === undefined ? [] : [candidateFile]),
      ...measuredModel(receipt),
    ],
    predicateType,
    predicate: buildPredicate(receipt),
  };
}

function measuredModel({ evidence: { binding, candidate } }: Receipt): Subject[] {
  const digest = /^sha256:([0-9a-f]{64})$/.exec(candidate.digest ?? '')?.[1];
  if (binding !== 'measured' || digest === undefined) return [];
  return [{ name: candidate.model, digest: { sha256: digest } }];
}
