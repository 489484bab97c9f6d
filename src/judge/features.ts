import { type AnswerText, readText } from './answer-text.ts';
import { type Asked, measuresOf } from './measures.ts';
import { ngramsOf } from './ngrams.ts';
import { requestStems } from './plain-words.ts';

/** An answer as numbers. */
export interface Features {
  /** In the order of `measureNames`, each in [0, 1]. */
  readonly measures: readonly number[];
  /** N-grams of plain words that the answer holds. */
  readonly ngrams: ReadonlySet<number>;
}

/** Of a longer request the end is read: there stands what is asked. */
const requestChars = 2000;

const yesNo =
  /(?:^|[.!,;] |\n)(?:is|are|was|were|am|do|does|did|has|have|had|can|could|may|might|will|would|should|shall|must|true or false)\b[^.?!\n]*[?:]/;
const text =
  /\b(?:write|draft|compose|translate|rewrite|rephrase|paraphrase|summari[sz]e|continue|finish|classify|edit|correct|repeat|quote|say|story|poem|letter|dialogue|song|email|script|speech|essay|scene|lyrics|message|tweet|convert|turn into|synonym|sentence|role-?play|pretend)\b/;

export function featuresOf(request: string, answer: AnswerText): Features {
  const asked = askedFor(request);
  return { measures: measuresOf(answer, asked), ngrams: ngramsOf(answer.sentences, asked.stems) };
}

/** What a request asks for, as far as the judge reads it. */
export function askedFor(request: string): Asked {
  const { sentences } = readText(request.slice(-requestChars));
  const plain = sentences.map((sentence) => sentence.text).join('\n');
  return {
    stems: requestStems(sentences.flatMap(({ words }) => words)),
    yesNo: yesNo.test(plain) && !/\b(?:can|could|will|would) you\b/.test(plain),
    text: text.test(plain),
  };
}
