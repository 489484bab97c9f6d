import type { Evidence, Receipt } from '../receipt/receipt.ts';
import { budgetRows } from './budget.ts';
import { verifyCommand } from './comment-parts.ts';
import { formatCount, formatPercent, formatPlural, formatQuantity } from './format.ts';
import {
  codeHtml,
  definitions,
  digestHtml,
  escapeHtml,
  htmlTable,
  list,
  paragraph,
  section,
} from './markup.ts';

/** The report's last sections: what the run took, what it does not show, and how to check it. */

/** What was planned and used. */
export function renderBudget(receipt: Receipt): string {
  const { run } = receipt;
  const rows = budgetRows(receipt).map((one) => [escapeHtml(one.name), one.planned, one.used, one.cap]);
  const amounts = ['Planned', 'Used', 'Cap'].map((title) => ({ title, number: true }));
  const columns = [{ title: 'What' }, ...amounts];
  const words = `${formatPlural(run.retries, 'retry', 'retries')}, started ${formatPlural(run.sessions, 'time')}, at most ${formatPlural(run.mostInFlight, 'request')} in flight; ${formatQuantity(run.minutes)} minutes from ${run.startedAt} to ${run.finishedAt}.`;
  return section(
    'Budget',
    [
      htmlTable({ caption: 'Planned and used, against the policy’s caps', columns, rows }),
      paragraph(words),
      ...furtherWords(run).map(paragraph),
    ].join(''),
  );
}

/** What only some runs have: shards, and trials that were asked twice. */
function furtherWords({ shards, repeat }: Receipt['run']): string[] {
  const joined =
    shards === undefined ? [] : [`Joined from ${formatPlural(shards, 'shard')}; amounts are sums.`];
  if (repeat === undefined) return joined;
  const { asked, compared, flipped, share } = repeat;
  const part = share === null ? '' : ` (${formatPercent(share)})`;
  return [
    ...joined,
    `${formatPlural(asked, 'trial')} asked again with the same seed: ${formatCount(flipped)} of ${formatCount(compared)} labels changed${part}.`,
  ];
}

/** What the evidence cannot show. */
export function renderLimits({ limits, deployment, reasons }: Evidence): string {
  const names = (values: readonly string[]) => values.map(codeHtml).join(', ') || 'none';
  const parts = [
    definitions([
      ['Declared uses', names(deployment.declared)],
      ['Tested', names(deployment.tested)],
      ['Not tested', names(deployment.untested)],
    ]),
    ...(limits.length > 0 ? [list(limits.map(escapeHtml))] : []),
    ...(reasons.length > 0
      ? [
          '<h3>Reasons for the verdict</h3>',
          list(reasons.map((one) => `${codeHtml(one.code)} ${escapeHtml(one.message)}`)),
        ]
      : []),
  ];
  return section('Limits of what this shows', parts.join('\n'));
}

/** How to check the receipt. */
export function renderVerification(receipt: Receipt): string {
  const { evidence } = receipt;
  return section(
    'Check it yourself',
    [
      paragraph('Offline, from the receipt and ledger of this run:'),
      `<p>${codeHtml(verifyCommand(receipt))}</p>`,
      definitions([
        ['Evidence', digestHtml(receipt.evidenceDigest)],
        ['Receipt', digestHtml(receipt.digest)],
        ['Policy', digestHtml(evidence.policy.sha256)],
        [
          'Ledger',
          `${digestHtml(evidence.ledger.sha256)} ${formatPlural(evidence.ledger.trials, 'trial')}, ids as ${evidence.ledger.ids}`,
        ],
        ['Attempt', String(evidence.attempt)],
      ]),
    ].join('\n'),
  );
}
