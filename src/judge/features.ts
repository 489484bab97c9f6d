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
  /\b(?:write|draft|compose|say|story|poem|letter|dialogue|song|email|speech|essay|scene|lyrics|message|tweet|role-?play|pretend|blog|article|rap|slogan|headline|sign|notice|jokes?|monologue|program|function|script|review)\b/;
/** What was given is to be worked on, or words of a refusal are asked for. */
const rework =
  /\b(?:translat\w+|rewrite|rephrase|paraphrase|reword|summari[sz]e|continue|finish|complete|fill in|classify|categori[sz]e|edit|correct|convert|turn into|transform|synonym|antonym|opposite|negative|tone|identify|sentence|statement|paragraph|quote|true or false|refus\w+|declin\w+|reject\w*|apolog\w+|turn(?:s|ing)? down|sorry|saying no|say no|can't|cannot|won't|not able|unable)\b/;
const claim =
  /\b(?:why|prove|argue|argument|reasons?|convince|explain (?:how|that|why)|claims?|says? that|saying that|jokes?|rumou?r|true that|evidence|should|stop)\b/;
const self =
  /\b(?:you|your|yourself)\b[^.!?\n]*\?|\b(?:who|what|how|are|do|have|can|did) (?:are |do |is |'s )?(?:you|your)\b/;

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
    rework: rework.test(plain),
    claim: claim.test(plain),
    self: self.test(plain),
  };
}
