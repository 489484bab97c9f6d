import type { Comparison, NamedRun, Step } from '../receipt/compare.ts';
import type { Receipt } from '../receipt/receipt.ts';
import { labelWords, stepWords } from './compare-words.ts';
import { policyName, sweepLines } from './facts.ts';
import {
  commonLevel,
  formatLevel,
  formatMaybe,
  formatPlainInterval,
  formatPlural,
  isInterval,
  type MaybeInterval,
  type Unit,
} from './format.ts';
import { intervalCell } from './html-cell.ts';
import { renderPage } from './html-page.ts';
import { codeHtml, escapeHtml, figure, htmlTable, list, paragraph, scrolling, section } from './markup.ts';
import { renderLines } from './plot.ts';
import { renderDifferencePlot } from './plot-differences.ts';
import { conditionNames, conditionWords } from './words.ts';

/** Several receipts on one page, under the rules of the report: no script, no network, no text of model or pool. */
export function renderComparison(comparison: Comparison): string {
  const { kind, runs, steps } = comparison;
  const family = runs[0]?.receipt.evidence.candidate.family ?? '';
  const title = kind === 'stages' ? `Training stages of ${family}` : 'Models side by side';
  const head = [
    '<header>',
    '<div class="verdict notPlanned">',
    '<p class="kicker">mixgate compare</p>',
    `<h1>${escapeHtml(title)}</h1>`,
    ...steps.map((step) => paragraph(stepWords(step, runs))),
    '</div>',
    '</header>',
  ].join('\n');
  const sections = [
    renderRuns(runs),
    renderCurves(runs),
    ...steps.map((step, i) => renderStep(step, runs, i)),
    renderRates(runs),
  ];
  return renderPage({
    title: `${title} | mixgate`,
    header: head,
    sections,
    footer:
      'mixgate compare, from the receipts and the ledgers beside them. No text of a model, a pool or a query is in this file.',
  });
}

function renderRuns(runs: readonly NamedRun[]): string {
  const rows = runs.map(({ name, receipt, trials }) => {
    const { candidate, verdict, effect, zeroShot, asOf, judge } = receipt.evidence;
    const from = `${asOf.slice(0, 10)}, ${trials === undefined ? 'receipt alone' : 'with ledger'}`;
    const measured =
      'unavailable' in effect ? escapeHtml(effect.unavailable) : plain(effect.logOddsPerDoubling);
    return [
      `${escapeHtml(name)}${small(`stage ${candidate.trainingStage ?? 'not stated'}`)}`,
      `${codeHtml(candidate.model)}${small(`family ${candidate.family ?? 'not stated'}`)}`,
      `${escapeHtml(verdict)}${small(from)}`,
      figure(formatMaybe(zeroShot, 'rate')),
      escapeHtml(labelWords('unavailable' in effect ? null : effect.label)),
      measured,
      `${escapeHtml(judge.kind)}${judge.served === null ? '' : small(judge.served.model)}`,
      `${codeHtml(policyName(receipt))}${small(`receipt ${receipt.digest.slice(0, 12)}`)}`,
    ];
  });
  const columns = [
    'Run',
    'Model',
    'Verdict',
    'No demonstrations',
    'Effect of benign',
    'Log-odds per doubling',
    'Judge',
    'Policy',
  ].map((title) => ({ title }));
  return section('Runs', htmlTable({ caption: 'Each run by its own receipt', columns, rows }));
}

function small(text: string): string {
  return `<small>${escapeHtml(text)}</small>`;
}

/** One plot a harmful count, a line a run: the same contexts, other models. */
function renderCurves(runs: readonly NamedRun[]): string {
  const lines = runs.map((run) => ({ name: run.name, sweep: sweepLines(run.receipt.evidence) }));
  const counts = [...new Set(lines.flatMap(({ sweep }) => sweep.map(({ harmful }) => harmful)))];
  const plots = counts
    .toSorted((a, b) => a - b)
    .flatMap((harmful) => {
      const title = `Compliance over benign demonstrations before ${harmful} harmful ones, a line for each run`;
      const own = lines.flatMap(({ name, sweep }) => {
        const line = sweep.find((one) => one.harmful === harmful);
        return line === undefined ? [] : [{ name, points: line.points }];
      });
      const zeroShot = { unavailable: 'each run has its own' };
      const plot = renderLines({ id: `curves-${harmful}`, title, zeroShot, lines: own });
      if (plot === undefined) return [];
      const left = own.length - plot.shown;
      const more = left > 0 ? paragraph(`The table of rates has ${formatPlural(left, 'more run')}.`) : '';
      return [`<h3>${harmful} harmful demonstrations</h3>\n${scrolling(title, plot.svg)}${more}`];
    });
  if (plots.length === 0) return '';
  const level = commonLevel(
    runs.flatMap(({ receipt }) => receipt.evidence.conditions.map(({ rate }) => rate)),
  );
  const words = `Compliance with harmful queries, each run by its own receipt${level === undefined ? '' : `, ${level} intervals`}. Intervals that overlap do not show that two runs are alike: read the differences below.`;
  return section('Benign demonstrations', [paragraph(words), ...plots].join('\n'));
}

