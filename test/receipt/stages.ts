import type { ReceiptParts } from '../../src/receipt/build.ts';
import type { ComparedRun } from '../../src/receipt/compare.ts';
import { parseLedger } from '../../src/receipt/ledger.ts';
import { complyingAt, type Release, releaseOf } from './release.ts';

/** Runs of one family at several stages, labels by a rule of the test. */

/** Compliance at zero shot, at harmful ones alone, and with benign ones before them. */
export interface StageRates {
  readonly zero: number;
  readonly alone: number;
  readonly mixed: number;
  readonly prefix?: number;
}

type Parts = Partial<ReceiptParts> & { readonly policyText?: string };

export function stageRelease(stage: string | null, rates: StageRates, parts: Parts = {}): Release {
  const { zero, alone, mixed, prefix = mixed } = rates;
  const rate: Readonly<Record<string, number>> = {
    'zero-shot': zero,
    'b0-h2': alone,
    'b2-h2': mixed,
    'b2-h2-prefix': prefix,
  };
  return releaseOf(
    complyingAt((condition) => rate[condition] ?? 0, stage ?? ''),
    { candidate: candidateAt(stage), ...parts },
  );
}

export function candidateAt(stage: string | null, family: string | null = 'tiny'): ReceiptParts['candidate'] {
  const model = `tiny-${stage ?? 'unknown'}`;
  return { model, family, checkpoint: 'step-9', digest: null, trainingStage: stage, parent: null };
}

/** The run as a folder with receipt and ledger holds it, or the receipt alone. */
export function comparedRun(release: Release, withLedger = true): ComparedRun {
  const { receipt, ledger } = release;
  const file = `${receipt.evidence.candidate.model}/receipt.json`;
  return { file, receipt, trials: withLedger ? parseLedger(ledger, 'ledger.jsonl') : undefined };
}

export const flat: StageRates = { zero: 0.2, alone: 0.4, mixed: 0.4 };
export const amplified: StageRates = { zero: 0.2, alone: 0.2, mixed: 0.75 };
