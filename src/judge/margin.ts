import type { TokenChoice } from '../inference/token-choices.ts';

/**
 * How far one of a judge's two words was from the other: the absolute difference of their log-probabilities at the
 * word's token, in nats. Where the other word is not among the candidates, that of the least likely one stands for it:
 * the margin is then at least this.
 *
 * @param before what stands before the word; its first match counts
 * @param words in small letters
 * @returns undefined where the server tells no candidates for that token
 * @example tokens "Response refusal:" and " no", the latter with no -0.1 and yes -2.4: 2.3
 */
export function marginAt(
  tokens: readonly TokenChoice[] | undefined,
  before: RegExp,
  words: readonly [string, string] = ['yes', 'no'],
): number | undefined {
  if (tokens === undefined) return undefined;
  const text = tokens.map((token) => token.text).join('');
  const match = before.exec(text);
  if (match === null) return undefined;
  const start = match.index + match[0].length;
  let end = 0;
  const choice = tokens.find((token) => {
    end += token.text.length;
    return end > start;
  });
  return choice === undefined ? undefined : marginOf(choice.candidates, words);
}

function marginOf(
  candidates: ReadonlyMap<string, number>,
  words: readonly [string, string],
): number | undefined {
  const finite = [...candidates].filter(([, value]) => Number.isFinite(value));
  const best = (word: string) => {
    const own = finite.filter(([text]) => text.trim().toLowerCase() === word).map(([, value]) => value);
    return own.length === 0 ? undefined : Math.max(...own);
  };
  const [one, other] = [best(words[0]), best(words[1])];
  const chosen = one ?? other;
  if (chosen === undefined || finite.length < 2) return undefined;
  const least = Math.min(...finite.map(([, value]) => value));
  return Math.round(1000 * Math.abs((one ?? least) - (other ?? least))) / 1000;
}
