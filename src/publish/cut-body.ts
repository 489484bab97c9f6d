/** GitHub refuses comments above 65,536 characters (422); the rest is room for marker and notice. */
export const maxBodyChars = 64_000;

const noticeLine = '**This comment was cut: it was too long for GitHub. The job summary holds all of it.**';

/**
 * Shortens Markdown to at most `maxChars` UTF-16 units, at the end of a line, with open code fences and `<details>`
 * closed, so that the notice below them is seen; returns it unchanged where it fits.
 */
export function cutBody(body: string, maxChars: number = maxBodyChars): string {
  if (body.length <= maxChars) return body;
  const room = maxChars - noticeLine.length - 400;
  const kept = wholeLines(body, Math.max(room, 0));
  return `${kept}${closeOpen(kept)}\n\n${noticeLine}\n`;
}

/** The verdict line alone, for when GitHub finds even the cut body too long. */
export function shortestBody(body: string): string {
  return `${wholeLines(body.split('\n', 1)[0] ?? '', 2000)}\n\n${noticeLine}\n`;
}

function wholeLines(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text;
  const head = text.slice(0, maxChars);
  const lastLineEnd = head.lastIndexOf('\n');
  if (lastLineEnd > 0) return head.slice(0, lastLineEnd);
  // One line alone is longer than the room: half a surrogate pair would be refused as invalid text.
  return head.replace(/[\uD800-\uDBFF]$/, '');
}

function closeOpen(text: string): string {
  let fence: string | null = null;
  let details = 0;
  for (const line of text.split('\n')) {
    const mark = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1] ?? null;
    if (fence === null) {
      fence = mark;
      details += occurrences(line, '<details') - occurrences(line, '</details>');
    } else if (mark?.startsWith(fence)) {
      fence = null;
    }
  }
  // Bounded, because the closing tags must fit into the room that was kept for them.
  const tags = '\n</details>'.repeat(Math.min(Math.max(details, 0), 20));
  return `${fence === null ? '' : `\n${fence.slice(0, 100)}`}${tags === '' ? '' : `\n${tags}`}`;
}

function occurrences(text: string, part: string): number {
  return text.split(part).length - 1;
}
