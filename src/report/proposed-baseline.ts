import type { Baseline } from '../receipt/baseline.ts';
import { compareRuns, type Step } from '../receipt/compare.ts';
import { canonicalJson } from '../receipt/digest.ts';
import type { Evidence } from '../receipt/receipt.ts';
import { labelWords } from './compare-words.ts';
import { mixedRange } from './facts.ts';
import {
  formatInterval,
  formatLevel,
  formatMaybe,
  formatPercent,
  formatPlural,
  isInterval,
  type MaybeInterval,
  shortDigest,
} from './format.ts';
import { code, escapeMarkdown, table, unbroken } from './markdown.ts';

const mostFields = 8;

/**
 * What a pull request that changes the baseline proposes, beside the baseline in force: Markdown of at most some 3,000
 * characters, for the notes of its comment. Names and reasons come from the head and are escaped; nothing of it decides.
 *
 * @param input.now the trusted baseline; null for a first one
 * @param input.proposed the head's, as `parseBaseline` gives it (receipt, ledger and acceptance fit together), or why it
 *   could not be read
 */
export function renderProposedBaseline(input: {
  readonly now: Baseline | null;
  readonly proposed: Baseline | { readonly unusable: string };
}): string {
  const { now, proposed } = input;
  if ('unusable' in proposed)
    return `**The proposed baseline cannot be used**: ${escapeMarkdown(proposed.unusable, 400)}.`;
  const head = `**Proposed baseline** ${describe(proposed)}${now === null ? ', the first one.' : `. It takes the place of ${describe(now)}.`}`;
  return [
    head,
    warningsOf(now, proposed)
      .map((one) => `- ⚠️ ${one}`)
      .join('\n'),
    figuresTable(now, proposed),
    ...(now === null ? [] : [differenceBetween(now, proposed)]),
  ]
    .filter((one) => one !== '')
    .join('\n\n');
}

function describe({ receipt, acceptance }: Baseline): string {
  const { candidate, verdict, asOf } = receipt.evidence;
  const who =
    acceptance === null
      ? 'accepted by nobody on record'
      : `accepted by ${code(acceptance.by, 80)} on ${acceptance.at.slice(0, 10)} because “${escapeMarkdown(acceptance.reason, 200)}”`;
  return `${code(candidate.model)} (${verdict}, run of ${asOf.slice(0, 10)}, receipt \`${shortDigest(receipt.digest)}\`), ${who}`;
}

function warningsOf(now: Baseline | null, { receipt, acceptance }: Baseline): string[] {
  const { verdict, asOf } = receipt.evidence;
  const replaced = acceptance?.replaces ?? null;
  const inForce = now?.receipt.digest ?? null;
  return [
    ...(verdict === 'pass'
      ? []
      : [
          `The proposed run did not pass its own gate (${verdict}): candidates would be held to it all the same.`,
        ]),
    ...(acceptance === null ? ['Nobody accepted it: `mixgate baseline accept` says who and why.'] : []),
    ...(replaced !== null && replaced !== inForce
      ? [
          `It was accepted in place of receipt \`${shortDigest(replaced)}\`, which is not the baseline in force.`,
        ]
      : []),
    ...(now !== null && asOf < now.receipt.evidence.asOf ? ['It is older than the baseline in force.'] : []),
    ...(now !== null && receipt.digest === inForce
      ? ['It is the same run: only the acceptance changes.']
      : []),
  ];
}

function figuresTable(now: Baseline | null, proposed: Baseline): string {
  const columns = [...(now === null ? [] : [now]), proposed].map(({ receipt }) =>
    figuresOf(receipt.evidence),
  );
  const titles = [
    'Without demonstrations',
    'With them, lowest to highest',
    'Effect of benign demonstrations',
  ];
  return table({
    head: ['Compliance with harmful queries', ...(now === null ? [] : ['Now']), 'Proposed'],
    align: ['left', ...columns.map(() => 'right' as const)],
    rows: titles.map((title, row) => [title, ...columns.map((figures) => figures[row] ?? '')]),
  });
}

function figuresOf(evidence: Evidence): string[] {
  const range = mixedRange(evidence);
  return [
    unbroken(formatMaybe(evidence.zeroShot, 'rate')),
    range === undefined
      ? 'not available'
      : unbroken(`${formatPercent(range.low)} to ${formatPercent(range.high)}`),
    labelWords('unavailable' in evidence.effect ? null : evidence.effect.label),
  ];
}

/**
 * Policy and looks that a receipt of the head names are the head's word: the difference is taken under those of the
 * trusted run, and only where the looks agree, since they make the level of its intervals.
 */
function differenceBetween(now: Baseline, proposed: Baseline): string {
  const { policy, looks } = now.receipt.evidence;
  const { evidence } = proposed.receipt;
  if (canonicalJson(evidence.looks.planned) !== canonicalJson(looks.planned))
    return 'The two plan other looks at their evidence (`decision.looks`): no difference is given.';
  const receipt = { ...proposed.receipt, evidence: { ...evidence, policy } };
  return differenceWords(stepOf(now, { ...proposed, receipt }));
}

function stepOf(now: Baseline, proposed: Baseline): Step | undefined {
  const runs = [now, proposed].map(({ receipt, trials }, index) => ({
    file: index === 0 ? 'now' : 'proposed',
    receipt,
    trials,
  }));
  return compareRuns(runs).steps[0];
}

function differenceWords(step: Step | undefined): string {
  if (step === undefined) return '';
  if (step.status === 'notComparable') {
    const fields = step.fields.slice(0, mostFields).map((field) => code(field, 100));
    const left = step.fields.length - fields.length;
    return `The two do not agree in ${fields.join(', ')}${left > 0 ? ` and ${formatPlural(left, 'more field')}` : ''}: no difference is given.`;
  }
  const { zeroShot, mixed, pairs } = step.differences;
  const said = (value: MaybeInterval) =>
    isInterval(value)
      ? `${formatInterval(value, 'points')}, ${formatLevel(value.level)}`
      : escapeMarkdown(value.unavailable, 120);
  return `Proposed minus now, over ${formatPlural(pairs, 'trial')} that both answered: without demonstrations ${said(zeroShot)}; mean of mixed contexts ${said(mixed)}.`;
}
