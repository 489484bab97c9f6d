import type { CandidateRecord } from '../config/candidate.ts';
import { type Complaint, EvidenceError } from '../config/errors.ts';
import type { Journal } from '../inference/journal.ts';
import type { RunHeader } from '../inference/journal-entry.ts';
import { identityChange, type ServedIdentity } from '../inference/served.ts';
import { digestOf } from '../receipt/digest.ts';

/** What identifies a run: a journal of another one is refused. */
export type RunIdentity = Omit<RunHeader, 't' | 'format' | 'asOf'>;

/** What identifies a run, out of its parts. */
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
 * Whether a journal is set aside instead of gone on with or refused. A workflow run measures for itself: answers that
 * lay in a checkout or a cache, whoever put them there, are not its own; its further attempts go on. And a run that was
 * stopped before its first answer, by its preflight perhaps, holds nothing that another one could lose.
 */
export function isSetAside({ entries, file }: Journal, identity: RunIdentity): boolean {
  const known = entries.find((entry) => entry.t === 'run');
  if (known === undefined) return false;
  if (identity.workflowRun !== null && known.workflowRun !== identity.workflowRun) return true;
  const asked = entries.some(({ t }) => t === 'answer' || t === 'unanswered' || t === 'changed');
  return !asked && differenceOf(known, identity, file) !== undefined;
}

/** @throws EvidenceError STATE_MISMATCH naming the field in which a journal is of another run */
export function requireSameRun(known: RunHeader, identity: RunIdentity, file: string): void {
  const difference = differenceOf(known, identity, file);
  if (difference !== undefined) throw difference;
}

/** What each digest of a run's identity stands for. */
const digestWords = {
  policySha256: 'policy',
  planSha256: 'plan (its pools or queries)',
  candidateSha256: 'candidate file',
  judgeSha256: 'judge (its prompt, canaries or card)',
  serversSha256: 'addresses of the servers',
  baselineDigest: 'baseline',
} as const;
const digestFields = [
  'policySha256',
  'planSha256',
  'candidateSha256',
  'judgeSha256',
  'serversSha256',
  'baselineDigest',
] as const;

function differenceOf(known: RunHeader, identity: RunIdentity, file: string): EvidenceError | undefined {
  for (const field of digestFields) {
    if (known[field] === identity[field]) continue;
    const [was, is] = [known[field], identity[field]].map((digest) => digest?.slice(0, 12) ?? 'none');
    const expected = `a state that began with this run’s ${digestWords[field]}, ${is}`;
    return otherRun({ where: `${file} ${field}`, expected, got: `one that began with another, ${was}` });
  }
  if (known.shard !== identity.shard) {
    return otherRun({
      where: `${file} shard`,
      expected: `${identity.shard ?? 'none'}, as in this run`,
      got: known.shard ?? 'none',
    });
  }
  const pairs = [
    ['served', known.served, identity.served],
    ['judgeServed', known.judgeServed, identity.judgeServed],
  ] as const;
  for (const [name, before, after] of pairs) {
    const change = before === null || after === null ? undefined : identityChange(before, after);
    if (change === undefined) continue;
    return otherRun({
      where: `${file} ${name}.${change.field}`,
      expected: `${change.after}, as in this run`,
      got: change.before,
    });
  }
  return undefined;
}

function otherRun({ where, expected, got }: Pick<Complaint, 'where' | 'expected' | 'got'>): EvidenceError {
  return new EvidenceError({
    code: 'STATE_MISMATCH',
    where,
    expected,
    got,
    remedy:
      'this state belongs to another run: name an empty --state-dir to start anew, or restore what changed to go on with that run',
  });
}
