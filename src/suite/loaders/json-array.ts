import { ConfigError } from '../../config/errors.ts';
import type { RawRow } from '../raw-rows.ts';

/** True where the text is a JSON list rather than one JSON object a line, whatever the file is called. */
export function isJsonArray(content: string): boolean {
  return /^\ufeff?\s*\[/.test(content);
}

/**
 * Reads a JSON list as rows, each with the line on which it begins.
 *
 * @throws ConfigError with `code` where it is no list; never with the parser's message, which quotes the text
 */
export function readJsonArray(content: string, file: string, code: string): RawRow[] {
  const text = content.replace(/^\ufeff/, '');
  const list = parseList(text);
  if (list === undefined) {
    throw new ConfigError({
      code,
      where: file,
      expected: 'a JSON list of objects, or one JSON object a line',
      got: 'a list that does not parse',
      remedy: 'write the file again as JSON; a cut download ends so',
    });
  }
  const lines = elementLines(text);
  return list.map((value, index) => ({ line: lines[index] ?? 1, value }));
}

function parseList(text: string): readonly unknown[] | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return Array.isArray(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The line on which each element of a valid JSON list begins: its parser tells values, not places. Character by
 * character, since a regular expression over a text of many megabytes exhausts the stack.
 */
function elementLines(text: string): number[] {
  const lines: number[] = [];
  let line = 1;
  let depth = 0;
  let awaits = false;
  for (let at = 0; at < text.length; at += 1) {
    const here = text.charAt(at);
    if (here === '\n') line += 1;
    if (blank.includes(here)) continue;
    const closes = here === ']' || here === '}';
    if (awaits && !closes) lines.push(line);
    awaits = depth === 1 && here === ',';
    if (here === '"') at = endOfString(text, at);
    if (closes) depth -= 1;
    if (here === '[' || here === '{') {
      depth += 1;
      awaits = depth === 1;
    }
  }
  return lines;
}

const blank = ' \t\r\n';

/** Where the string that opens at `start` closes; valid JSON has no line break in between. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text.charAt(at) !== '"') at += text.charAt(at) === '\\' ? 2 : 1;
  return at;
}
