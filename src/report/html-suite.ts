import type { Evidence, SourceRecord } from '../receipt/receipt.ts';
import { formatCount, formatPlural } from './format.ts';
import { codeHtml, definitions, digestHtml, escapeHtml, htmlTable, paragraph, section } from './markup.ts';

/** The report's section on the pools and lists of queries that the suite was made of. */
export function renderSources({ suite }: Evidence): string {
  const kinds: readonly (readonly [string, readonly SourceRecord[]])[] = [
    ['Harmful demonstrations', suite.harmfulDemonstrations],
    ['Benign demonstrations', suite.benignDemonstrations],
    ['Evaluation queries', suite.queries],
    ['Control queries', suite.controlQueries],
  ];
  const rows = kinds.flatMap(([kind, sources]) => sources.map((one) => sourceRow(kind, one)));
  const columns = [
    { title: 'Source' },
    { title: 'What' },
    { title: 'Licence' },
    { title: 'Rows', number: true },
    { title: 'Usable', number: true },
    { title: 'Used', number: true },
    { title: 'SHA-256' },
  ];
  const words = `Layout ${suite.layout}, ${formatPlural(suite.draws, 'draw')}, seed ${suite.seed}; a context that does not fit is refused, never cut.`;
  return section(
    'Suite',
    [
      htmlTable({ caption: 'Pools and queries', columns, rows }),
      paragraph(words),
      definitions([['Plan', digestHtml(suite.planSha256)]]),
    ].join('\n'),
  );
}

function sourceRow(kind: string, source: SourceRecord): string[] {
  return [
    `${codeHtml(source.name)}${hubWords(source)}`,
    kind,
    escapeHtml(source.licence ?? 'not stated'),
    ...[source.rows, source.usable, source.used].map(formatCount),
    digestHtml(source.sha256),
  ];
}

function hubWords({ hub }: SourceRecord): string {
  return hub === null
    ? ''
    : `<small>${escapeHtml(`${hub.repo}, ${hub.file} at ${hub.revision.slice(0, 12)}`)}</small>`;
}
