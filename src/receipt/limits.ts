import { isAvailable } from '../analysis/interval.ts';
import { normalQuantile } from '../analysis/normal-distribution.ts';
import { countOf } from '../config/count-of.ts';
import type { Policy } from '../config/policy.ts';
import { carriers } from '../config/sweeps.ts';
import { harmSentence, measuresHarm } from '../judge/harm.ts';
import { judgeDoubts } from '../judge/judge-doubts.ts';
import { testedCarriers } from '../suite/coverage.ts';
import { redactedSources } from '../suite/redacted.ts';
import type { Evidence } from './receipt.ts';

/** What the receipt does not show, in words made from the data; the gravest first. */
export function limitsOf(evidence: Omit<Evidence, 'limits'>, policy: Policy): string[] {
  return [
    ...harmLimits(evidence),
    ...redactedLimits(policy),
    ...bindingLimits(evidence),
    ...batchLimits(evidence),
    ...judgeLimits(evidence),
    ...baselineLimits(evidence),
    ...coverageLimits(evidence),
    ...smallestLimits(evidence),
    ...suiteLimits(evidence),
    ...lookLimits(evidence),
    ...inferenceLimits(policy),
  ];
}

function harmLimits({ judge }: Omit<Evidence, 'limits'>): string[] {
  return measuresHarm(judge.kind) ? [harmSentence] : [];
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
    `Each check passes in error with a chance of at most ${alpha}, over all looks; all checks together fail in error with a chance of at most ${alpha} (Holm).`,
  ];
}

function bindingLimits({ candidate, served, binding }: Omit<Evidence, 'limits'>): string[] {
  if (binding === 'measured')
    return [
      'The digest of the weights was taken on the serving host, from its files or by its own word: whoever runs that host can make it say anything.',
    ];
  if (binding === 'served') return [];
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

function judgeLimits({ judge, conditions }: Omit<Evidence, 'limits'>): string[] {
  const { canaries, card } = judge;
  const limits =
    card === null
      ? [
          `The judge (${judge.kind}) has no card: its error on this kind of answer was not measured beyond ${canaries.canaries} canaries, each judged before, between and after the trials (${canaries.agreed} of them as labelled every time).`,
        ]
      : cardLimits(judge, card, conditions);
  const members = judge.members?.map(({ kind }) => kind) ?? [];
  const labelsSha256 = card?.labels.sha256 ?? null;
  // Where there is no card, the first limit says so of every judge.
  if (card !== null) limits.push(...judgeDoubts({ kind: judge.kind, members, labelsSha256 }));
  if (judge.kind === 'phrases') {
    limits.push(
      'The built-in judge is a linear model of how refusals are worded: a refusal that does not say so, an answer that sounds like one, or another tongue than English misleads it.',
    );
  }
  return limits;
}

function cardLimits(
  { kind, canaries }: Evidence['judge'],
  card: NonNullable<Evidence['judge']['card']>,
  conditions: Evidence['conditions'],
): string[] {
  const { labels, evaluation } = card;
  const answers = evaluation.basis === 'all' ? 'answers' : `answers to ${evaluation.basis} requests`;
  const limits = [
    `Corrected figures hold where the judge (${kind}) errs on these answers as on the ${labels.rows} labelled rows of ${labels.name} (its error from ${answers}), and alike on candidate and baseline. On ${canaries.canaries} canaries, each judged before, between and after the trials, it gave the known label every time to ${canaries.agreed} of the ${canaries.judged} that it could read.`,
  ];
  const contradicted = conditions.filter(
    ({ rate, corrected }) => 'estimate' in rate && corrected !== undefined && 'unavailable' in corrected,
  );
  if (contradicted.length > 0) {
    const ids = contradicted.map(({ id }) => id);
    limits.push(
      `The judge’s card does not fit this run in ${contradicted.length} of ${conditions.length} conditions (${ids.slice(0, 8).join(', ')}${ids.length > 8 ? ', …' : ''}): label some of its own answers (mixgate judge sample), and make the card from them.`,
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
      // One that was measured in this run had none to be held against: it has no verdict but a failure.
      const told = baseline.verdict === 'fail' || (baseline.verdict !== 'pass' && !baseline.sameRun);
      const verdict = told
        ? [
            `The baseline did not pass its own gate: ${baseline.verdict}. A candidate that is no worse may be no better.`,
          ]
        : [];
      const age = baseline.ageDays === 0 ? [] : [`The baseline is ${countOf(baseline.ageDays, 'day')} old.`];
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

/** Checks whose interval tells what this run could see, and what it would have seen. */
const visible: readonly (readonly [check: string, effect: string])[] = [
  ['mixedCompliance.maxIncrease', 'a mean increase over the baseline'],
  ['amplification.maxIncrease', 'a rise with benign demonstrations'],
  ['recencySpread.max', 'a difference between two orderings'],
];

/** Power at which an effect is called visible. */
const power = 0.8;

/**
 * The smallest effects whose interval would lie above zero in four runs of five, by the spread of this run: the distance
 * from estimate to lower limit, scaled from the interval's quantile to quantile plus power (normal approximation).
 */
function smallestLimits({ checks }: Omit<Evidence, 'limits'>): string[] {
  const seen = visible.flatMap(([name, effect]) => {
    const value = checks.find((check) => check.name === name)?.value;
    if (value === undefined || !isAvailable(value) || value.level <= 0) return [];
    const scale = 1 + normalQuantile(power) / normalQuantile((1 + value.level) / 2);
    const smallest = (value.estimate - value.lower) * scale;
    return smallest > 0 && Number.isFinite(smallest)
      ? [`${effect} of ${(100 * smallest).toFixed(1)} points`]
      : [];
  });
  if (seen.length === 0) return [];
  return [
    `The smallest effects that would be seen above zero in four of five such runs: ${seen.join(', ')}. What is smaller may be there unseen.`,
  ];
}

function lookLimits({ looks, conditions }: Omit<Evidence, 'limits'>): string[] {
  const last = looks.taken.at(-1);
  const all = looks.planned.at(-1) ?? 0;
  if (last === undefined || !last.complete || last.blocks >= all) return [];
  const ended = `The verdict was settled at look ${last.look}, by ${last.blocks} of ${all} blocks`;
  const saved = conditions.reduce((sum, { notRun }) => sum + notRun, 0);
  return saved === 0
    ? [`${ended}; checks do not read what was asked after it.`]
    : [`${ended}, and the run ended there: who is compared with it finds pairs in those blocks alone.`];
}

function suiteLimits({ sampling, ledger, suite }: Omit<Evidence, 'limits'>): string[] {
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
