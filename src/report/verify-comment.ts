import type { NamedText } from '../receipt/audit.ts';
import { differencesBetween, type Problem, showApart } from '../receipt/difference.ts';
import type { Receipt } from '../receipt/receipt.ts';
import { version } from '../version.ts';
import { renderComment } from './comment.ts';
import { renderCompact } from './compact.ts';

/** What holding a kept comment against its receipt found. */
export interface CommentCheck {
  readonly problems: readonly Problem[];
  readonly unchecked: readonly string[];
}

/** Around what the Action adds below the verdict (waiver, files that change): it does not follow from the receipt. */
export const notesOpen = '<!-- mixgate notes -->';
export const notesClose = '<!-- /mixgate notes -->';
const notesBlock = new RegExp(`\\n\\n${notesOpen}\\n[\\s\\S]*?\\n${notesClose}`);

const compactBlock = /<summary>Compact receipt<\/summary>\s*```json\n([\s\S]*?)\n```/;

/**
 * Holds a comment that somebody kept against the receipt: its compact receipt field by field, and every other line
 * too where this version wrote it; another version may have worded the same receipt otherwise.
 */
export function verifyComment(receipt: Receipt, { name, text }: NamedText): CommentCheck {
  const whole = withoutMarker(text.replaceAll('\r\n', '\n'));
  const body = whole.replace(notesBlock, '');
  const notes =
    body === whole ? [] : ['the notes below the verdict (waiver, files that change after the merge)'];
  const found = compactBlock.exec(body)?.[1];
  if (found === undefined) {
    const expected = 'a comment with its compact receipt';
    return { problems: [{ where: name, expected, found: 'none' }], unchecked: [] };
  }
  const problems = differencesBetween(
    JSON.parse(renderCompact(receipt)),
    parseJson(found),
    `${name} compact receipt`,
  );
  if (receipt.evidence.version !== version) {
    const words = `the comment’s prose, which mixgate ${receipt.evidence.version} wrote (this is ${version})`;
    return { problems, unchecked: [words, ...notes] };
  }
  return {
    problems: [...problems, ...lineDifferences(renderComment(receipt), body, name)],
    unchecked: notes,
  };
}

/** The hidden line in front says which run wrote the comment; it is no part of what the receipt gives. */
function withoutMarker(body: string): string {
  return body.replace(/^<!--[^\n]*-->\n/, '');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return 'no JSON';
  }
}

/** The first line that differs is enough: what follows may only be shifted. */
function lineDifferences(expected: string, found: string, name: string): Problem[] {
  const [want, have] = [expected.trimEnd().split('\n'), found.trimEnd().split('\n')];
  const at = want.findIndex((line, index) => line !== have[index]);
  const line = at < 0 ? want.length : at;
  if (at < 0 && have.length === want.length) return [];
  return [
    {
      where: `${name}:${line + 1} (without the hidden first line)`,
      ...showApart(want[line] ?? 'the end', have[line] ?? 'the end'),
    },
  ];
}
