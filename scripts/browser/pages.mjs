// What `npm run check:browser` looks at: comments, reports and a comparison, from made-up receipts and simulated runs.
import { join } from 'node:path';
import { compareRuns } from '../../src/receipt/compare.ts';
import { receiptSchema } from '../../src/receipt/receipt.ts';
import { renderComment } from '../../src/report/comment.ts';
import { renderReport } from '../../src/report/html.ts';
import { renderComparison } from '../../src/report/html-compare.ts';
import { samples } from '../../test/report/sample-receipts.ts';
import { commentPage } from './comment-page.mjs';
import { asBaseline, simulatedRelease } from './simulated-release.mjs';

const policies = join(import.meta.dirname, '..', '..', 'policies');
const earlier = '2026-06-01T09:00:00.000Z';
const strict = { name: 'example-8b-dpo', stage: 'dpo', base: -2.6, slope: 0, salt: 'one' };
const open = { name: 'example-8b-rl', stage: 'rl', base: -2.2, slope: 0.12, salt: 'two' };
const early = { name: 'example-8b-sft', stage: 'sft', base: -1.9, slope: 0.2, salt: 'three' };

/** Each with its size in the unit of its limit: characters of a comment, bytes of a page. */
export async function listPages() {
  const own = join(import.meta.dirname, 'policy.yml');
  const before = await simulatedRelease(own, strict, { asOf: earlier });
  const baseline = asBaseline(before);
  const after = await simulatedRelease(own, open, { baseline });
  const sft = await simulatedRelease(own, early);
  const standard = await simulatedRelease(join(policies, 'standard.yml'), open);
  const paper = await simulatedRelease(join(policies, 'paper.yml'), open);
  const receipts = {
    ...Object.fromEntries(
      Object.entries(samples).map(([name, build]) => [name, receiptSchema.parse(build())]),
    ),
    release: after.receipt,
    'first-release': before.receipt,
    standard: standard.receipt,
    paper: paper.receipt,
  };
  return [
    ...Object.entries(receipts).flatMap(([name, receipt]) => [
      commentOf(name, receipt),
      reportOf(name, receipt),
    ]),
    pageOf('compare-stages', renderComparison(compareRuns([sft, before, after].map(comparedRun)))),
    pageOf('compare-apart', renderComparison(compareRuns([after, paper].map(comparedRun)))),
  ];
}

const comparedRun = ({ receipt, trials }) => ({
  file: `${receipt.evidence.candidate.trainingStage}/receipt.json`,
  receipt,
  trials,
});

function commentOf(name, receipt) {
  const text = renderComment(receipt);
  return {
    name: `comment-${name}`,
    kind: 'comment',
    html: commentPage(text),
    size: text.length,
    most: 60_000,
  };
}

const reportOf = (name, receipt) => pageOf(`report-${name}`, renderReport(receipt));

function pageOf(name, html) {
  return { name, kind: 'page', html, size: Buffer.byteLength(html), most: 3_000_000 };
}
