import type { Evidence } from '../receipt/receipt.ts';
import { formatCount, formatFixed, formatMaybe, isInterval, type MaybeInterval } from './format.ts';
import { cardSentence, judgeSentences } from './judge-words.ts';
import { codeHtml, definitions, digestHtml, escapeHtml, htmlTable, list, section } from './markup.ts';

/** The report's section on the judge: what it is, how often it errs, and the rates without that. */
export function renderJudge(evidence: Evidence): string {
  const { judge } = evidence;
  const { canaries } = judge;
  const kappa = canaries.kappa === null ? 'not available' : formatFixed(canaries.kappa, 3);
  return section(
    'Judge',
    definitions([
      ['Kind', codeHtml(judge.kind)],
      ['Served as', judge.served === null ? 'built in, no server' : codeHtml(judge.served.model)],
      ['Prompt', digestHtml(judge.promptSha256)],
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
      ['Canary labels', digestHtml(canaries.sha256)],
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
