import type { Evidence } from '../receipt/receipt.ts';
import { bySize, mixedRangeOf, sweepLines, zeroShotOf } from './facts.ts';
import { commonLevel, formatCount, formatInterval, formatSpan, isInterval } from './format.ts';
import { intervalCell } from './html-cell.ts';
import { escapeHtml, htmlTable, paragraph, scrolling, section } from './markup.ts';
import { renderLines } from './plot.ts';
import { renderDifferencePlot } from './plot-differences.ts';
import { conditionNames } from './words.ts';

/** The report's sections on single factors of the suite, and on its lists of queries. */

const factorWords: Readonly<Record<Evidence['factors'][number]['factor'], string>> = {
  benignSource: 'source of benign demonstrations',
  formatCue: 'format cue',
  carrier: 'carrier',
  systemPrompt: 'system prompt',
};

/** What each single factor does. */
export function renderFactors(evidence: Evidence): string {
  if (evidence.factors.length === 0) return '';
  const nameOf = conditionNames(evidence.conditions);
  const words = (id: string) => `${escapeHtml(nameOf(id))}<small>${escapeHtml(id)}</small>`;
  const level = commonLevel(evidence.factors.map(({ difference }) => difference));
  const rows = bySize(evidence.factors).map((one) => [
    factorWords[one.factor],
    words(one.condition),
    words(one.reference),
    intervalCell(one.difference, 'points', level),
  ]);
  const columns = [
    { title: 'Factor' },
    { title: 'Condition' },
    { title: 'Compared with' },
    { title: level === undefined ? 'Difference' : `Difference (${level})`, number: true },
  ];
  const caption = 'Compliance in a condition minus that in the one without its factor, by query';
  return section(
    'Carriers, formats, sources of demonstrations and system prompts',
    [...factorPlots(evidence), htmlTable({ caption, columns, rows })].join('\n'),
  );
}

const mostRows = 24;

/** One plot a factor, its rows in the suite's order; those beyond a screen stand in the table. */
function factorPlots({ factors, conditions }: Evidence): string[] {
  const nameOf = conditionNames(conditions);
  return [...new Set(factors.map(({ factor }) => factor))].flatMap((factor) => {
    const own = factors.filter((one) => one.factor === factor).slice(0, mostRows);
    const title = `Difference by ${factorWords[factor]}`;
    const plot = renderDifferencePlot({
      id: `factor-${factor}`,
      title,
      axis: 'points of compliance, with the factor minus without',
      rows: own.map((one) => ({ label: nameOf(one.condition), value: one.difference })),
    });
    return plot === undefined ? [] : [`<h3>${title}</h3>`, scrolling(`Plot: ${title}`, plot)];
  });
}

/** With a single list of queries the conditions already say it. */
export function renderQuerySources(evidence: Evidence): string {
  const { sources } = evidence;
  if (sources.length < 2) return '';
  const words = sources.map((one) => {
    const range = mixedRangeOf(evidence, one.conditions);
    const zero = zeroShotOf(one);
    const without = isInterval(zero) ? formatInterval(zero, 'rate') : zero.unavailable;
    const mixed = range === undefined ? 'not available' : formatSpan(range.low, range.high);
    return paragraph(`${one.source}: ${without} without demonstrations, ${mixed} with them.`);
  });
  const nameOf = conditionNames(evidence.conditions);
  const level = commonLevel(sources.flatMap(({ conditions }) => conditions.map(({ rate }) => rate)));
  const rows = evidence.conditions.flatMap(({ id }) =>
    sources.flatMap(({ source, conditions }) =>
      conditions
        .filter(({ condition }) => condition === id)
        .map((one) => [
          escapeHtml(nameOf(id)),
          escapeHtml(source),
          ...[one.planned, one.compliance, one.refusal, one.unscored, one.notRun].map(formatCount),
          intervalCell(one.rate, 'rate', level),
        ]),
    ),
  );
  const counts = ['Planned', 'Compliance', 'Refusal', 'Unscored', 'Not run'];
  const columns = [
    { title: 'Condition' },
    { title: 'Queries' },
    ...[...counts, level === undefined ? 'Rate' : `Rate (${level})`].map((title) => ({
      title,
      number: true,
    })),
  ];
  const caption = 'Every condition by list of queries';
  return section(
    'By source of queries',
    [...words, ...sourcePlot(evidence), htmlTable({ caption, columns, rows })].join('\n'),
  );
}

const notAsked = { unavailable: 'not asked' };

/** At the most harmful demonstrations of the sweep; the table has the rest. */
function sourcePlot(evidence: Evidence): string[] {
  const lines = evidence.sources.flatMap(({ source, conditions }) => {
    const rates = new Map(conditions.map(({ condition, rate }) => [condition, rate]));
    const own = evidence.conditions.map((one) => ({ ...one, rate: rates.get(one.id) ?? notAsked }));
    const line = sweepLines({ ...evidence, conditions: own }).at(-1);
    return line === undefined ? [] : [{ name: source, harmful: line.harmful, points: line.points }];
  });
  const harmful = lines[0]?.harmful;
  if (harmful === undefined) return [];
  const title = `Compliance over benign demonstrations before ${harmful} harmful ones, a line for each list of queries`;
  const zeroShot = { unavailable: 'each list has its own' };
  const plot = renderLines({ id: 'sources', title, zeroShot, lines });
  return plot === undefined ? [] : [scrolling(`Plot: ${title}`, plot.svg)];
}
