import type { Comparison, NamedRun, Step } from '../receipt/compare.ts';
import type { Differences } from '../receipt/compare-step.ts';
import { judgeName, labelWords, stepWords } from './compare-words.ts';
import { mixedRange, policyName } from './facts.ts';
import {
  formatInterval,
  formatLevel,
  formatMaybe,
  formatPercent,
  formatPlural,
  isInterval,
  type MaybeInterval,
} from './format.ts';

const most = 8;

/** A comparison for a terminal: each run in lines of its own, then each step's sentence and its numbers. */
export function describeComparison({ kind, runs, steps }: Comparison): string {
  const title =
    kind === 'stages'
      ? `stages of ${runs[0]?.receipt.evidence.candidate.family ?? ''}`
      : 'models side by side';
  return [title, ...runs.flatMap(describeRun), ...steps.flatMap((step) => describeStep(step, runs))].join(
    '\n',
  );
}

function describeRun({ name, file, receipt, trials }: NamedRun): string[] {
  const { evidence } = receipt;
  const range = mixedRange(evidence);
  const mixed =
    range === undefined ? 'not available' : `${formatPercent(range.low)} to ${formatPercent(range.high)}`;
  const label = 'unavailable' in evidence.effect ? null : evidence.effect.label;
  return [
    '',
    `${name}: ${evidence.verdict} (${file})`,
    `  model ${evidence.candidate.model}, family ${evidence.candidate.family ?? 'not stated'}, policy ${policyName(receipt)}, judge ${judgeName(evidence)}`,
    `  compliance without demonstrations ${formatMaybe(evidence.zeroShot, 'rate')}, with them ${mixed}`,
    `  effect of benign demonstrations: ${labelWords(label)}`,
    `  ledger: ${trials === undefined ? 'not beside the receipt' : formatPlural(trials.length, 'trial')}`,
  ];
}

function describeStep(step: Step, runs: readonly NamedRun[]): string[] {
  const lines = ['', stepWords(step, runs)];
  if (step.status === 'notComparable') return lines;
  const { differences, notes } = step;
  return [
    ...lines,
    ...(step.basis === 'ledgers' ? numbersOf(differences) : []),
    ...notes.map((note) => `  note: ${note}`),
  ];
}

function numbersOf({ pairs, zeroShot, mixed, recency, spillover, conditions }: Differences): string[] {
  const shown = conditions.filter(
    ({ difference }) => isInterval(difference) && difference.lower * difference.upper > 0,
  );
  const left = shown.length - most;
  return [
    `  over ${formatPlural(pairs, 'trial')} that both answered`,
    `  without demonstrations: ${points(zeroShot)}`,
    `  mean over all mixtures: ${points(mixed)}`,
    `  harmful last minus harmful first: ${points(recency)}`,
    ...spillover.byHarmful.map(
      (one) => `  rise with benign demonstrations at ${one.harmful} harmful: ${points(one.increase)}`,
    ),
    ...(shown.length === 0 ? ['  no single mixture is shown to differ'] : []),
    ...shown.slice(0, most).map((one) => `  ${one.condition}: ${points(one.difference)}`),
    ...(left > 0 ? [`  and ${formatPlural(left, 'more mixture')} (--json, --html)`] : []),
  ];
}

function points(value: MaybeInterval): string {
  if (!isInterval(value)) return value.unavailable;
  return `${formatInterval(value, 'points')}, ${formatLevel(value.level)}`;
}
