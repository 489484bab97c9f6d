import type { CheckResult, Evidence } from '../receipt/receipt.ts';
import { countOutcomes, lacksBaseline, letsInconclusiveThrough, worstFailure } from './facts.ts';
import {
  digitsThatDecide,
  formatAmount,
  formatLevel,
  formatPercent,
  formatPlural,
  formatRange,
  formatValue,
  type Interval,
  isInterval,
  type Unit,
} from './format.ts';
import { checkWords, placeWords } from './words.ts';

/** The first line: verdict and why. `name` and `text` hold untrusted words and are escaped by the renderer. */
export interface Headline {
  readonly mark: string;
  readonly lead: string;
  readonly name: string;
  readonly text: string;
  /** How sure, against which limit; one sentence, or empty. */
  readonly detail: string;
}

/** The first words of every output: the verdict, the release, and why. */
export function buildHeadline(evidence: Evidence): Headline {
  const name = evidence.candidate.model;
  const suffix = lacksBaseline(evidence) ? ', no baseline yet' : '';
  switch (evidence.verdict) {
    case 'fail':
      return { mark: '❌', lead: `Blocked${suffix}`, name, ...explainFailure(evidence) };
    case 'pass':
      return { mark: '✅', lead: `Passed${suffix}`, name, ...explainPass(evidence) };
    case 'inconclusive': {
      const lead = letsInconclusiveThrough(evidence) ? 'Not verified' : 'Blocked, inconclusive';
      return { mark: '⚠️', lead: `${lead}${suffix}`, name, ...explainDoubt(evidence) };
    }
  }
}

type Why = Pick<Headline, 'text' | 'detail'>;

function explainFailure(evidence: Evidence): Why {
  const check = worstFailure(evidence.checks);
  if (check === undefined || !isInterval(check.value)) return explainDoubt(evidence);
  const digits = digitsThatDecide(check.value, check.threshold);
  return {
    text: failureWords(check, {
      value: check.value,
      digits,
      where: placeWords(check.at, evidence.conditions),
    }),
    detail: certainty(check, check.value, digits),
  };
}

function failureWords(
  check: CheckResult,
  { value, digits, where }: { readonly value: Interval; readonly digits: number; readonly where: string },
): string {
  const rate = formatPercent(value.estimate, digits);
  const amount = formatAmount(value.estimate, digits);
  const more = `${amount} ${value.estimate < 0 ? 'less' : 'more'}`;
  switch (check.name) {
    case 'controlCompliance.minRate':
      return `answers only ${rate} of the harmless control queries`;
    case 'controlCompliance.maxDecrease':
      return `answers ${amount} fewer of the harmless control queries than its baseline`;
    case 'zeroShotCompliance.maxRate':
      return `complies with ${rate} of harmful queries without any demonstrations`;
    case 'zeroShotCompliance.maxIncrease':
      return `complies ${more} than its baseline without any demonstrations`;
    case 'mixedCompliance.maxRate':
      return `complies with ${rate} of harmful queries in a mixed context (${where})`;
    case 'mixedCompliance.maxIncrease':
      return `complies ${more} than its baseline, on average over mixed contexts`;
    case 'mixedCompliance.maxIncreaseAnyCondition':
      return `complies ${more} than its baseline in one mixed context (${where})`;
    case 'amplification.maxIncrease':
      return `complies ${more} once benign demonstrations are added (${where})`;
    case 'amplification.maxIncreaseOverBaseline':
      return `gains ${more} from benign demonstrations than its baseline`;
    case 'recencySpread.max':
      return `varies by ${amount} with the order of the same demonstrations`;
    case 'recencySpread.maxIncrease':
      return `varies ${more} with the order of demonstrations than its baseline`;
    default:
      return `fails ${check.name} with ${formatValue(value.estimate, checkWords(check.name).unit, digits)}`;
  }
}

function certainty(check: CheckResult, value: Interval, digits: number): string {
  const { unit, title } = checkWords(check.name);
  const range = `${formatRange(value, unit, digits)}${unit === 'rate' ? ' %' : ' points'}`;
  const limit = limitWords(check, digits);
  return `${title}: the ${formatLevel(value.level)} interval is ${range}; the policy allows ${limit}.`;
}

/** @example 'at most 5.0 points' */
function limitWords(check: CheckResult, digits: number): string {
  const { unit, atLeast } = checkWords(check.name);
  return `${atLeast ? 'at least' : 'at most'} ${formatLimit(check.threshold, unit, digits)}`;
}

/** A limit in its unit; a limit of points has no plus sign. */
export function formatLimit(threshold: number, unit: Unit, digits: number): string {
  if (unit === 'rate') return formatPercent(threshold, digits);
  return `${threshold < 0 ? '−' : ''}${formatAmount(threshold, digits)}`;
}

/** A pass says what was shown: the strongest upper limit that the run established. */
const passWords: readonly (readonly [string, (limit: string) => string])[] = [
  [
    'mixedCompliance.maxIncrease',
    (limit) => `complies at most ${limit} more than its baseline, on average over mixed contexts`,
  ],
  [
    'mixedCompliance.maxRate',
    (limit) => `complies with at most ${limit} of harmful queries in any mixed context`,
  ],
  [
    'zeroShotCompliance.maxRate',
    (limit) => `complies with at most ${limit} of harmful queries, no demonstrations`,
  ],
];

function explainPass(evidence: Evidence): Why {
  for (const [name, words] of passWords) {
    const check = evidence.checks.find((one) => one.name === name && one.outcome === 'pass');
    if (check === undefined || !isInterval(check.value)) continue;
    const digits = digitsThatDecide(check.value, check.threshold);
    const { unit } = checkWords(name);
    // An upper limit below zero is still at most zero more.
    const upper = unit === 'rate' ? check.value.upper : Math.max(0, check.value.upper);
    const limit = unit === 'rate' ? formatPercent(upper, digits) : formatAmount(upper, digits);
    return { text: words(limit), detail: certainty(check, check.value, digits) };
  }
  return { text: `passes ${formatPlural(countOutcomes(evidence.checks).pass, 'check')}`, detail: '' };
}

/** The first reason, in the receipt's own words. */
function explainDoubt(evidence: Evidence): Why {
  const [first] = evidence.reasons;
  const undecided = evidence.checks.find((one) => one.outcome !== 'pass' && one.outcome !== 'notPlanned');
  const why =
    first?.message ?? (undecided === undefined ? 'no reason is recorded' : `${undecided.name} is undecided`);
  const clause = why.replace(/\.\s*$/, '').replace(/^[A-Z](?=[a-z]* )/, (letter) => letter.toLowerCase());
  return { text: `cannot be judged: ${clause}`, detail: '' };
}

/** @example '2 failed, 5 passed, 1 not planned' */
export function outcomeCounts(evidence: Evidence): string {
  const count = countOutcomes(evidence.checks);
  const parts = [
    [count.fail, 'failed'],
    [count.inconclusive, 'inconclusive'],
    [count.pass, 'passed'],
    [count.notPlanned, 'not planned'],
  ] as const;
  const said = parts.filter(([amount]) => amount > 0).map(([amount, word]) => `${amount} ${word}`);
  return said.join(', ') || 'no checks';
}
