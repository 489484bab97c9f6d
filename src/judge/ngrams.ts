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
  collectNgrams(sentences, stems, found);
  return found;
}

/** What n-grams are given to, as they stand; the same one may come again. */
export interface NgramSink {
  add(key: number): unknown;
}

/** The n-grams of `ngramsOf`, in its order, without a set of them. */
export function collectNgrams(
  sentences: readonly Sentence[],
  stems: ReadonlySet<string>,
  sink: NgramSink,
): void {
  const plain: number[] = [];
  sentences.forEach(({ words }, index) => {
    plain.length = 0;
    plain.push(edgeStart);
    const read = Math.min(words.length, wordsPerSentence);
    for (let at = 0; at < read; at += 1) plain.push(plainWord(words[at] ?? '', stems));
    plain.push(edgeEnd);
    if (index === 0) addNgrams(sink, 0, plain, 3);
    if (index < 3) addNgrams(sink, 1, plain, 3);
    addNgrams(sink, 2, plain, 2);
    if (index > 0 && index === sentences.length - 1) addNgrams(sink, 3, plain, 2);
  });
}

function addNgrams(sink: NgramSink, place: number, words: readonly number[], longest: 2 | 3): void {
  let before = -1;
  let second = -1;
  for (const word of words) {
    const at = word + 1;
    sink.add(place + 4 * at);
    if (before > 0) sink.add(place + 4 * (at + radix * before));
    if (longest === 3 && second > 0) sink.add(place + 4 * (at + radix * (before + radix * second)));
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
