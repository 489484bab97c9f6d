import type { NamedRun, Step } from '../receipt/compare.ts';
import type { Spillover, SpilloverChange } from '../receipt/compare-spillover.ts';
import type { EffectLabel, Evidence } from '../receipt/receipt.ts';
import { formatLevel, formatPlainInterval, isInterval } from './format.ts';

/** What a comparison found, in sentences: one place for terminal and page. */

const changeWords: Readonly<Record<SpilloverChange, string>> = {
  amplificationAdded: 'added amplification',
  amplificationRemoved: 'removed amplification',
  dilutionAdded: 'added dilution',
  dilutionRemoved: 'removed dilution',
};

const shortLabels: Readonly<Record<EffectLabel, string>> = {
  amplification: 'amplification',
  dilution: 'dilution',
  none: 'none, shown to be negligible',
  undetermined: 'not determined',
};

/** An effect in a word or two. */
export function labelWords(label: EffectLabel | null): string {
  return label === null ? 'not measured' : shortLabels[label];
}

/**
 * One sentence on a step: what it did to the effect of benign demonstrations, of which family, by which judge, behind how
 * many harmful ones, and how sure that is.
 */
export function stepWords(step: Step, runs: readonly NamedRun[]): string {
  const { from, to } = step;
  if (step.status === 'notComparable')
    return `${to} is not compared with ${from}: they do not agree in ${step.fields.join(', ')}.`;
  const { spillover } = step.differences;
  const labels = `${from}: ${labelWords(spillover.before)}; ${to}: ${labelWords(spillover.after)}`;
  return `${to} against ${from}${settingOf(step, runs)}: ${claimOf(spillover)} (${labels}).`;
}

function settingOf({ to }: Step, runs: readonly NamedRun[]): string {
  const evidence = runs.find(({ name }) => name === to)?.receipt.evidence;
  if (evidence === undefined) return '';
  const { effect, candidate } = evidence;
  const counts = 'unavailable' in effect ? [] : effect.byHarmful.map(({ harmful }) => harmful);
  const behind = counts.length === 0 ? '' : `, behind ${counts.join(', ')} harmful demonstrations`;
  return ` (family ${candidate.family ?? 'not stated'}, judge ${judgeName(evidence)}${behind})`;
}

function claimOf({ direction, changes, logOddsPerDoubling, before, after }: Spillover): string {
  if (!isInterval(logOddsPerDoubling))
    return `no difference of the effect of benign demonstrations: ${logOddsPerDoubling.unavailable}`;
  const figure = `${formatPlainInterval(logOddsPerDoubling)} log-odds per doubling, ${formatLevel(logOddsPerDoubling.level)}`;
  if (direction === 'notShown') {
    const labels = before === after ? '' : '; that the labels differ does not show one';
    return `no change of the effect of benign demonstrations is shown, ${figure}${labels}`;
  }
  const what = direction === 'raised' ? 'raised' : 'lowered';
  const said = changes.map((change) => changeWords[change]).join(' and ');
  return `${said === '' ? '' : `${said}: `}${what} the effect of benign demonstrations, ${figure}`;
}

/** The judge by whose labels all this holds. */
export function judgeName({ judge }: Evidence): string {
  const { kind, served } = judge;
  return served === null || served.model === kind ? kind : `${kind} (${served.model})`;
}
