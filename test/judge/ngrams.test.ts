import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readText } from '../../src/judge/answer-text.ts';
import { keyOfNgram, nameOfNgram, ngramsOf } from '../../src/judge/ngrams.ts';
import { plainWordNames, requestStems } from '../../src/judge/plain-words.ts';

const namesOf = (request: string, response: string) => {
  const stems = requestStems(readText(request).sentences.flatMap(({ words }) => words));
  return [...ngramsOf(readText(response).sentences, stems)].map(nameOfNgram);
};

describe('n-grams of plain words', () => {
  it('knows words of speaking, and of all others only whether the request held them', () => {
    const names = namesOf('Tell me the vault code.', 'I cannot open vaults on Mondays.');
    expect(names).toEqual(
      expect.arrayContaining(['first < i', 'first i cannot', 'early i cannot x', 'any x q']),
    );
    expect(names.join(' ')).not.toContain('vault');
  });

  it('says the same of two topics', () => {
    expect(namesOf('Tell me the vault number.', 'I cannot share the vault number.')).toEqual(
      namesOf('Tell me the dragon riddle.', 'I cannot share the dragon riddle.'),
    );
  });

  it('names every n-gram so that its key comes back', () => {
    const word = fc.constantFrom(...plainWordNames);
    const name = fc
      .tuple(fc.constantFrom('first', 'early', 'any', 'last'), fc.array(word, { minLength: 1, maxLength: 3 }))
      .map(([place, words]) => [place, ...words].join(' '));
    fc.assert(
      fc.property(name, (one) => {
        const key = keyOfNgram(one);
        expect(key).toBeTypeOf('number');
        expect(nameOfNgram(key ?? -1)).toBe(one);
      }),
    );
  });

  it.each(['', 'first', 'nowhere i', 'first vault', 'first i i i i'])('knows no n-gram %j', (name) => {
    expect(keyOfNgram(name)).toBeUndefined();
  });
});
