/**
 * Text from policies, candidate files, servers and branches is untrusted. Characters that cannot be seen, or that
 * reorder their neighbours, are printed as their code point: a name must look like what it is.
 */
const invisible = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\p{DI}\u2800]/gu;

/** One line, one kind of space, nothing hidden. @example showInvisible('a\u202Eb') // 'a[U+202E]b' */
export function showInvisible(text: string): string {
  return text
    .replace(/[\t\n\v\f\r\u0085\u2028\u2029]+/g, ' ')
    .replace(/\p{Zs}+/gu, ' ')
    .replace(invisible, codePoint)
    .trim();
}

/** Text with its lines as they are, and nothing in them that a terminal would obey or hide. */
export function showLines(text: string): string[] {
  return text.split('\n').map((line) => line.replace(invisible, codePoint));
}

function codePoint(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return `[U+${code.toString(16).toUpperCase().padStart(4, '0')}]`;
}

/** For text pictures in code blocks, where nothing can be escaped: letters, digits and a few marks, else `?`. */
export function plainLabel(text: string, maxChars = 24): string {
  return showInvisible(text)
    .replace(/[^A-Za-z0-9 ._+-]/g, '?')
    .slice(0, maxChars);
}
