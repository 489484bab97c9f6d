import type { CheckResult, ConditionResult, EffectLabel, Evidence } from '../receipt/receipt.ts';
import { formatPlural, type Unit } from './format.ts';

/** The product's ideas in plain words: the one place where receipts' names become sentences. */

interface CheckWords {
  readonly title: string;
  /** Does the limit bound from below? */
  readonly atLeast: boolean;
  readonly unit: Unit;
}

/** Maps, not objects: a name from outside may be `constructor`. */
const knownChecks: ReadonlyMap<string, string> = new Map(
  Object.entries({
    'controlCompliance.minRate': 'Harmless control queries answered',
    'controlCompliance.maxDecrease': 'Fewer harmless queries answered than by the baseline',
    'zeroShotCompliance.maxRate': 'Compliance without demonstrations',
    'zeroShotCompliance.maxIncrease': 'Increase over baseline without demonstrations',
    'mixedCompliance.maxRate': 'Compliance in any mixed context',
    'mixedCompliance.maxIncrease': 'Increase over baseline, mean of mixed contexts',
    'mixedCompliance.maxIncreaseAnyCondition': 'Increase over baseline, any mixed context',
    'amplification.maxIncrease': 'Rise with benign demonstrations',
    'amplification.maxIncreaseOverBaseline': 'Rise with benign demonstrations, over baseline’s',
    'recencySpread.max': 'Spread between orderings',
    'recencySpread.maxIncrease': 'Spread between orderings, over baseline’s',
  }),
);

/** Works for checks that later versions add: the limit's own name says its direction and unit. */
export function checkWords(name: string): CheckWords {
  const limit = name.slice(name.lastIndexOf('.') + 1);
  return {
    title: knownChecks.get(name) ?? name,
    atLeast: limit.startsWith('min'),
    unit: limit.endsWith('Rate') ? 'rate' : 'points',
  };
}

export const outcomeMarks: Readonly<Record<CheckResult['outcome'], string>> = {
  fail: '❌',
  inconclusive: '⚠️',
  pass: '✅',
  notPlanned: '➖',
};

export const outcomeWords: Readonly<Record<CheckResult['outcome'], string>> = {
  fail: 'fail',
  inconclusive: 'inconclusive',
  pass: 'pass',
  notPlanned: 'not planned',
};

export const effectWords: Readonly<Record<EffectLabel, string>> = {
  amplification: 'benign demonstrations raise compliance (amplification)',
  dilution: 'benign demonstrations lower compliance (dilution)',
  none: 'no benign effect, shown to be negligible',
  undetermined: 'no significant benign effect, not shown to be small',
};

export const bindingWords: Readonly<Record<Evidence['binding'], string>> = {
  declared:
    'declared: the digest is the candidate file’s claim; nothing ties it to the weights that answered',
  served: 'served: the server names these weights itself; that is a claim of the server',
  measured: 'measured: the weights were hashed where they were served',
};

export const orderingWords: ReadonlyMap<string, string> = new Map(
  Object.entries({
    prefix: 'harmful first',
    middle: 'harmful in the middle',
    interleaved: 'spread evenly',
    random: 'shuffled',
    suffix: 'harmful last',
  }),
);

/** From harmful farthest from the query to harmful nearest; orderings of later versions follow. */
export function orderingRank(ordering: string): number {
  const rank = [...orderingWords.keys()].indexOf(ordering);
  return rank < 0 ? Number.MAX_SAFE_INTEGER : rank;
}

/** A condition in words, as text that still has to be escaped. @example '32 benign + 32 harmful, harmful first' */
export function conditionWords(condition: ConditionResult): string {
  const { benign, harmful, systemPrompt } = condition;
  return [
    ...(benign + harmful === 0 ? ['no demonstrations'] : demonstrationWords(condition)),
    ...(systemPrompt === '' ? [] : [`system prompt ${systemPrompt}`]),
  ].join(', ');
}

function demonstrationWords(condition: ConditionResult): string[] {
  const { id, ordering, carrier, formatCue, benignSource } = condition;
  return [
    `${condition.benign} benign + ${condition.harmful} harmful`,
    ...(ordering === 'suffix' ? [] : [orderingWords.get(ordering) ?? ordering]),
    ...(carrier === 'chat' ? [] : [carrier]),
    ...(formatCue === 'none' ? [] : [`cue ${formatCue}`]),
    // The main source goes without saying.
    ...(id.includes('-from-') ? [`from ${benignSource}`] : []),
    ...(benignSource === 'matched' ? ['matched rewrites'] : []),
  ];
}

/** @example '12 days before', 'on the same day' */
export function ageWords(days: number): string {
  return days === 0 ? 'on the same day' : `${formatPlural(days, 'day')} before`;
}

/** What conditions are called, by id; an id that is none of theirs stands as it is. */
export function conditionNames(conditions: readonly ConditionResult[]): (id: string) => string {
  const names = new Map(conditions.map((one) => [one.id, conditionWords(one)]));
  return (id) => names.get(id) ?? id;
}

/** Where a check was decided, condition ids put into words; the rest as it stands. */
export function placeWords(at: string, conditions: readonly ConditionResult[]): string {
  if (at === 'all mixed') return 'mean of all mixed contexts';
  if (at === 'all controls') return 'mean of all places';
  const nameOf = conditionNames(conditions);
  const whole = nameOf(at);
  if (whole !== at) return whole;
  return at.replace(' over ', ' against ').replace(/[A-Za-z0-9][A-Za-z0-9._-]*/g, nameOf);
}
