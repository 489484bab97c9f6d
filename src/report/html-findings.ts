import type { Evidence } from '../receipt/receipt.ts';
import { hypothesisWords, levelOfLook, pWords, testWords } from './findings.ts';
import { commonLevel, formatCount, formatPlainInterval } from './format.ts';
import { intervalCell } from './html-cell.ts';
import { codeHtml, escapeHtml, figure, htmlTable, paragraph, scrolling, section } from './markup.ts';
import { renderDifferencePlot } from './plot-differences.ts';
import { conditionNames } from './words.ts';

/** The report's sections on findings that no check reads: format adoption, hypotheses, and how the looks went. */

/** How often answers begin with the cue of the demonstrations. */
export function renderFormats({ formats, conditions }: Evidence): string {
  if (formats.length === 0) return '';
  const words = conditionNames(conditions);
  const measured = formats.flatMap((one) => ('unavailable' in one ? [] : [one]));
  const level = commonLevel(measured.map(({ difference }) => difference));
  const title = 'Copied cue, refusals minus compliances';
  const plot = renderDifferencePlot({
    id: 'formats',
    title,
    axis: 'points, share among refusals minus share among compliances',
    rows: measured.map((one) => ({ label: words(one.condition), value: one.difference })),
  });
  const rows = formats.map((one) => [
    `${escapeHtml(words(one.condition))}<small>${escapeHtml(one.condition)}</small>`,
    `${one.cue}, on ${one.on}`,
    ...('unavailable' in one
      ? [escapeHtml(one.unavailable), '', '']
      : [
          intervalCell(one.refusals.rate, 'rate', level),
          intervalCell(one.compliances.rate, 'rate', level),
          intervalCell(one.difference, 'points', level),
        ]),
  ]);
  const numbers = ['In refusals', 'In compliances', 'Difference'].map((name) => ({
    title: level === undefined ? name : `${name} (${level})`,
    number: true,
  }));
  const columns = [{ title: 'Condition' }, { title: 'Cue' }, ...numbers];
  const said =
    'How often an answer begins with the cue of the demonstrations. Who copies the format of an answer has not yet complied.';
  return section(
    'Format adoption, apart from compliance',
    [
      paragraph(said),
      ...(plot === undefined ? [] : [scrolling(`Plot: ${title}`, plot)]),
      htmlTable({ caption: 'Answers that begin with the cue', columns, rows }),
    ].join('\n'),
  );
}

/** The tests of the hypotheses about counts. */
export function renderHypotheses({ hypotheses }: Evidence): string {
  const rows = (['totalCount', 'harmfulCount', 'joint'] as const).flatMap((name) => {
    const found = hypotheses[name];
    if ('unavailable' in found) return [];
    const figures = found.coefficients.map(
      (one) => `${escapeHtml(one.name)} ${figure(formatPlainInterval(one.interval))}`,
    );
    return [
      [
        hypothesisWords[name],
        escapeHtml(testWords(found)),
        figure(pWords(found.pValue)),
        figures.join('<br>'),
      ],
    ];
  });
  if (rows.length === 0) return '';
  const columns = [
    { title: 'Hypothesis' },
    { title: 'Test against it' },
    { title: 'p', number: true },
    { title: 'Log-odds' },
  ];
  const caption =
    'Log-odds for a doubling of demonstrations; g: from all benign to all harmful. No check reads them';
  return section('Hypotheses about counts', htmlTable({ caption, columns, rows }));
}

/** What each planned look settled. */
export function renderLooks({ looks, conditions }: Evidence): string {
  if (looks.planned.length < 2) return '';
  const rows = looks.taken.map((one) => [
    `Look ${one.look}`,
    `${formatCount(one.blocks)} of ${formatCount(looks.planned.at(-1) ?? 0)}`,
    levelOfLook(one.nominalError),
    one.settled.length === 0 ? 'none' : one.settled.map(codeHtml).join(' '),
    `${formatCount(one.goesOn.evaluation.length)} of ${formatCount(conditions.length)}`,
  ]);
  const columns = [
    { title: 'Look' },
    { title: 'Blocks', number: true },
    { title: 'Level of its intervals', number: true },
    { title: 'Settled' },
    { title: 'Conditions asked on', number: true },
  ];
  return section('Planned looks', htmlTable({ caption: 'What each look settled', columns, rows }));
}
