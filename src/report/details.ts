import type { Evidence, Receipt } from '../receipt/receipt.ts';
import { budgetRows } from './budget.ts';
import { bullets, type Detail, mostLines } from './detail.ts';
import { controlsBody, factorsBody, sourcesBody } from './details-conditions.ts';
import { effectBody } from './details-effect.ts';
import { judgeBody } from './details-judge.ts';
import { formatsBody, hypothesesBody, looksBody } from './findings.ts';
import { formatCount, formatPlural, shortDigest } from './format.ts';
import { code, escapeMarkdown, table } from './markdown.ts';
import { bindingWords } from './words.ts';

/** The folded sections of comment and summary. */

export function listDetails(receipt: Receipt): Detail[] {
  const { evidence } = receipt;
  return [
    { title: 'Effect of benign demonstrations, and of order', body: effectBody(evidence) },
    { title: 'Carriers, formats, sources of demonstrations and system prompts', body: factorsBody(evidence) },
    { title: 'By source of queries', body: sourcesBody(evidence) },
    { title: 'Hypotheses about counts', body: hypothesesBody(evidence) },
    { title: 'Format adoption, apart from compliance', body: formatsBody(evidence) },
    { title: 'Planned looks', body: looksBody(evidence) },
    { title: 'Control queries', body: controlsBody(evidence) },
    { title: 'Judge and canaries', body: judgeBody(evidence) },
    { title: 'Budget, planned and used', body: budgetBody(receipt) },
    { title: 'What was tested, and how the candidate is bound', body: identityBody(evidence) },
    {
      title: 'Limits of what this shows',
      body: bullets(evidence.limits.map((one) => escapeMarkdown(one, 500))),
    },
    { title: 'Reasons', body: reasonsBody(evidence) },
  ].filter((one) => one.body !== '');
}

function budgetBody(receipt: Receipt): string {
  const rows = budgetRows(receipt).map((one) => [
    escapeMarkdown(one.name, 60),
    one.planned,
    one.used,
    one.cap,
  ]);
  return table({
    head: ['What', 'Planned', 'Used', 'Cap'],
    align: ['left', 'right', 'right', 'right'],
    rows: rows.slice(0, mostLines),
  });
}

function identityBody({ candidate, served, binding, suite, sampling }: Evidence): string {
  const engine = [served.engine, served.version].filter((one) => one !== null).join(' ');
  return bullets([
    `Digest ${candidate.digest === null ? 'not declared' : code(candidate.digest)}. Binding ${bindingWords[binding]}.`,
    `Served as ${code(served.model)}${engine === '' ? '' : ` by ${code(engine)}`}${served.contextLength === null ? '' : `, context ${formatCount(served.contextLength)} tokens`}.`,
    `${formatPlural(suite.draws, 'draw')}, seed ${suite.seed}, plan \`${shortDigest(suite.planSha256)}\`; temperature ${sampling.temperature}, at most ${formatCount(sampling.maxTokens)} tokens.`,
  ]);
}

function reasonsBody({ verdict, reasons }: Evidence): string {
  // Without a verdict they stand unfolded above.
  if (verdict === 'inconclusive' && reasons.length > 1) return '';
  return bullets(reasons.map((one) => escapeMarkdown(one.message, 400)));
}
