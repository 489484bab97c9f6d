import { readFileSync } from 'node:fs';
import type { GateChanges } from '../publish/gate-changes.ts';
import { type Preview, previewVerdict } from '../publish/preview.ts';
import { readBaseline } from '../run/gate-inputs.ts';
import type { GateResult } from '../run/gate-request.ts';

/** What the head's policy would have said of this run; null where the head leaves the policy's values alone. */
export function previewOf(
  { receipt, files }: GateResult,
  changes: GateChanges,
  baselineDir: string | undefined,
): Preview | null {
  const { policy } = changes;
  if (policy.kind !== 'keys' || policy.keys.length === 0) return null;
  const other = changes.files.find(({ role }) => role !== 'policy' && role !== 'waiver');
  if (other !== undefined)
    return { unavailable: `the ${other.role} changes too, so there would be other evidence` };
  return previewVerdict({
    receipt,
    ledger: readFileSync(files.ledger, 'utf8'),
    policy: policy.policy,
    baseline: baselineDir === undefined ? undefined : readBaseline(baselineDir),
  });
}