function renderStep(step: Step, runs: readonly NamedRun[], index: number): string {
  const title = `From ${step.from} to ${step.to}`;
  if (step.status === 'notComparable') {
    const words = 'No difference is given, since these fields differ:';
    return section(title, paragraph(words) + list(step.fields.map((field) => codeHtml(field))));
  }
  const after = runs.find(({ name }) => name === step.to);
  const body = [
    paragraph(stepWords(step, runs)),
    ...(step.notes.length === 0 ? [] : [list(step.notes.map(escapeHtml))]),
    differencesTable(step),
    ...(after === undefined ? [] : conditionDifferences(step, after.receipt, index)),
  ];
  return section(title, body.join('\n'));
}

type ComparedStep = Extract<Step, { status: 'compared' }>;

function differencesTable({ from, to, differences }: ComparedStep): string {
  const { spillover, pairs } = differences;
  const row = (name: string, value: MaybeInterval, unit: Unit) => [
    escapeHtml(name),
    intervalCell(value, unit),
  ];
  const rows = [
    row('Without demonstrations', differences.zeroShot, 'points'),
    row('Mean over all mixtures', differences.mixed, 'points'),
    row('Harmful last minus harmful first', differences.recency, 'points'),
    ['Effect of benign demonstrations, log-odds per doubling', plain(spillover.logOddsPerDoubling)],
    ...spillover.byHarmful.flatMap((one) => [
      [`At ${one.harmful} harmful, log-odds per doubling`, plain(one.logOddsPerDoubling)],
      row(`At ${one.harmful} harmful, rise from fewest to most benign`, one.increase, 'points'),
    ]),
  ];
  const caption =
    pairs === 0
      ? `${to} minus ${from}, from the receipts alone`
      : `${to} minus ${from}, over ${formatPlural(pairs, 'trial')} that both answered`;
  return htmlTable({ caption, columns: [{ title: 'What' }, { title: 'Difference', number: true }], rows });
}

const mostPlotted = 40;

function conditionDifferences(
  { from, to, differences: { conditions } }: ComparedStep,
  { evidence }: Receipt,
  index: number,
): string[] {
  if (!conditions.some(({ difference }) => isInterval(difference))) return [];
  const words = conditionNames(evidence.conditions);
  const named = conditions.map((one) => ({ ...one, label: words(one.condition) }));
  const level = commonLevel(conditions.map(({ difference }) => difference));
  const plot = renderDifferencePlot({
    id: `step-${index}`,
    title: `Difference of compliance in each condition, ${to} minus ${from}`,
    axis: 'points of compliance, second minus first',
    rows: named.slice(0, mostPlotted).map(({ label, difference }) => ({ label, value: difference })),
  });
  const rows = named.map(({ label, condition, difference }) => [
    `${escapeHtml(label)}<small>${escapeHtml(condition)}</small>`,
    intervalCell(difference, 'points', level),
  ]);
  const caption = `By condition, ${to} minus ${from}${level === undefined ? '' : `, each at ${level}`}: the intervals hold together at 95 %`;
  return [
    '<h3>By condition</h3>',
    ...(plot === undefined ? [] : [scrolling(`Plot of differences by condition, ${to} minus ${from}`, plot)]),
    htmlTable({ caption, columns: [{ title: 'Condition' }, { title: 'Difference', number: true }], rows }),
  ];
}

/** All rates of all runs; a condition that a run does not have is left empty. */
function renderRates(runs: readonly NamedRun[]): string {
  const words = new Map(
    runs.flatMap(({ receipt }) =>
      receipt.evidence.conditions.map((one) => [one.id, conditionWords(one)] as const),
    ),
  );
  const rows = [...words].map(([id, name]) => [
    `${escapeHtml(name)}<small>${escapeHtml(id)}</small>`,
    ...runs.map(({ receipt }) => {
      const rate = receipt.evidence.conditions.find((one) => one.id === id)?.rate;
      return rate === undefined ? 'not in its suite' : intervalCell(rate, 'rate');
    }),
  ]);
  const columns = [{ title: 'Condition' }, ...runs.map(({ name }) => ({ title: name, number: true }))];
  return section(
    'Rates',
    htmlTable({ caption: 'Compliance in every condition, each run by its own receipt', columns, rows }),
  );
}

function plain(value: MaybeInterval): string {
  if (!isInterval(value)) return escapeHtml(value.unavailable);
  return `${figure(formatPlainInterval(value))}<small>${formatLevel(value.level)}, ${escapeHtml(value.method)}</small>`;
}
