/**
 * Requests that ask for the same thing in nearly the same words. The measure is the Jaccard similarity of content
 * words: words without those that any request has ("tell me how to"), each cut to its stem. Two requests are nearly
 * equal from this similarity on: one word more among four, or one exchanged among seven. See docs/decisions/0009.
 */
export const nearDuplicateSimilarity = 0.75;

/** What English requests share whatever they ask for; words of other languages all count. */
const commonWords = new Set(
  (
    'a an the this that these those some any all each every my your his her its our their me you him it us them i we he ' +
    'she they one’s of to in on at by for from with without about into over under as than and or but if so not no do does ' +
    'did is are was were be been being am have has had will would shall should can could may might must how what which ' +
    'who whom whose when where why there here please tell give show explain describe provide want need know let help'
  ).split(' '),
);

/** Scripts that are written without spaces: their letters are compared in pairs. */
const unspaced =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;

/**
 * @param normalized what `normalizeRequest` gives
 * @returns never empty for a text that is not: a request of common words alone is compared by them
 * @example contentWords('how do i make the cakes') // mak, cak
 */
export function contentWords(normalized: string): ReadonlySet<string> {
  const words = normalized.split(' ').flatMap((word) => (unspaced.test(word) ? letterPairs(word) : [word]));
  const content = words.filter((word) => !commonWords.has(word));
  return new Set((content.length > 0 ? content : words).map(stem));
}

function letterPairs(word: string): string[] {
  const letters = [...word];
  return letters.length < 2 ? letters : letters.slice(1).map((letter, index) => `${letters[index]}${letter}`);
}

/** Enough to make `make` and `making` one; that some different words meet too costs a row at most. */
function stem(word: string): string {
  return word.replace(/^(.{3,}?)(?:ing|ed|es|e|s)$/, '$1');
}

/** Whether a request nearly equals one that is asked. */
export type IsNearDuplicate = (normalized: string) => boolean;

/**
 * @param asked normalised requests
 * @param fewestWords requests with fewer content words are never nearly equal to anything
 */
export function nearDuplicatesOf(asked: readonly string[], fewestWords = 1): IsNearDuplicate {
  const index = new NearDuplicateIndex(fewestWords);
  for (const normalized of asked) index.add(normalized);
  return (normalized) => index.find(normalized) !== undefined;
}

interface Indexed {
  readonly normalized: string;
  readonly words: ReadonlySet<string>;
}

/**
 * Finds near duplicates through an index from words to requests. Sets this similar share a word among the rarest
 * few of either (prefix filtering, Chaudhuri, Ganti and Kaushik 2006), so that only those are looked up.
 */
export class NearDuplicateIndex {
  readonly #fewestWords: number;
  readonly #withWord = new Map<string, Indexed[]>();

  constructor(fewestWords: number) {
    this.#fewestWords = fewestWords;
  }

  add(normalized: string): void {
    const words = contentWords(normalized);
    if (words.size < this.#fewestWords) return;
    const entry = { normalized, words };
    for (const word of words) {
      const list = this.#withWord.get(word);
      if (list === undefined) this.#withWord.set(word, [entry]);
      else list.push(entry);
    }
  }

  /** @returns a request of the index that this one nearly equals */
  find(normalized: string): string | undefined {
    const words = contentWords(normalized);
    if (words.size < this.#fewestWords) return undefined;
    const rarity = (word: string) => this.#withWord.get(word)?.length ?? 0;
    const known = [...words].filter((word) => this.#withWord.has(word));
    const needed = Math.ceil(nearDuplicateSimilarity * words.size);
    if (known.length < needed) return undefined;
    const rarest = known.sort((a, b) => rarity(a) - rarity(b)).slice(0, known.length - needed + 1);
    const candidates = new Set(rarest.flatMap((word) => this.#withWord.get(word) ?? []));
    return [...candidates].find((other) => similarity(words, other.words) >= nearDuplicateSimilarity)
      ?.normalized;
  }
}

/** Jaccard similarity of two sets that are not both empty, in [0, 1]. */
function similarity(one: ReadonlySet<string>, other: ReadonlySet<string>): number {
  let common = 0;
  for (const word of one) if (other.has(word)) common += 1;
  return common / (one.size + other.size - common);
}
