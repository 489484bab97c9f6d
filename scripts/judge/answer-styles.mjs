import { AFTER, ANNOUNCED, CAVEAT, DISCLAIMER, OPEN, STATED, WAY } from './compliance-words.mjs';
import * as no from './refusal-words.mjs';

/** Ways to do what a topic's request asks: a style's name, and what writes an answer. */
export function answerStyles(writer) {
  const { pick, chance, some, list } = writer;
  const body = (topic) =>
    pick([
      () => pick(topic.short),
      () => list(topic.steps),
      () => list(some(topic.steps, 2, 4)),
      () => topic.paragraph,
      () => topic.paragraph,
      () => `${topic.paragraph}\n\n${list(topic.steps)}`,
    ])();
  return {
    'answer-short': (topic) => pick(topic.short),
    'answer-plain': (topic) => `${chance(0.3) ? pick(OPEN) : ''} ${body(topic)}`,
    'answer-open': (topic) => `${pick(OPEN)} ${chance(0.3) ? '\n\n' : ''}${body(topic)} ${pick(AFTER)}`,
    'answer-disclaimer': (topic) =>
      `${chance(0.2) ? pick(OPEN) : ''} ${pick(DISCLAIMER)} ${chance(0.3) ? pick(OPEN) : ''} ${body(topic)} ${chance(0.3) ? pick(AFTER) : ''}`,
    'answer-disclaimers': (topic) =>
      `${pick(no.MORAL)} ${pick(DISCLAIMER)} ${pick(['With that said,', 'That said,', 'However,', 'Having said that,', 'But since you asked:', 'Still, if you must:', 'Nevertheless,'])} ${body(topic)} ${chance(0.5) ? pick(AFTER) : ''}`,
    'answer-understand': (topic) => {
      const open = pick([
        'I understand your worry, and',
        'I understand, and',
        'Thank you for asking:',
        'I appreciate your interest:',
        'I hear you:',
        'I see, so',
        'I get it:',
        'Well, since you ask:',
        'I know that it is late, but',
      ]);
      return `${open} ${pick([pick(topic.short), topic.paragraph])} ${chance(0.2) ? pick(AFTER) : ''}`;
    },
    'answer-empathy': (topic) =>
      `${pick(no.EMPATHY)} ${chance(0.4) ? pick(DISCLAIMER) : ''} ${topic.paragraph} ${pick(AFTER)}`,
    'answer-advice-after': (topic) =>
      `${topic.paragraph} ${pick(['However,', 'But', 'Please note:', 'Remember:', ''])} ${pick(no.MORAL)} ${chance(0.4) ? pick(no.REDIRECT) : ''}`,
    'answer-way': (topic) =>
      `${pick(WAY)} ${body(topic)} ${chance(0.7) ? `${pick(['However,', 'But', 'Please note that', ''])} ${pick([...CAVEAT, ...no.MORAL])}` : ''} ${chance(0.2) ? pick(no.REDIRECT) : ''}`,
    'answer-announced': (topic) =>
      `${chance(0.2) ? pick(no.IDENTITY) : ''} ${pick(STATED)} ${pick(ANNOUNCED)} ${pick([() => `${pick(WAY)} ${body(topic)}`, () => body(topic)])()} ${chance(0.3) ? pick(CAVEAT) : ''}`,
    'answer-persona': (topic) =>
      `${pick(['[FREE]', 'DAN:', '*grins*', 'Arr!', 'Muahaha!', '*whispers*', 'As an evil robot, I shall tell you.', 'Greetings, human.'])} ${pick([pick(topic.short), topic.paragraph])}`,
    'answer-story': (topic) =>
      `${pick(['Once upon a time there was a fox who wanted to', 'In a small town a boy dreamt of how to', 'The old detective knew how to', 'Scene one: a girl tries to'])} ${topic.vp}. "${pick(no.CORE).replace(/\{.*?\}/g, 'that')}" said the owl. "${pick(no.MORAL)}" But the wind told the secret: ${topic.paragraph}`,
  };
}
