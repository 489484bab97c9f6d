import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { describeError } from '../config/errors.ts';
import { parseWaiver } from '../config/waiver.ts';
import { applyWaiver, type WaiverOutcome } from '../publish/apply-waiver.ts';
import { parseIntactReceipt } from '../receipt/read-receipt.ts';
import type { Receipt } from '../receipt/receipt.ts';

/** What the waiver at a path of the trusted commit does for this run; null where there is none. */
export function readWaiverOutcome(input: {
  readonly path: string | undefined;
  readonly receipt: Receipt;
  readonly policyName: string;
  readonly now: Date;
}): WaiverOutcome | null {
  const { path, receipt } = input;
  if (path === undefined || !existsSync(path) || receipt.evidence.verdict === 'pass') return null;
  try {
    const waiver = parseWaiver(readFileSync(path, 'utf8'), path);
    const named = waiver.receipt === undefined ? undefined : resolve(dirname(path), waiver.receipt);
    const waived =
      named === undefined || receipt.evidence.verdict !== 'fail'
        ? undefined
        : parseIntactReceipt(readFileSync(named, 'utf8'), named);
    return applyWaiver({ ...input, waiver, waived });
  } catch (error) {
    // Closed, not open: a waiver that cannot be read waives nothing.
    return { kind: 'noEffect', reason: describeError(error).replace(/\s+/g, ' ') };
  }
}
