/** What a message may quote of a value. */
export const maxExcerptChars = 60;

/** A value as a message may show it: one line, short, no control characters. Throws nothing, whatever it is. */
export function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  // JSON has no word for NaN and infinity.
  return excerpt(typeof value === 'number' ? String(value) : write(value));
}

/** JSON cannot be made of what nests without end, nor of what holds itself. */
function write(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return Array.isArray(value) ? 'a list that cannot be shown' : 'something that cannot be shown';
  }
}

/** The beginning of a text, on one line. */
export function excerpt(text: string): string {
  const short = text.length > maxExcerptChars ? `${text.slice(0, maxExcerptChars - 3)}...` : text;
  return short.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, ' ');
}
