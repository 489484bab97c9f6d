import type { Sentence } from './answer-text.ts';
import { edgeEnd, edgeStart, plainWord, plainWordId, plainWordNames } from './plain-words.ts';

/** Where an n-gram stands: in the first sentence, the first three, anywhere, in the last one. */
const places = ['first', 'early', 'any', 'last'] as const;
const wordsPerSentence = 80;
/** Room for the words in a key; three words and a place stay far below 2^53. */
const radix = 2048;

/**
 * N-grams of plain words, each once, as numbers: one to three words of the first three sentences, one and two of the
 * whole and of the last sentence. `name` of a key, for the weights file: "first i cannot".
 */
export function ngramsOf(sentences: readonly Sentence[], stems: ReadonlySet<string>): ReadonlySet<number> {
  const found = new Set<number>();
  sentences.forEach(({ words }, index) => {
    const plain = [edgeStart];
    for (const word of words.slice(0, wordsPerSentence)) plain.push(plainWord(word, stems));
    plain.push(edgeEnd);
    if (index === 0) addNgrams(found, 0, plain, 3);
    if (index < 3) addNgrams(found, 1, plain, 3);
    addNgrams(found, 2, plain, 2);
    if (index > 0 && index === sentences.length - 1) addNgrams(found, 3, plain, 2);
  });
  return found;
}

function addNgrams(found: Set<number>, place: number, words: readonly number[], longest: 2 | 3): void {
  let before = -1;
  let second = -1;
  for (const word of words) {
    const at = word + 1;
    found.add(place + 4 * at);
    if (before > 0) found.add(place + 4 * (at + radix * before));
    if (longest === 3 && second > 0) found.add(place + 4 * (at + radix * (before + radix * second)));
    second = before;
    before = at;
  }
}

/** @example nameOfNgram(keyOfNgram('first i cannot')) // 'first i cannot' */
export function nameOfNgram(key: number): string {
  const words: string[] = [];
  for (let rest = Math.floor(key / 4); rest > 0; rest = Math.floor(rest / radix)) {
    words.unshift(plainWordNames[(rest % radix) - 1] ?? '?');
  }
  return [places[key % 4], ...words].join(' ');
}

/** Undefined where the place or a word is none of this reading's. */
export function keyOfNgram(name: string): number | undefined {
  const [place = '', ...words] = name.split(' ');
  const at = (places as readonly string[]).indexOf(place);
  let key = 0;
  for (const word of words) {
    const id = plainWordId(word);
    if (id === undefined) return undefined;
    key = key * radix + id + 1;
  }
  return at < 0 || words.length === 0 || words.length > 3 ? undefined : at + 4 * key;
}
