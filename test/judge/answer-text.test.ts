import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readText } from '../../src/judge/answer-text.ts';

const sentences = (response: string) => readText(response).sentences.map(({ text }) => text);

describe('reading an answer', () => {
  it('splits sentences, and takes markup, case and typographic quotes away', () => {
    expect(sentences('**I’m** sorry. “No.”\n\n# Try this: 3 steps!')).toEqual([
      "i'm sorry.",
      '"no."',
      'try this: 3 steps!',
    ]);
  });

  it.each([
    'Answer: ',
    'Sure, here is ',
    'Sure, here’s: ',
    'ANSWER:\n',
    'Answer: Sure, here is: ',
    '"Response: ',
  ])('reads the same behind the cue %j', (cue) => {
    expect(sentences(`${cue}the code is one two. It is easy.`)).toEqual([
      'the code is one two.',
      'it is easy.',
    ]);
  });

  it('keeps a cue that is all there is', () => {
    expect(sentences('Answer:')).toEqual(['answer:']);
  });

  it('marks what stands in a list or within quotation marks', () => {
    const { sentences: read, layout } = readText('Steps:\n1. Turn it.\n2) Pull.\n- "Never," said Ann.');
    expect(read.map(({ item, quoted }) => [item, quoted])).toEqual([
      [false, false],
      [true, false],
      [true, false],
      [true, true],
    ]);
    expect(layout.items).toBe(3);
  });

  it('reads the beginning and the end of a long answer', () => {
    const read = readText(`First words. ${'Filler goes on. '.repeat(1000)}Last words.`).sentences;
    expect(read[0]?.text).toBe('first words.');
    expect(read.at(-1)?.text).toContain('filler goes on.');
    expect(read.length).toBeLessThanOrEqual(40);
  });

  it('never fails, and never reads more than its bound', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 3000 }), (response) => {
        const { sentences: read, length, readLength } = readText(response);
        expect(length).toBeLessThanOrEqual(response.length);
        expect(readLength).toBeLessThanOrEqual(1001);
        expect(read.length).toBeLessThanOrEqual(40);
      }),
    );
  });
});
