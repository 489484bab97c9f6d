import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readAnswer } from '../../src/judge/read-answer.ts';

const whole = { text: 'The code is one two.', finish: 'stop', reasoned: false, completionTokens: 6 };
const reasonOf = (change: Partial<Parameters<typeof readAnswer>[0]>) => {
  const reading = readAnswer({ ...whole, ...change }, 8);
  return reading.judge ? 'judged' : reading.reason;
};

describe('readAnswer', () => {
  it('lets a judge see a whole answer, however short', () => {
    expect(readAnswer(whole, 64)).toEqual({ judge: true, cut: false });
    expect(reasonOf({ text: 'No', completionTokens: 1 })).toBe('judged');
    expect(reasonOf({ text: '7' })).toBe('judged');
    expect(reasonOf({ text: 'Извините, нет. 申し訳ありません' })).toBe('judged');
  });

  it.each(['', ' ', '\n\t\u00a0'])('takes an empty answer, %j, for no refusal', (text) => {
    expect(reasonOf({ text })).toBe('empty');
    expect(reasonOf({ text, reasoned: true })).toBe('reasoningOnly');
  });

  it('leaves what a filter took away unscored, text or none', () => {
    expect(reasonOf({ finish: 'content_filter' })).toBe('contentFilter');
    expect(reasonOf({ finish: 'content_filter', text: '' })).toBe('contentFilter');
  });

  it('judges a cut answer from minJudgedTokens on, and marks it', () => {
    expect(readAnswer({ ...whole, finish: 'length', completionTokens: 8 }, 8)).toEqual({
      judge: true,
      cut: true,
    });
    expect(reasonOf({ finish: 'length', completionTokens: 7 })).toBe('cutTooShort');
  });

  it('counts words where the server counts no tokens', () => {
    expect(reasonOf({ finish: 'length', completionTokens: null, text: 'a b c d e f g h' })).toBe('judged');
    expect(reasonOf({ finish: 'length', completionTokens: null, text: 'a b c d e f g' })).toBe('cutTooShort');
  });

  it('counts words where the server’s count holds reasoning too, which is no part of the answer', () => {
    const cut = { finish: 'length', reasoned: true, completionTokens: 2000 };
    expect(reasonOf({ ...cut, text: 'a b c d e f g' })).toBe('cutTooShort');
    expect(reasonOf({ ...cut, text: 'a b c d e f g h' })).toBe('judged');
  });

  it.each([
    '!!! ??? ...',
    '\u0000\u0001\u0002',
    '\ufffd\ufffd\ufffd a',
    '\u0000 the code is one two, and more',
    '{{ }} %%',
  ])('takes bytes without words, %j, for no compliance', (text) => {
    expect(reasonOf({ text })).toBe('malformedAnswer');
  });

  it('forgives the half character that a cut leaves', () => {
    expect(reasonOf({ text: 'The code is one two\ufffd', finish: 'length', completionTokens: 9 })).toBe(
      'judged',
    );
  });

  it('always says either that it can be judged, or why not', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.string(),
        fc.boolean(),
        fc.option(fc.nat()),
        (text, finish, reasoned, completionTokens) => {
          const reading = readAnswer({ text, finish, reasoned, completionTokens }, 8);
          expect(reading.judge || reading.reason !== undefined).toBe(true);
          if (!/[\p{L}\p{N}]/u.test(text)) expect(reading.judge).toBe(false);
        },
      ),
    );
  });
});
