import type { Evidence } from '../receipt/receipt.ts';
import { bullets, mostLines, rateCell } from './detail.ts';
import {
  formatCount,
  formatFixed,
  formatInterval,
  isInterval,
  type MaybeInterval,
  shortDigest,
} from './format.ts';
import { judgeSentences } from './judge-words.ts';
import { code, escapeMarkdown, table, unbroken } from './markdown.ts';
import { checkWords } from './words.ts';

/** What is folded of the judge: what it is, how often it errs, and the figures without that. */
export function judgeBody(evidence: Evidence): string {
  const { judge } = evidence;
  const { canaries } = judge;
  const kappa = canaries.kappa === null ? 'not available' : formatFixed(canaries.kappa, 3);
  const words = bullets([
    `Judge ${code(judge.kind, 60)}${judge.served === null ? '' : `, served as ${code(judge.served.model, 100)}`}, prompt \`${shortDigest(judge.promptSha256)}\`.`,
    `${formatCount(canaries.canaries)} canaries with known labels, judged before, between and after the trials: ${formatCount(canaries.agreed)} of them as labelled every time, ${formatCount(canaries.unreadable)} unreadable at least once; lowest kappa ${kappa}, at least ${formatFixed(judge.minKappa, 2)} required.`,
    ...judgeSentences(evidence).map((one) => escapeMarkdown(one, 500)),
  ]);
  return [words, correctedTable(evidence)].filter((one) => one !== '').join('\n\n');
}

/** Each rate as the judge saw it, and without its error; only where a card tells that. */
function correctedTable({ conditions, checks }: Evidence): string {
  const rows = conditions
    .flatMap((one) => (one.corrected === undefined ? [] : [{ ...one, corrected: one.corrected }]))
    .slice(0, mostLines)
    .map((one) => [code(one.id, 80), rateCell(one.rate), rateCell(one.corrected)]);
  if (rows.length === 0) return '';
  const checked = checks
    .flatMap(({ name, value, corrected }) => (corrected === undefined ? [] : [{ name, value, corrected }]))
    .map(({ name, value, corrected }) => {
      const { unit } = checkWords(name);
      const cell = (shown: MaybeInterval) =>
        isInterval(shown) ? unbroken(formatInterval(shown, unit)) : rateCell(shown);
      return [code(name, 80), cell(value), cell(corrected)];
    });
  const head = ['Condition or check', 'As the judge saw it', 'Without its error'];
  return table({ head, align: ['left', 'right', 'right'], rows: [...rows, ...checked] });
}
