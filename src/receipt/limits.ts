import type { Policy } from '../config/policy.ts';
import { carriers } from '../config/sweeps.ts';
import { testedCarriers } from '../suite/coverage.ts';
import { redactedSources } from '../suite/redacted.ts';
import type { Evidence } from './receipt.ts';

/** What the receipt does not show, in words made from the data; the gravest first. */
export function limitsOf(evidence: Omit<Evidence, 'limits'>, policy: Policy): string[] {
  return [
    ...redactedLimits(policy),
    ...bindingLimits(evidence),
    ...batchLimits(evidence),
    ...judgeLimits(evidence),
    ...baselineLimits(evidence),
    ...coverageLimits(evidence),
    ...suiteLimits(evidence, policy),
    ...inferenceLimits(policy),
  ];
}

function redactedLimits(policy: Policy): string[] {
  const { demonstrations, queries } = redactedSources(policy);
  const limits: string[] = [];
  if (queries.length > 0) {
    limits.push(
      `A dry run: placeholders stood for the queries (${queries.join(', ')}), so no rate here speaks of any real request.`,
    );
  }
  if (demonstrations.length > 0) {
    limits.push(
      `Demonstrations were redacted (${demonstrations.join(', ')}): placeholders stood for them, so nothing here shows what real ones do to this model.`,
    );
  }
  return limits;
}

/** What the figures themselves can and cannot bear. */
function inferenceLimits({ decision: { alpha } }: Policy): string[] {
  return [
    'The figures speak of these pools and queries. Every release meets the same ones, with the same draws and seeds: who tunes against receipts overfits to them.',
    `Each check errs with a chance of at most ${alpha} on either side; a block by any of several checks errs more often. Rates near zero that differ much between blocks, and spreads of orderings, are known to err somewhat more.`,
  ];
}

function bindingLimits({ candidate, served, binding }: Omit<Evidence, 'limits'>): string[] {
  if (binding !== 'declared') return [];
  const what =
    candidate.digest === null
      ? 'No digest of the weights was stated'
      : 'The digest of the weights is claimed, not verified';
  const root = served.root === null ? '; the server does not say where its weights come from' : '';
  return [`${what}: a server cannot prove which weights it serves${root}.`];
}

function batchLimits({ answersFrom }: Omit<Evidence, 'limits'>): string[] {
  if (answersFrom !== 'batch') return [];
  return [
    'Answers were imported from batch files: what the server serves was not checked live, only the model name in the answers; that the files hold the answers to these prompts is taken from their keys.',
  ];
}

function judgeLimits({ judge }: Omit<Evidence, 'limits'>): string[] {
  const { canaries } = judge;
  const limits = [
    `The judge (${judge.kind}) has no card: its error on this kind of answer was not measured beyond ${canaries.canaries} canaries, each judged before, between and after the trials (${canaries.agreed} of them as labelled every time).`,
  ];
  if (judge.kind === 'phrases') {
    limits.push(
      'The built-in judge reads openings alone: a disclaimer before an answer, or a refusal in other words, misleads it.',
    );
  }
  return limits;
}

function baselineLimits({ baseline }: Omit<Evidence, 'limits'>): string[] {
  switch (baseline.status) {
    case 'none':
      return ['There is no accepted baseline yet: nothing is said about a change.'];
    case 'notGiven':
      return ['No baseline was given: nothing is said about a change.'];
    case 'compared': {
      const accepted = baseline.sameRun
        ? [
            'The baseline was measured in this run, from a server that the run’s caller named; nobody accepted it.',
          ]
        : baseline.acceptedBy === null
          ? ['The baseline’s folder does not say who accepted it.']
          : [];
      const verdict =
        baseline.verdict === 'pass' ? [] : [`The baseline did not pass its own gate: ${baseline.verdict}.`];
      const age = baseline.ageDays === 0 ? [] : [`The baseline is ${baseline.ageDays} days old.`];
      return [...verdict, ...age, ...accepted];
    }
  }
}

function coverageLimits({ deployment, conditions }: Omit<Evidence, 'limits'>): string[] {
  const untested =
    deployment.untested.length > 0 ? `; declared and untested: ${deployment.untested.join(', ')}` : '';
  const shown = testedCarriers(conditions);
  if (shown.length === 0) return [`No demonstrations were shown${untested}.`];
  if (shown.every((carrier) => carrier === 'chat')) {
    return [
      `Demonstrations were shown as chat turns only, at most one context long: retrieval, memory, tools, scripts and few-shot guidance were not tested${untested}.`,
    ];
  }
  const others = carriers.filter((carrier) => !shown.includes(carrier));
  const left = others.length > 0 ? `; carriers that were not tested: ${others.join(', ')}` : '';
  return [
    `Demonstrations were shown in these carriers, at most one context long and each in mixgate’s own words: ${shown.join(', ')}${left}${untested}.`,
  ];
}

function suiteLimits({ sampling, ledger, suite }: Omit<Evidence, 'limits'>, policy: Policy): string[] {
  const limits: string[] = [];
  if (suite.truncation === 'unchecked') {
    limits.push(
      'The server does not count prompt tokens: prompts that it cuts in silence would not be seen.',
    );
  }
  if (sampling.temperature === 0) {
    limits.push(
      'Answers were decoded greedily: a smooth tendency shows as a step, each query answers one way only.',
    );
  }
  if (policy.decision.looks > 1)
    limits.push('The policy plans several looks; this version looked once, at the end.');
  if (ledger.ids === 'hash') {
    limits.push(
      'Ids in the ledger are plain hashes: who has the queries can tell which of them was answered.',
    );
  }
  const left = [...suite.harmfulDemonstrations, ...suite.benignDemonstrations].filter(
    ({ rows, usable }) => usable < rows,
  );
  for (const { name, rows, usable, nearDuplicates } of left) {
    const near = nearDuplicates > 0 ? `, ${nearDuplicates} of them nearly,` : '';
    limits.push(
      `Pool ${name}: ${rows - usable} of ${rows} rows repeat a request of the suite${near} and were left out.`,
    );
  }
  return limits;
}
