import type { CandidateRecord } from '../config/candidate.ts';
import { EvidenceError } from '../config/errors.ts';
import type { Journal } from '../inference/journal.ts';
import type { RunHeader } from '../inference/journal-entry.ts';
import { identityChange, type ServedIdentity } from '../inference/served.ts';
import { digestOf } from '../receipt/digest.ts';

/** What identifies a run: a journal of another one is refused. */
export type RunIdentity = Omit<RunHeader, 't' | 'format' | 'asOf'>;

export function identifyRun(parts: {
  readonly planSha256: string;
  readonly policySha256: string;
  readonly candidate: CandidateRecord;
  readonly judge: {
    readonly kind: string;
    readonly promptSha256: string;
    readonly canariesSha256: string;
    readonly cardSha256: string | null;
    /** What serves the members of a panel after the first. */
    readonly others?: readonly object[];
  };
  /** Addresses of candidate and judge, as given. */
  readonly servers: readonly (string | null)[];
  /** The run of the workflow; null outside GitHub. */
  readonly workflowRun: string | null;
  readonly baselineDigest: string | undefined;
  readonly served: ServedIdentity;
  readonly judgeServed: ServedIdentity | null;
  /** As i/n; undefined for the whole plan. */
  readonly shard?: string | undefined;
}): RunIdentity {
  return {
    planSha256: parts.planSha256,
    policySha256: parts.policySha256,
    candidateSha256: digestOf(parts.candidate),
    judgeSha256: digestOf(parts.judge),
    serversSha256: digestOf(parts.servers),
    workflowRun: parts.workflowRun,
    baselineDigest: parts.baselineDigest ?? null,
    served: parts.served,
    judgeServed: parts.judgeServed,
    ...(parts.shard === undefined ? {} : { shard: parts.shard }),
  };
}

/**
 * A workflow run measures for itself: answers that lay in a checkout or a cache, whoever put them there, are set
 * aside. Its own further attempts go on.
 */
export function isOfAnotherWorkflowRun({ entries }: Journal, { workflowRun }: RunIdentity): boolean {
  const known = entries.find((entry) => entry.t === 'run');
  return workflowRun !== null && known !== undefined && known.workflowRun !== workflowRun;
}

/** @throws EvidenceError STATE_MISMATCH naming the field in which a journal is of another run */
export function requireSameRun(known: RunHeader, identity: RunIdentity, file: string): void {
  const fields = [
    'policySha256',
    'planSha256',
    'candidateSha256',
    'judgeSha256',
    'serversSha256',
    'baselineDigest',
  ] as const;
  for (const field of fields) {
    if (known[field] !== identity[field]) throw otherRun(file, field, known[field], identity[field]);
  }
  if (known.shard !== identity.shard) {
    throw otherRun(file, 'shard', known.shard ?? null, identity.shard ?? null);
  }
  const pairs = [
    ['served', known.served, identity.served],
    ['judgeServed', known.judgeServed, identity.judgeServed],
  ] as const;
  for (const [name, before, after] of pairs) {
    const change = before === null || after === null ? undefined : identityChange(before, after);
    if (change !== undefined) throw otherRun(file, `${name}.${change.field}`, change.before, change.after);
  }
}

function otherRun(file: string, field: string, known: string | null, now: string | null): EvidenceError {
  return new EvidenceError({
    code: 'STATE_MISMATCH',
    where: `${file} ${field}`,
    expected: `${now ?? 'none'}, as in this run`,
    got: known ?? 'none',
    remedy: 'this state belongs to another run: name an empty --state-dir, or restore what changed',
  });
}
