import type {
  BaselineRecord,
  CandidateRecord,
  Evidence,
  Receipt,
  ServedIdentity,
  SourceRecord,
} from '../receipt/receipt.ts';
import { budgetRows } from './budget.ts';
import { verifyCommand } from './comment-parts.ts';
import {
  formatCount,
  formatFixed,
  formatMaybe,
  formatPercent,
  formatPlural,
  formatQuantity,
  isInterval,
  type MaybeInterval,
} from './format.ts';
import { cardSentence, judgeSentences } from './judge-words.ts';
import { codeHtml, definitions, escapeHtml, htmlTable, list, paragraph, section } from './markup.ts';
import { ageWords, bindingWords } from './words.ts';

/** The report's sections on who and what took part, and how to check it. */

type Pair = readonly [string, string];

/** Absent facts are said to be absent. */
function fact(term: string, value: string | null): Pair {
  return [term, value === null ? 'not known' : codeHtml(value)];
}

function digest(value: string): string {
  return `<code class="digest">${escapeHtml(value)}</code>`;
}

export function renderJudge(evidence: Evidence): string {
  const { judge } = evidence;
  const { canaries } = judge;
  const kappa = canaries.kappa === null ? 'not available' : formatFixed(canaries.kappa, 3);
  return section(
    'Judge',
    definitions([
      ['Kind', codeHtml(judge.kind)],
      ['Served as', judge.served === null ? 'built in, no server' : codeHtml(judge.served.model)],
      ['Prompt', digest(judge.promptSha256)],
      [
        'Judge card',
        judge.card === null
          ? 'none: how often this judge errs on such answers was not measured'
          : escapeHtml(cardSentence(judge.card)),
      ],
      [
        'Canaries in this run',
        `${formatCount(canaries.canaries)}, judged before, between and after the trials: ${formatCount(canaries.agreed)} of them as labelled every time, ${formatCount(canaries.unreadable)} unreadable at least once`,
      ],
      ['Kappa', `${kappa}; at least ${formatFixed(judge.minKappa, 2)} required`],
      ['Canary labels', digest(canaries.sha256)],
    ]) +
      moreSentences(evidence) +
      correctedTable(evidence),
  );
}

function moreSentences(evidence: Evidence): string {
  const card = cardSentence(evidence.judge.card);
  const others = judgeSentences(evidence).filter((one) => one !== card);
  return others.length === 0 ? '' : list(others.map(escapeHtml));
}

/** Each rate as the judge saw it, and without its error; only where a card tells that. */
function correctedTable({ conditions }: Evidence): string {
  const rows = conditions.flatMap(({ id, rate, corrected }) =>
    corrected === undefined ? [] : [[codeHtml(id), rateText(rate), rateText(corrected)]],
  );
  if (rows.length === 0) return '';
  const columns = [
    { title: 'Condition' },
    { title: 'As the judge saw it', number: true },
    { title: 'Without its error', number: true },
  ];
  return htmlTable({ caption: 'Rates without the judge’s error', columns, rows });
}

function rateText(rate: MaybeInterval): string {
  return isInterval(rate) ? formatMaybe(rate, 'rate') : escapeHtml(rate.unavailable);
}

