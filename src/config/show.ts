/** What a message may quote of a value: a SHA-256 between quotes, and little more. */
export const maxExcerptChars = 72;

/** A value as a message may show it: one line, short, no control characters. Throws nothing, whatever it is. */
export function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  // JSON has no word for NaN and infinity.
  const text = typeof value === 'number' ? String(value) : write(value);
  return excerpt(text, typeof value === 'string' ? '..."' : '...');
}

/** JSON cannot be made of what nests without end, nor of what holds itself. */
function write(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return Array.isArray(value) ? 'a list that cannot be shown' : 'something that cannot be shown';
  }
}

/** The beginning of a text, on one line; `cut` ends one that is longer. */
export function excerpt(text: string, cut = '...'): string {
  const short = text.length > maxExcerptChars ? `${text.slice(0, maxExcerptChars - cut.length)}${cut}` : text;
  return short.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, ' ');
}
