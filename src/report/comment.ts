import type { Receipt } from '../receipt/receipt.ts';
import { nextSteps, renderHead, verifyLines } from './comment-parts.ts';
import { renderCompact } from './compact.ts';
import type { Detail } from './detail.ts';
import { listDetails } from './details.ts';
import { conditionsDetail } from './details-conditions.ts';
import { code, escapeMarkdown, folded } from './markdown.ts';
import { renderPicture } from './picture.ts';
import { showInvisible } from './visible.ts';

/** GitHub refuses a body above 65,536 characters; a hidden marker still comes in front of this one. */
const maxChars = 59_000;
const note = 200;

/**
 * The pull-request comment, from the receipt alone: the verdict and why in the first line, the checks, a picture, what
 * to do, everything else folded. Always below 60,000 characters. No text of a model, a pool or a query is in it.
 */
export function renderComment(receipt: Receipt): string {
  const { evidence } = receipt;
  const top = [...renderHead(receipt), nextSteps(evidence), renderPicture(evidence)];
  const tail = [
    verifyLines(receipt),
    folded('Compact receipt', `\`\`\`json\n${renderCompact(receipt)}\n\`\`\``),
  ];
  return fitParts({ receipt, top, tail, room: maxChars });
}

/** Details are put in while there is room: whole sections first, then as many conditions as still fit. */
export function fitParts(input: {
  readonly receipt: Receipt;
  readonly top: readonly string[];
  readonly tail: readonly string[];
  readonly room: number;
}): string {
  const { receipt, top, tail } = input;
  let room = input.room - note - [...top, ...tail].reduce((sum, one) => sum + one.length + 2, 0);
  const kept: string[] = [];
  const left: string[] = [];
  for (const { title, body } of listDetails(receipt)) {
    const text = folded(title, body);
    if (text.length + 2 <= room) {
      kept.push(text);
      room -= text.length + 2;
    } else left.push(title);
  }
  // Without room for rows this is two lines, which the space below GitHub's limit holds.
  const conditions = fold(conditionsDetail(receipt.evidence, room));
  const rest = left.length === 0 ? [] : [`Left to the report, for length: ${left.join('; ')}.`];
  return `${[...top, conditions, ...kept, ...rest, ...tail].filter((one) => one !== '').join('\n\n')}\n`;
}

function fold({ title, body }: Detail): string {
  return folded(title, body);
}

/** What is said when no verdict could be reached; the message may quote files and servers, so each line is escaped. */
export function renderErrorComment(input: { readonly policyName: string; readonly message: string }): string {
  const lines = input.message
    .split(/\r\n|\r|\n/)
    .filter((line) => showInvisible(line) !== '')
    .slice(0, 20);
  return [
    '## 🛑 Error: mixgate could not judge this release',
    `Policy ${code(input.policyName, 80)}. Nothing was shown about this release, so it does not pass.`,
    lines.map((line) => `> ${escapeMarkdown(line, 800)}`).join('<br>\n') || '> No message was given.',
    'Exit code 3. Mend the cause and run the job again.',
    '',
  ].join('\n\n');
}
