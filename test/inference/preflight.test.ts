import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  judgeContext,
  judgeSystem,
  judgeTokenizer,
  judgeTurns,
  judgeWhole,
} from '../../src/inference/preflight.ts';

const at = (characters: number, tokens: number | null) => ({ characters, tokens });

describe('whether prompts arrive whole', () => {
  const short = at(100, 30);
  const half = at(2100, 530);

  it.each([
    ['all of the text that half of it lets expect', 1030, 'ok'],
    ['60 % of it', 830, 'ok'],
    ['less', 829, 'fail'],
    ['no more than the half', 530, 'fail'],
  ])('by half and whole, with %s', (_what, tokens, outcome) => {
    expect(judgeWhole(short, half, at(4100, tokens), undefined)).toMatchObject({ outcome });
  });

  it.each([
    ['a token for sixteen characters', 280, 'ok'],
    ['fewer', 279, 'fail'],
  ])('without a half, with %s', (_what, tokens, outcome) => {
    expect(judgeWhole(short, undefined, at(4100, tokens), undefined)).toMatchObject({ outcome });
  });

  it.each([
    ['nine tenths of the tokenizer’s count', 900, 'ok'],
    ['less than that', 899, 'fail'],
    ['more than it', 1400, 'ok'],
  ])('by the server’s tokenizer, with %s', (_what, tokens, outcome) => {
    expect(judgeWhole(short, undefined, at(4100, tokens), 1000)).toMatchObject({ outcome });
  });

  it('cannot be told without counts', () => {
    expect(judgeWhole(short, half, at(4100, null), 1000)).toMatchObject({ outcome: 'warn' });
    expect(judgeWhole(at(100, null), half, at(4100, 1030), 1000)).toMatchObject({ outcome: 'warn' });
  });

  it('is never taken for granted of a server that cuts all prompts at one length', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 50, max: 2000 }),
        fc.double({ min: 2, max: 6, noNaN: true }),
        fc.boolean(),
        (limit, perToken, withHalf) => {
          // Prompts of which the longest is more than twice what the server holds.
          const longest = Math.ceil(limit * perToken * 2.5);
          const counted = (characters: number) =>
            at(characters, Math.min(limit, Math.ceil(characters / perToken)));
          const [one, middle, whole] = [counted(20), counted(Math.ceil(longest / 2)), counted(longest)];
          const exact = withHalf ? undefined : Math.ceil(longest / perToken);
          expect(judgeWhole(one, withHalf ? middle : undefined, whole, exact).outcome).toBe('fail');
        },
      ),
    );
  });
});

describe('whether turns stay apart', () => {
  it.each([
    ['a mark for each further turn', 17, 'ok'],
    ['fewer', 16, 'fail'],
    ['only the last of them', 3, 'fail'],
  ])('with %s', (_what, tokens, outcome) => {
    expect(judgeTurns(at(40, tokens), at(48, 9), 9)).toMatchObject({ outcome });
  });

  it('cannot be told without counts', () => {
    expect(judgeTurns(at(40, null), at(48, 9), 9)).toMatchObject({ outcome: 'warn' });
    expect(judgeTurns(at(40, 17), at(48, null), 9)).toMatchObject({ outcome: 'warn' });
  });
});

describe('whether system messages arrive', () => {
  it.each([
    ['tokens for the longer one', 40, 'ok'],
    ['the same count', 30, 'fail'],
  ])('with %s', (_what, tokens, outcome) => {
    expect(judgeSystem(at(60, 30), at(220, tokens))).toMatchObject({ outcome });
  });
});

describe('whether the longest prompt fits', () => {
  const needs = { longest: 4000, exact: true, answer: 96 };

  it('to the last token', () => {
    expect(judgeContext({ ...needs, contextLength: 4096 })).toMatchObject({ outcome: 'ok' });
    expect(judgeContext({ ...needs, contextLength: 4095 })).toMatchObject({ outcome: 'fail' });
  });

  it('is a warning by estimate, and unknown where the server does not say', () => {
    expect(judgeContext({ ...needs, exact: false, contextLength: 4095 })).toMatchObject({ outcome: 'warn' });
    expect(judgeContext({ ...needs, contextLength: null })).toMatchObject({ outcome: 'note' });
  });

  it('is not so for a number that is none', () => {
    expect(judgeContext({ ...needs, longest: Number.NaN, contextLength: 4096 })).toMatchObject({
      outcome: 'fail',
    });
  });
});

describe('whether the tokenizer counts as the server does', () => {
  it.each([
    [1000, 1020, 'ok'],
    [1000, 1021, 'warn'],
    [20, 28, 'ok'],
    [20, 29, 'warn'],
  ])('%d against %d', (counted, told, outcome) => {
    expect(judgeTokenizer(counted, told)).toMatchObject({ outcome });
  });

  it('cannot be told of a server that counts nothing', () => {
    expect(judgeTokenizer(1000, null)).toBeUndefined();
  });
});
