import { harmless } from '../config/log.ts';
import type { FetchedSource } from '../run/fetch-pools.ts';
import { type FilterRecord, recordFile } from '../run/filter-pool.ts';
import type { Lengths, PoolReport } from '../suite/pool-check.ts';
import type { Finding } from '../suite/pool-rows.ts';

const shownFindings = 10;
const shownLabels = 20;

/** A pool's report for people at a terminal. Ids and labels come from the file: none may act on a runner. */
export function describePool(report: PoolReport): string {
  const { findings, maxChars, queries } = report;
  const asked = queries.reduce((sum, { rows }) => sum + rows, 0);
  const against = queries.length === 0 ? 'not checked: no --queries' : `against ${asked} queries`;
  const lines = [
    `${report.usable ? 'usable' : 'not usable'}: ${report.usableRows} of ${report.rows} rows of ${report.file}`,
    `format:   ${report.format}${report.leftOut === 0 ? '' : `; ${report.leftOut} rows of other parts left out`}`,
    `sha256:   ${report.sha256}`,
    `licence:  ${report.licence ?? 'not given'}`,
    `requests: ${describeLengths(report.requestChars)}`,
    `responses: ${describeLengths(report.responseChars)}`,
    ...describeLabels('categories', report.categories),
    ...describeLabels('sources', report.sources),
    ...describeFindings('malformed', findings.malformed),
    ...describeFindings('empty', findings.empty),
    ...describeFindings('repeated ids', findings.repeatedIds),
    ...describeFindings(`over ${maxChars} characters`, findings.overLong),
    ...describeFindings('duplicates', findings.duplicates),
    ...describeFindings('near repetitions', findings.nearDuplicates),
    ...describeFindings(`contaminated (${against})`, findings.contaminated),
    ...describeFindings('nearly contaminated', findings.nearlyContaminated),
    ...(report.placeholders === 0 ? [] : [`placeholders: ${report.placeholders}`]),
    ...(report.fix.length === 0 ? ['nothing to fix'] : ['to fix:', ...report.fix.map((one) => `  - ${one}`)]),
  ];
  return lines.map(harmless).join('\n');
}

function describeLengths(lengths: Lengths | null): string {
  if (lengths === null) return 'none';
  return `${lengths.min} to ${lengths.max} characters, median ${lengths.median}`;
}

function describeLabels(name: string, counts: Readonly<Record<string, number>>): string[] {
  const entries = Object.entries(counts);
  if (entries.length === 1 && entries[0]?.[0] === '(none)') return [`${name}: none`];
  const shown = entries
    .slice(0, shownLabels)
    .map(([label, count]) => `  ${String(count).padStart(6)} ${label}`);
  const more = entries.length > shownLabels ? [`         and ${entries.length - shownLabels} more`] : [];
  return [`${name}: ${entries.length}`, ...shown, ...more];
}

function describeFindings(name: string, findings: readonly Finding[]): string[] {
  const shown = findings
    .slice(0, shownFindings)
    .map(({ line, id, what }) => `  line ${line}${id === null ? '' : `, id ${JSON.stringify(id)}`}: ${what}`);
  const more =
    findings.length > shownFindings ? [`  and ${findings.length - shownFindings} more (--json has all)`] : [];
  return [`${name}: ${findings.length}`, ...shown, ...more];
}

/** A filter's record for people at a terminal. */
export function describeFilter({ counts, keep, judge, out }: FilterRecord, path: string): string {
  const { rows, kept, refused, otherRequest, unreadable, failed } = counts;
  const confirmed = keep === 'compliance' ? 'compliant responses' : keep.replace('-', ' requests, ');
  return [
    `kept ${kept} of ${rows} rows (${confirmed}; judge ${judge.kind})`,
    `  refused ${refused}, another kind of request ${otherRequest}, unreadable ${unreadable}, no ruling ${failed}`,
    `pool:   ${path} (sha256 ${out.sha256})`,
    `record: ${recordFile(path)}`,
  ]
    .map(harmless)
    .join('\n');
}

/** What was fetched, for people at a terminal, with what is to be written into the policy. */
export function describeFetched(fetched: readonly FetchedSource[]): string {
  if (fetched.length === 0) return 'the policy names no file of a hub';
  return fetched
    .flatMap(({ name, location, sha256, bytes, file, from, pinned }) => [
      `${name}: ${location}`,
      `  ${bytes} bytes, ${from === 'cache' ? 'in the cache' : 'fetched'}: ${file}`,
      `  sha256: ${sha256}${pinned ? '' : '   <- look at the file, then write this beside its hub in the policy'}`,
    ])
    .map(harmless)
    .join('\n');
}
