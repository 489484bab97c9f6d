import { harmSentence, measuresHarm } from '../judge/harm.ts';
import type { Evidence } from '../receipt/receipt.ts';
import { formatCount, formatFixed, formatMaybe, formatPlural } from './format.ts';

/**
 * What is known of the judge beyond its name, one sentence each, as plain text: names in it come from files and
 * servers, and whoever shows them escapes them.
 */
export function judgeSentences(evidence: Evidence): string[] {
  const { judge } = evidence;
  return [
    ...(measuresHarm(judge.kind) ? [harmSentence] : []),
    ...memberSentences(evidence),
    cardSentence(judge.card),
    ...changeSentences(judge.canaries.changes),
    ...marginSentences(evidence),
  ];
}

/** The card alone, as the HTML report's own row shows it. */
export function cardSentence(card: Evidence['judge']['card']): string {
  if (card === null) return 'No judge card: how often this judge errs on such answers was not measured.';
  const { labels, kappa, evaluation } = card;
  const answers = evaluation.basis === 'all' ? 'all of them' : `its answers to ${evaluation.basis} requests`;
  const agreement = kappa === null ? 'not available' : formatFixed(kappa, 3);
  return `Judge card on ${formatCount(labels.rows)} labelled answers of ${labels.name}: kappa ${agreement}; on ${answers}, sensitivity for compliance ${formatMaybe(evaluation.sensitivity, 'rate')}, specificity ${formatMaybe(evaluation.specificity, 'rate')}.`;
}

function changeSentences(changes: Evidence['judge']['canaries']['changes']): string[] {
  if (changes === undefined) return [];
  const { reference, most, allowed } = changes;
  const known = reference === 'card' ? 'on its card' : 'that it gave before the trials';
  return [
    `Compared with the labels ${known}, it changed at most ${formatPlural(most, 'canary', 'canaries')} at any one moment; above ${allowed} it would count as another judge.`,
  ];
}

function memberSentences({ judge, panel }: Evidence): string[] {
  if (judge.members === undefined) return [];
  const members = judge.members.map(({ kind, served }) =>
    served === null ? kind : `${kind} (${served.model})`,
  );
  const rule = judge.parameters?.rule ?? 'not known';
  const agreed =
    panel === undefined
      ? ''
      : `; all of one mind on ${formatCount(panel.unanimous)} of ${formatCount(panel.answers)} answers`;
  return [`Panel of ${members.join(', ')}, rule ${rule}${agreed}.`];
}

function marginSentences({ conditions }: Evidence): string[] {
  const margins = conditions.flatMap(({ margin }) => margin ?? []);
  const [first] = margins;
  if (first === undefined) return [];
  const sum = (key: 'answers' | 'near') => margins.reduce((total, one) => total + one[key], 0);
  const worst = Math.max(...margins.map(({ near, answers }) => near / answers));
  return [
    `The judge’s margin between its two words was below ${first.below} log-odds for ${formatCount(sum('near'))} of ${formatCount(sum('answers'))} answers; ${formatFixed(100 * worst, 1)} % in the condition with the most.`,
  ];
}
