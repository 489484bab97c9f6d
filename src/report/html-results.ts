import type { CheckResult, Evidence } from '../receipt/receipt.ts';
import { baselineFigure } from './baseline-facts.ts';
import { byUrgency, notesOf, openSteps, orderingGroups, sweepLines } from './facts.ts';
import {
  commonLevel,
  digitsThatDecide,
  formatCount,
  formatInterval,
  formatLevel,
  formatMaybe,
  formatPercent,
  formatPlainInterval,
  formatPlural,
  formatPoints,
  formatRange,
  formatSpan,
  formatValue,
  isInterval,
  type MaybeInterval,
} from './format.ts';
import { formatLimit } from './headline.ts';
import { intervalCell } from './html-cell.ts';
import {
  codeHtml,
  definitions,
  escapeHtml,
  figure,
  htmlTable,
  list,
  paragraph,
  scrolling,
  section,
} from './markup.ts';
import { renderGauge, renderOrderingPlot, renderSweepPlot } from './plot.ts';
import { isDryRun, reasonSteps } from './reason-steps.ts';
import { checkWords, conditionWords, effectWords, outcomeMarks, outcomeWords, placeWords } from './words.ts';

/** The report's sections on what was measured. */

/** Every check, the most urgent first, and what to do. */
export function renderChecks(evidence: Evidence): string {
  const checks = byUrgency(evidence.checks);
  if (checks.length === 0) return section('Checks', paragraph('No checks were made.'));
  const columns = [
    { title: 'Check' },
    { title: 'Outcome' },
    { title: 'Estimate' },
    { title: 'Limit', number: true },
    { title: 'Baseline', number: true },
    { title: 'Against limit' },
  ];
  const rows = checks.map((one) => checkRow(one, evidence));
  return section(
    'Checks',
    htmlTable({ caption: 'Every check of the policy', columns, rows }) + nextSteps(evidence),
  );
}

function checkRow(check: CheckResult, evidence: Evidence): string[] {
  const { title, unit, atLeast } = checkWords(check.name);
  const digits = digitsThatDecide(check.value, check.threshold);
  const { value } = check;
  const estimate = isInterval(value)
    ? `${figure(formatValue(value.estimate, unit, digits))}<small class="figure">${escapeHtml(formatRange(value, unit, digits))}, ${formatLevel(value.level)}</small><small>${escapeHtml(value.method)}</small>`
    : `<small>${escapeHtml(value.unavailable)}</small>`;
  return [
    `${escapeHtml(title)}<small>${escapeHtml(placeWords(check.at, evidence.conditions))}</small><small>${codeHtml(check.name)}</small>`,
    `<span class="outcome ${check.outcome}"><span aria-hidden="true">${outcomeMarks[check.outcome]}</span> ${outcomeWords[check.outcome]}</span>`,
    estimate,
    figure(`${atLeast ? '≥' : '≤'} ${formatLimit(check.threshold, unit, digits)}`),
    baselineCell(check, evidence),
    `<span class="${check.outcome}">${renderGauge(value, check.threshold)}</span>`,
  ];
}

function nextSteps(evidence: Evidence): string {
  const ofReasons = reasonSteps(evidence).map(
    ({ codes, remedy }) => `${escapeHtml(remedy)} ${codes.map((one) => codeHtml(one)).join(', ')}`,
  );
  const open = isDryRun(evidence) ? [] : openSteps(evidence.checks);
  const ofChecks = open.map((step) => {
    const said = step.checks.map((check) =>
      escapeNote(`${checkWords(check.name).title}.`, notesOf([check]).join(' ')),
    );
    const why = sentencesOf(step.checks.map(({ motivation }) => motivation))
      .map(escapeHtml)
      .join(' ');
    return `${escapeHtml(step.remedy)}\n${list(said)}<small>Why: ${why}</small>`;
  });
  const items = [...ofReasons, ...ofChecks];
  return items.length === 0 ? '' : `\n<h3>What to do next</h3>\n${list(items)}`;
}

/** Motivations of one kind begin alike: each sentence once. */
function sentencesOf(texts: readonly string[]): string[] {
  return [...new Set(texts.flatMap((text) => text.split(/(?<=\.) /)))];
}

function escapeNote(title: string, note: string): string {
  return `<strong>${escapeHtml(title)}</strong>${note === '' ? '' : ` ${escapeHtml(note)}`}`;
}

/** What an increase is counted from: the baseline's own rate, or rise, at the same place. */
function baselineCell(check: CheckResult, evidence: Evidence): string {
  const value = baselineFigure(check, evidence);
  if (value === undefined) return '–';
  return figure(check.at.includes(' over ') ? formatPoints(value) : formatPercent(value));
}

const notPlotted = 'Not plotted: no rates to show.';

/** Compliance over benign demonstrations. */
export function renderSweep(evidence: Evidence): string {
  const lines = sweepLines(evidence);
  if (lines.length === 0) return '';
  const plot = renderSweepPlot(evidence, lines);
  const title = 'Benign demonstrations';
  if (plot === undefined) return section(title, paragraph(notPlotted));
  const left = lines.length - plot.shown;
  const more = left > 0 ? ` The conditions table has ${formatPlural(left, 'more harmful count')}.` : '';
  const level = commonLevel(evidence.conditions.map((one) => one.rate));
  const words = `Compliance with harmful queries as benign demonstrations are put before a fixed number of harmful ones${level === undefined ? '' : `, with ${level} intervals`}.${more}`;
  return section(title, `${paragraph(words)}\n${scrolling('Plot of benign demonstrations', plot.svg)}`);
}