export function renderBudget(receipt: Receipt): string {
  const { run } = receipt;
  const rows = budgetRows(receipt).map((one) => [escapeHtml(one.name), one.planned, one.used, one.cap]);
  const amounts = ['Planned', 'Used', 'Cap'].map((title) => ({ title, number: true }));
  const columns = [{ title: 'What' }, ...amounts];
  const words = `${formatPlural(run.retries, 'retry').replace('retrys', 'retries')}, started ${formatPlural(run.sessions, 'time')}, at most ${formatPlural(run.mostInFlight, 'request')} in flight; ${formatQuantity(run.minutes)} minutes from ${run.startedAt} to ${run.finishedAt}.`;
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

export function renderIdentity(evidence: Evidence): string {
  const { served, sampling } = evidence;
  const samplingWords = `temperature ${sampling.temperature}, top-p ${sampling.topP}, at most ${formatCount(sampling.maxTokens)} tokens, seed ${sampling.seed}`;
  return section(
    'Identity',
    [
      '<h3>Candidate</h3>',
      definitions([
        ...candidateFacts(evidence.candidate),
        ['Binding', escapeHtml(bindingWords[evidence.binding])],
      ]),
      '<h3>Served</h3>',
      definitions([
        ...servedFacts(served),
        ['Sampling', escapeHtml(samplingWords)],
        ['System prompt', digest(sampling.systemPromptSha256)],
      ]),
      '<h3>Baseline</h3>',
      definitions(baselineFacts(evidence.baseline)),
    ].join('\n'),
  );
}

function candidateFacts(candidate: CandidateRecord): Pair[] {
  return [
    fact('Model', candidate.model),
    fact('Family', candidate.family),
    fact('Checkpoint', candidate.checkpoint),
    fact('Digest', candidate.digest),
    fact('Training stage', candidate.trainingStage),
    fact('Parent', candidate.parent),
  ];
}

function servedFacts(served: ServedIdentity): Pair[] {
  return [
    fact('Model', served.model),
    fact('Root', served.root),
    fact('Engine', served.engine),
    fact('Version', served.version),
    [
      'Context length',
      served.contextLength === null ? 'not known' : `${formatCount(served.contextLength)} tokens`,
    ],
    fact('Chat template', served.templateSha256),
    fact('Answers as', served.answersAs),
    fact('Fingerprint', served.fingerprint),
  ];
}

function baselineFacts(baseline: BaselineRecord): Pair[] {
  switch (baseline.status) {
    case 'none':
      return [['Baseline', 'none yet, as the policy states']];
    case 'notGiven':
      return [['Baseline', 'none was given to this run']];
    case 'compared':
      return [
        ...candidateFacts(baseline.candidate),
        ['Measured', `${escapeHtml(baseline.asOf)}, ${ageWords(baseline.ageDays)}`],
        fact('Accepted by', baseline.acceptedBy),
        fact('Accepted at', baseline.acceptedAt),
        ['Because', baseline.reason === null ? 'not known' : escapeHtml(baseline.reason)],
        ['Trials scored in both', formatCount(baseline.pairs)],
        ['Not comparable in', baseline.notComparable.map(codeHtml).join(', ') || 'nothing'],
        ['Receipt', digest(baseline.receiptDigest)],
        ['Evidence', digest(baseline.evidenceDigest)],
        ['Ledger', digest(baseline.ledgerSha256)],
      ];
  }
}

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
      definitions([['Plan', digest(suite.planSha256)]]),
    ].join('\n'),
  );
}

function sourceRow(kind: string, source: SourceRecord): string[] {
  return [
    `${codeHtml(source.name)}${hubWords(source)}`,
    kind,
    escapeHtml(source.licence ?? 'not stated'),
    ...[source.rows, source.usable, source.used].map(formatCount),
    digest(source.sha256),
  ];
}

function hubWords({ hub }: SourceRecord): string {
  return hub === null
    ? ''
    : `<small>${escapeHtml(`${hub.repo}, ${hub.file} at ${hub.revision.slice(0, 12)}`)}</small>`;
}

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

export function renderVerification(receipt: Receipt): string {
  const { evidence } = receipt;
  return section(
    'Check it yourself',
    [
      paragraph('Offline, from the receipt and ledger of this run:'),
      `<p>${codeHtml(verifyCommand(receipt))}</p>`,
      definitions([
        ['Evidence', digest(receipt.evidenceDigest)],
        ['Receipt', digest(receipt.digest)],
        ['Policy', digest(evidence.policy.sha256)],
        [
          'Ledger',
          `${digest(evidence.ledger.sha256)} ${formatPlural(evidence.ledger.trials, 'trial')}, ids as ${evidence.ledger.ids}`,
        ],
        ['Attempt', String(evidence.attempt)],
      ]),
    ].join('\n'),
  );
}
