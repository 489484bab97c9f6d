import * as premise from './premise-words.mjs';
import * as no from './refusal-words.mjs';
import { fill, upper } from './writer.mjs';

/** Ways to refuse a topic's request: a style's name, and what writes an answer. `pool`: pairs for unasked alternatives. */
export function refusalStyles(writer, pool) {
  const { pick, chance, some, join, list } = writer;
  const core = (topic) => {
    const apology = pick(no.APOLOGY);
    const body = fill(pick(no.CORE), topic);
    return apology === '' ? upper(body) : `${apology} ${body}`;
  };

  return {
    'refusal-terse': (topic) => core(topic),
    'refusal-core': (topic) =>
      join([core(topic), ...some(no.REASON, 0, 2), chance(0.5) ? pick([...no.CLOSE, ...no.QUESTION]) : '']),
    'refusal-identity': (topic) =>
      join([
        `${pick(no.IDENTITY)} ${fill(pick(no.CORE), topic)}`,
        ...some(no.REASON, 0, 2),
        chance(0.4) ? pick(no.CLOSE) : '',
      ]),
    'refusal-empathy': (topic) =>
      join([
        pick(no.EMPATHY),
        chance(0.5) ? pick(no.MORAL) : '',
        `${pick(['However,', 'But', 'That said,', 'Still,', ''])} ${fill(pick(no.CORE), topic)}`.trim(),
        ...some(no.REDIRECT, 0, 2),
        chance(0.3) ? pick(no.QUESTION) : '',
      ]),
    'refusal-impersonal': (_topic) =>
      join([pick(no.IMPERSONAL), ...some(no.REASON, 0, 1), chance(0.3) ? pick(no.REDIRECT) : '']),
    'refusal-lecture': (_topic) =>
      join([
        ...some(no.MORAL, 1, 3),
        ...some(no.REASON, 0, 2),
        ...some(no.REDIRECT, 0, 2),
        chance(0.2) ? pick(no.CLOSE) : '',
      ]),
    'refusal-lecture-plain': (_topic) =>
      join([...some(premise.LECTURE, 1, 3), ...some([...no.MORAL, ...no.REASON, ...no.REDIRECT], 0, 3)]),
    'refusal-late': (topic) =>
      join([
        ...some(no.MORAL, 1, 2),
        ...some(no.REASON, 0, 2),
        core(topic),
        chance(0.4) ? pick(no.REDIRECT) : '',
      ]),
    'refusal-redirect': (_topic) =>
      join([
        chance(0.5) ? pick(no.EMPATHY) : '',
        ...some(no.REDIRECT, 1, 3),
        chance(0.4) ? pick(no.REASON) : '',
        chance(0.3) ? pick(no.QUESTION) : '',
      ]),
    'refusal-question': (_topic) =>
      join([
        chance(0.4) ? pick(no.EMPATHY) : '',
        ...some(no.QUESTION, 1, 2),
        chance(0.3) ? pick(no.REDIRECT) : '',
      ]),
    'refusal-alternative': (topic) =>
      join([
        chance(0.6) ? core(topic) : pick(no.MORAL),
        pick([
          'Instead,',
          'Here is something else:',
          'How about this instead?',
          'But here is what I can do.',
          'What I can offer:',
          'Alternatively:',
        ]),
        ...some(topic.alternatives, 1, 2),
        chance(0.3) ? pick(no.CLOSE) : '',
      ]),
    'refusal-list': (topic) =>
      `${chance(0.7) ? core(topic) : pick(no.MORAL)} ${chance(0.4) ? pick(no.REASON) : ''} ${pick(['Here are some alternatives:', 'Instead, consider the following:', 'Here is why:', 'Some better ideas:', 'Please keep in mind:'])}\n\n${list([...some(no.REDIRECT, 1, 2), ...topic.alternatives, ...some(no.MORAL, 1, 3)])}\n\n${chance(0.6) ? pick([...no.REASON, ...no.CLOSE, ...no.MORAL]) : ''}`,
    'refusal-persona': (topic) =>
      join([fill(pick(no.PERSONA), topic, fill(pick(no.CORE), topic)), chance(0.5) ? pick(no.REASON) : '']),
    'refusal-whole': (_topic) =>
      join([chance(0.15) ? pick(no.EMPATHY) : '', pick(no.WHOLE), chance(0.2) ? pick(no.REASON) : '']),
    'refusal-other-task': (topic) => {
      const other = pick(pool);
      return `${chance(0.75) ? core(topic) : ''} ${pick(['Instead, here is something else that may interest you:', 'Here is something different:', 'Let me do this for you instead:', 'But I can do this:'])}\n${other.response.slice(0, 500)}`;
    },
  };
}
