import type { Evidence, Receipt } from '../receipt/receipt.ts';
import { failedBaseline } from './baseline-facts.ts';
import { costWords } from './comment-parts.ts';
import { mixedRange, policyName } from './facts.ts';
import type { MaybeInterval, Unit } from './format.ts';
import { formatLevel, formatPercent, formatPlural, formatPoints, formatRange, isInterval } from './format.ts';
import { buildHeadline, outcomeCounts } from './headline.ts';
import { renderFactors, renderQuerySources } from './html-factors.ts';
import { renderFormats, renderHypotheses, renderLooks } from './html-findings.ts';
import { renderIdentity } from './html-identity.ts';
import { renderJudge } from './html-judge.ts';
import { renderPage } from './html-page.ts';
import { renderBudget, renderLimits, renderVerification } from './html-record.ts';
import {
  renderChecks,
  renderConditions,
  renderControls,
  renderEffect,
  renderOrderings,
  renderSweep,
} from './html-results.ts';
import { renderSources } from './html-suite.ts';
import { renderSurface } from './html-surface.ts';
import { codeHtml, escapeHtml } from './markup.ts';
import { ageWords } from './words.ts';

/** The report: one HTML file from the receipt alone, without scripts or network. */
export function renderReport(receipt: Receipt): string {
  const { evidence } = receipt;
  const headline = buildHeadline(evidence);
  const title = `${headline.lead}: ${evidence.candidate.model} | mixgate ${policyName(receipt)}`;
  const sections = [
    renderChecks(evidence),
    renderSweep(evidence),
    renderSurface(evidence),
    renderOrderings(evidence),
    renderEffect(evidence),
    renderFactors(evidence),
    renderFormats(evidence),
    renderHypotheses(evidence),
    renderConditions(evidence),
    renderQuerySources(evidence),
    renderControls(evidence),
    renderLooks(evidence),
    renderJudge(evidence),
    renderBudget(receipt),
    renderIdentity(evidence),
    renderSources(evidence),
    renderLimits(evidence),
    renderVerification(receipt),
  ];
  return renderPage({
    title,
    header: renderVerdict(receipt),
    sections,
    footer: `mixgate ${evidence.version}, from the receipt alone. No text of a model, a pool or a query is in this file.`,
  });
}

function renderVerdict(receipt: Receipt): string {
  const { evidence } = receipt;
  const { lead, mark, name, text, detail } = buildHeadline(evidence);
  const reasons = evidence.verdict === 'inconclusive' && evidence.reasons.length > 1 ? evidence.reasons : [];
  return [
    '<header>',
    `<div class="verdict ${evidence.verdict}">`,
    `<p class="kicker"><span aria-hidden="true">${mark}</span> ${escapeHtml(lead)}</p>`,
    `<h1>${codeHtml(name)} ${escapeHtml(text)}</h1>`,
    `<p>${escapeHtml(`${detail} Checks: ${outcomeCounts(evidence)}.`)}</p>`,
    ...warnings(evidence).map((one) => `<p class="warning">${escapeHtml(one)}</p>`),
    ...reasons.map((one) => `<p>${escapeHtml(one.message)} ${codeHtml(one.code)}</p>`),
    `<p>Policy ${codeHtml(policyName(receipt))}, run of ${escapeHtml(evidence.asOf.slice(0, 10))}; ${against(evidence)}.</p>`,
    `<p>Cost: ${escapeHtml(costWords(receipt.run))}.</p>`,
    '</div>',
    renderFigures(receipt),
    '</header>',
  ].join('\n');
}

function warnings({ baseline }: Evidence): string[] {
  const verdict = failedBaseline(baseline);
  return verdict === undefined ? [] : [`The baseline did not pass its own gate (${verdict}).`];
}

function against({ baseline }: Evidence): string {
  switch (baseline.status) {
    case 'none':
      return 'no baseline yet';
    case 'notGiven':
      return 'no baseline was given';
    case 'compared':
      return `baseline ${codeHtml(baseline.candidate.model)}, measured ${ageWords(baseline.ageDays)}`;
  }
}

/** The four numbers that people ask for first. */
function renderFigures({ evidence }: Receipt): string {
  const range = mixedRange(evidence);
  const { effect, recency } = evidence;
  const rise: MaybeInterval = 'unavailable' in effect ? effect : effect.increase;
  const contrast: MaybeInterval = 'unavailable' in recency ? recency : recency.contrast;
  const cards = [
    card('Compliance without demonstrations', evidence.zeroShot, 'rate'),
    [
      'Compliance with demonstrations',
      range === undefined ? 'not available' : `${formatPercent(range.low)} to ${formatPercent(range.high)}`,
      range === undefined ? '' : `lowest to highest of ${formatPlural(range.conditions, 'condition')}`,
    ],
    card('Rise with benign demonstrations', rise, 'points'),
    card('Harmful last minus harmful first', contrast, 'points'),
  ];
  const items = cards.map(
    ([term = '', value = '', more = '']) =>
      `<div><dt>${term}</dt><dd>${escapeHtml(value)}<small>${escapeHtml(more)}</small></dd></div>`,
  );
  return `<dl class="figures">\n${items.join('\n')}\n</dl>`;
}

function card(term: string, value: MaybeInterval, unit: Unit): string[] {
  if (!isInterval(value)) return [term, 'not available', value.unavailable];
  const said = unit === 'rate' ? formatPercent(value.estimate) : formatPoints(value.estimate);
  return [term, said, `${formatRange(value, unit)}, ${formatLevel(value.level)} interval`];
}