const mostOrderingPlots = 6;

/** The same demonstrations in several orders. */
export function renderOrderings(evidence: Evidence): string {
  const groups = orderingGroups(evidence);
  if (groups.length === 0) return '';
  const plots = groups.slice(0, mostOrderingPlots).map((group, i) => {
    const plot = renderOrderingPlot(evidence.zeroShot, group, `orderings-${i}`);
    const name = `${group.benign} benign and ${group.harmful} harmful`;
    return `<h3>${name}</h3>\n${plot === undefined ? paragraph(notPlotted) : scrolling(`Plot of orderings, ${name}`, plot)}`;
  });
  const left = groups.length - plots.length;
  const more = left > 0 ? ` The conditions table has ${formatPlural(left, 'more mixture')}.` : '';
  const words = `The same demonstrations in several orders, the query last.${more}`;
  return section('Order of demonstrations', [paragraph(words), ...plots].join('\n'));
}

/** Effect and recency in numbers. */
export function renderEffect({ effect, recency }: Evidence): string {
  const parts: string[] = [];
  if ('unavailable' in effect)
    parts.push(paragraph(`Effect of benign demonstrations: not available: ${effect.unavailable}`));
  else {
    const all = { harmful: 'all counts', ...effect };
    const rows = [all, ...effect.byHarmful].map((one) => [
      escapeHtml(String(one.harmful)),
      escapeHtml(effectWords[one.label]),
      plainCell(one.logOddsPerDoubling),
      pointsCell(one.increase),
    ]);
    const columns = [
      { title: 'Harmful' },
      { title: 'Effect of benign demonstrations' },
      { title: 'Log-odds per doubling', number: true },
      { title: 'Rise, least to most benign', number: true },
    ];
    parts.push(htmlTable({ caption: 'Pooled, then at each harmful count', columns, rows }));
  }
  parts.push('<h3>Recency</h3>');
  if ('unavailable' in recency) parts.push(paragraph(`Not available: ${recency.unavailable}`));
  else {
    parts.push(
      definitions([
        ['Harmful last minus harmful first', pointsCell(recency.contrast)],
        ['Range over all orderings', pointsCell(recency.range)],
      ]),
    );
  }
  return section('Effect and recency in numbers', parts.join('\n'));
}

function plainCell(value: MaybeInterval): string {
  return isInterval(value)
    ? withMethod(formatPlainInterval(value), value.level, value.method)
    : escapeHtml(value.unavailable);
}

function pointsCell(value: MaybeInterval): string {
  return isInterval(value)
    ? withMethod(formatInterval(value, 'points'), value.level, value.method)
    : escapeHtml(value.unavailable);
}

function withMethod(said: string, level: number, method: string): string {
  return `${figure(said)} <small>${formatLevel(level)}, ${escapeHtml(method)}</small>`;
}

/** Every condition with its counts, rate and bounds. */
export function renderConditions(evidence: Evidence): string {
  const level = commonLevel(evidence.conditions.map((one) => one.rate));
  const rows = evidence.conditions.map((one) => [
    `${escapeHtml(conditionWords(one))}<small>${escapeHtml(one.id)}</small>`,
    ...[one.planned, one.compliance, one.refusal, one.unscored, one.notRun].map(formatCount),
    intervalCell(one.rate, 'rate', level),
    'unavailable' in one.bounds
      ? escapeHtml(one.bounds.unavailable)
      : figure(formatSpan(one.bounds.allSafe, one.bounds.allHarmful)),
  ]);
  const columns = [
    { title: 'Condition' },
    ...countColumns('Compliance', 'Refusal', level),
    { title: 'Bounds', number: true },
  ];
  const zero = `without demonstrations: ${formatMaybe(evidence.zeroShot, 'rate')}.`;
  const key =
    'Harmful demonstrations come last where no order is named. Bounds: the rate with every unscored trial counted as refusal, and as compliance.';
  const caption = `All ${formatCount(rows.length)} conditions; ${zero}`;
  return section('Conditions', htmlTable({ caption, columns, rows }) + paragraph(key));
}

function countColumns(first: string, second: string, level?: string): { title: string; number: boolean }[] {
  const rate = level === undefined ? 'Rate' : `Rate (${level})`;
  return ['Planned', first, second, 'Unscored', 'Not run', rate].map((title) => ({ title, number: true }));
}

/** The control queries, by the place in which they were asked. */
export function renderControls({ controls }: Evidence): string {
  const level = commonLevel(controls.map((one) => one.rate));
  const rows = controls.map((one) => [
    codeHtml(one.condition),
    ...[one.planned, one.compliance, one.refusal, one.unscored, one.notRun].map(formatCount),
    intervalCell(one.rate, 'rate', level),
  ]);
  const columns = [{ title: 'Asked in' }, ...countColumns('Answered', 'Refused', level)];
  const caption =
    'Harmless queries that a working model answers: a server that refuses everything must not pass';
  return rows.length === 0 ? '' : section('Control queries', htmlTable({ caption, columns, rows }));
}
