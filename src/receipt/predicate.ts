import type { CheckResult, Receipt } from './receipt.ts';

/** The in-toto test-result predicate, version 0.1: what a signature states beside the receipt's digest. */
export interface TestResult {
  readonly result: 'PASSED' | 'FAILED';
  readonly configuration: readonly Configuration[];
  readonly url?: string;
  readonly passedTests: readonly string[];
  readonly warnedTests: readonly string[];
  readonly failedTests: readonly string[];
}

/** An in-toto ResourceDescriptor with the parts that are used here. */
export interface Configuration {
  readonly name: string;
  readonly digest: { readonly sha256: string };
  readonly annotations?: Readonly<Record<string, string>>;
}

export const predicateType = 'https://in-toto.io/attestation/test-result/v0.1';

/**
 * The predicate that follows from a receipt: verdict, checks, and the digests of policy, suite and baseline.
 *
 * `inconclusive` is FAILED and so is an inconclusive check: the specification's `warnedTests` have passed with warnings,
 * and a consumer that lets them through would take missing evidence for a pass.
 */
export function buildPredicate({ evidence, run }: Pick<Receipt, 'evidence' | 'run'>): TestResult {
  const named = (...outcomes: readonly CheckResult['outcome'][]) =>
    evidence.checks.filter(({ outcome }) => outcomes.includes(outcome)).map(({ name }) => name);
  return {
    result: evidence.verdict === 'pass' ? 'PASSED' : 'FAILED',
    configuration: [
      { name: 'policy', digest: { sha256: evidence.policy.sha256 } },
      { name: 'suite', digest: { sha256: evidence.suite.planSha256 } },
      ...baselineOf(evidence.baseline),
    ],
    ...urlOf(run.github),
    passedTests: named('pass'),
    warnedTests: [],
    failedTests: named('fail', 'inconclusive'),
  };
}

/** The ledger is the baseline's own file; its receipt's digests are canonical ones, not those of a file. */
function baselineOf(baseline: Receipt['evidence']['baseline']): Configuration[] {
  switch (baseline.status) {
    case 'none':
    case 'notGiven':
      return [];
    case 'compared': {
      const { ledgerSha256, receiptDigest, evidenceDigest } = baseline;
      const annotations = { receiptDigest, evidenceDigest };
      return [{ name: 'baseline/ledger.jsonl', digest: { sha256: ledgerSha256 }, annotations }];
    }
  }
}

function urlOf(github: Receipt['run']['github']): { url: string } | undefined {
  const { repository, runId, serverUrl } = github ?? {};
  if (repository === undefined || runId === undefined || serverUrl === undefined) return undefined;
  return { url: `${serverUrl}/${repository}/actions/runs/${runId}` };
}
