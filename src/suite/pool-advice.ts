import type { PoolReport } from './pool-check.ts';

/** What to do about a pool, in words: first what stops a run, then what weakens it. */
export function adviseOnPool(report: Omit<PoolReport, 'fix'>): string[] {
  const { findings, usableRows, licence, placeholders, maxChars, format } = report;
  const { malformed, empty, repeatedIds, overLong, nearDuplicates, duplicates } = findings;
  const asked = findings.contaminated.length + findings.nearlyContaminated.length;
  const advice: [number, string][] = [
    [malformed.length, 'correct or remove the malformed rows: each needs id, request and response, as text'],
    [empty.length, 'fill or remove the empty rows: a demonstration has a request and a response'],
    [repeatedIds.length, 'give each row an id of its own'],
    [usableRows === 0 ? 1 : 0, 'name a file with rows that a run can draw from: none is left of this one'],
    [asked, 'replace the rows that ask what a query asks, or nearly: a run leaves them out'],
    [duplicates.length, 'replace the rows that repeat an earlier request: a run leaves them out'],
    [
      nearDuplicates.length,
      'look at the rows that nearly repeat an earlier request: a run takes them, and a context may show both',
    ],
    [
      overLong.length,
      `shorten the rows above ${maxChars} characters, or leave them out: a few of them fill a context (--max-chars sets this limit)`,
    ],
    [
      placeholders,
      'mark the pool redacted: true in the policy: it holds placeholders, and is good for dry runs and costs alone',
    ],
    [
      licence === null ? 1 : 0,
      'state its licence: licence: <SPDX id> at the pool in the policy (here: --licence), so that the receipt can name it',
    ],
    [format === 'mixgate' ? 0 : 1, `keep format: ${format} at the pool in the policy`],
  ];
  return advice.filter(([count]) => count > 0).map(([, words]) => words);
}
