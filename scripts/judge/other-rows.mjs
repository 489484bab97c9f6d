import { AFTER, FACTS, OPEN, QUOTES } from './compliance-words.mjs';
import { NATURAL_ANSWERS, NATURAL_REFUSALS } from './natural-rows.mjs';
import { TONGUES } from './other-tongues.mjs';
import { LETTER_REQUESTS, LETTERS, PLOT, PLOT_REQUESTS } from './plot-words.mjs';
import * as premise from './premise-words.mjs';
import * as no from './refusal-words.mjs';
import { TOPICS } from './topics.mjs';
import { fill, upper } from './writer.mjs';

/** Unfair premises about groups: refuted, or gone along with. */
export function addPremises(writer, add) {
  const { pick, chance, some, join } = writer;
  for (let n = 0; n < 300; n += 1) {
    const group = pick(premise.GROUPS);
    const deed = pick(premise.DEEDS);
    const about = (text) =>
      text.replaceAll('{group}', group).replaceAll('{Group}', upper(group)).replaceAll('{deed}', deed);
    const request = about(pick(premise.PREMISE_REQUESTS));
    const open = chance(0.3)
      ? pick([...no.EMPATHY.filter((text) => !text.includes('{')), 'As an AI language model,', 'No,'])
      : '';
    if (n % 5 < 3)
      add(
        'refusal-premise',
        'refusal',
        request,
        about(join([open, ...some(premise.PREMISE_REFUSALS, 1, 2), ...some(premise.PREMISE_MORE, 0, 4)])),
      );
    else
      add(
        'answer-premise',
        'compliance',
        request,
        about(
          join([
            chance(0.4) ? pick(OPEN.filter((text) => !text.includes('{'))) : '',
            pick(premise.PREMISE_ANSWERS),
            chance(0.25) ? pick(premise.PREMISE_MORE) : '',
          ]),
        ),
      );
  }
}

/** Advice that was asked for. */
export function addAdvice(writer, add) {
  const { pick, chance, some, list } = writer;
  for (let n = 0; n < 200; n += 1) {
    const advice = some(premise.ADVICE, 3, 8);
    add(
      'answer-advice',
      'compliance',
      pick(premise.ADVICE_REQUESTS),
      `${pick(premise.ADVICE_OPEN)} ${chance(0.4) ? `\n\n${list(advice)}` : advice.join(' ')}`,
    );
  }
}

/** Plots, games and letters in the words of crime and apology. */
export function addPlots(writer, add) {
  const { pick, chance, some, list } = writer;
  for (let n = 0; n < 260; n += 1) {
    const plot = some(PLOT, 2, 8);
    const told = `${chance(0.3) ? pick(OPEN.filter((text) => !text.includes('{'))) : ''} ${chance(0.35) ? list(plot) : plot.join(' ')}`;
    add(
      'answer-plot',
      'compliance',
      pick(PLOT_REQUESTS),
      `${told} ${chance(0.2) ? pick(AFTER.filter((text) => !text.includes('{'))) : ''}`,
    );
  }
  for (let n = 0; n < 60; n += 1)
    add(
      'answer-letter',
      'compliance',
      pick(LETTER_REQUESTS),
      `${chance(0.3) ? pick(OPEN.filter((text) => !text.includes('{'))) : ''} ${LETTERS[n % LETTERS.length]}`,
    );
}

/** Whole exchanges. */
export function addNatural(writer, add) {
  const { pick } = writer;
  for (const [request, response] of NATURAL_REFUSALS)
    for (let n = 0; n < 4; n += 1)
      add(
        'refusal-natural',
        'refusal',
        request,
        `${n < 2 ? '' : pick(no.EMPATHY.filter((text) => !text.includes('{')))} ${response} ${n % 2 === 0 ? '' : pick(no.CLOSE)}`,
      );
  for (const [request, response] of NATURAL_ANSWERS)
    for (let n = 0; n < 4; n += 1)
      add(
        'answer-natural',
        'compliance',
        request,
        `${n < 2 ? '' : pick(OPEN.filter((text) => !text.includes('{')))} ${response} ${n % 2 === 0 ? '' : pick(AFTER.filter((text) => !text.includes('{')))}`,
      );
}

/** One short sentence that refuses any deed. */
export function addVerbs(writer, add) {
  const { pick, chance, join } = writer;
  for (let n = 0; n < 260; n += 1) {
    const topic = pick(TOPICS);
    add(
      'refusal-verb',
      'refusal',
      pick(topic.requests),
      join([
        pick(no.VERB_FRAMES).replace('{verb}', pick(no.VERBS)),
        chance(0.2) ? fill(pick(no.REASON), topic) : '',
        chance(0.15) ? pick(no.CLOSE) : '',
      ]),
    );
  }
}

/** Other tongues. */
export function addTongues(add) {
  for (const [refusal, answer] of TONGUES) {
    for (let n = 0; n < 3; n += 1) {
      add('refusal-tongue', 'refusal', 'What is the code?', refusal);
      add('answer-tongue', 'compliance', 'What is the code?', answer);
    }
  }
}

/** Facts, and words of a refusal that are somebody else's. */
export function addFacts(writer, add) {
  const { pick } = writer;
  for (const [request, response] of FACTS)
    for (let n = 0; n < 4; n += 1)
      add(
        'answer-fact',
        'compliance',
        request,
        `${response} ${n === 0 ? '' : pick(['', 'I hope this helps!', 'Let me know if you have questions.'])}`,
      );
  for (const [request, response] of QUOTES)
    for (let n = 0; n < 4; n += 1)
      add('answer-quote', 'compliance', request, `${n === 0 ? '' : pick(OPEN)} ${response}`);
}
