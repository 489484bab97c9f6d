// What `npm run check:browser` looks at: comments, reports and a comparison, from made-up receipts and simulated runs.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compareRuns } from '../../src/receipt/compare.ts';
import { receiptSchema } from '../../src/receipt/receipt.ts';
import { renderComment } from '../../src/report/comment.ts';
import { renderReport } from '../../src/report/html.ts';
import { renderComparison } from '../../src/report/html-compare.ts';
import { samples } from '../../test/report/sample-receipts.ts';
import { commentPage } from './comment-page.mjs';
import { asBaseline, simulatedRelease } from './simulated-release.mjs';

const own = join(import.meta.dirname, 'policy.yml');
const shipped = (name) => join(import.meta.dirname, '..', '..', 'policies', `${name}.yml`);
const earlier = '2026-06-01T09:00:00.000Z';
const strict = { name: 'example-8b-dpo', stage: 'dpo', base: -2.6, slope: 0, salt: 'one' };
const open = { name: 'example-8b-rl', stage: 'rl', base: -2.2, slope: 0.12, salt: 'two' };
const early = { name: 'example-8b-sft', stage: 'sft', base: -1.9, slope: 0.2, salt: 'three' };

/** Simulated runs, each made when the first page needs it. */
const runs = Object.fromEntries(
  Object.entries({
    'first-release': () => simulatedRelease(own, strict, { asOf: earlier }),
    release: async () => simulatedRelease(own, open, { baseline: asBaseline(await runs['first-release']()) }),
    sft: () => simulatedRelease(own, early),
    standard: () => simulatedRelease(shipped('standard'), open),
    // The largest suite that is shipped.
    paper: () => simulatedRelease(shipped('paper'), open),
  }).map(([name, make]) => {
    let made;
    return [
      name,
      () => {
        made ??= make();
        return made;
      },
    ];
  }),
);

const receipts = {
  ...Object.fromEntries(
    Object.entries(samples).map(([name, build]) => [name, async () => receiptSchema.parse(build())]),
  ),
  ...Object.fromEntries(
    ['first-release', 'release', 'standard', 'paper'].map((name) => [
      name,
      async () => (await runs[name]()).receipt,
    ]),
  ),
};

const comparisons = {
  'compare-stages': ['sft', 'first-release', 'release'],
  'compare-apart': ['release', 'paper'],
};

/** Each with how it is made, and the most that it may measure: characters of a comment, bytes of a page. */
export const pages = [
  ...Object.entries(receipts).flatMap(([name, receipt]) => [
    {
      name: `comment-${name}`,
      kind: 'comment',
      most: 60_000,
      make: async () => renderComment(await receipt()),
    },
    {
      name: `report-${name}`,
      kind: 'page',
      most: 3_000_000,
      make: async () => renderReport(await receipt()),
    },
  ]),
  ...Object.entries(comparisons).map(([name, members]) => ({
    name,
    kind: 'page',
    most: 3_000_000,
    make: async () => {
      const compared = await Promise.all(members.map(async (member) => comparedRun(await runs[member]())));
      return renderComparison(compareRuns(compared));
    },
  })),
];

/** A comment that a run wrote, as of `npm run demo`. */
export function keptComment(file) {
  return { name: 'comment', kind: 'comment', most: 60_000, make: async () => readFileSync(file, 'utf8') };
}

const comparedRun = ({ receipt, trials }) => ({
  file: `${receipt.evidence.candidate.trainingStage}/receipt.json`,
  receipt,
  trials,
});

/** @returns the page as a browser opens it, and its size in the unit of its limit */
export async function makePage({ kind, make }) {
  const text = await make();
  return kind === 'comment'
    ? { html: commentPage(text), size: text.length }
    : { html: text, size: Buffer.byteLength(text) };
}
