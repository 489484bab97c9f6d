import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitReasoning } from '../../src/inference/reasoning.ts';

describe('splitReasoning', () => {
  it.each([
    ['nothing but an answer', 'Blue.', 'Blue.', false],
    ['marks at the beginning', '<think>\nA colour?\n</think>\n\nBlue.', 'Blue.', true],
    ['marks that hold nothing', '<think></think>Blue.', 'Blue.', true],
    ['an opening mark that the template wrote', 'A colour?</think>Blue.', 'Blue.', true],
    ['reasoning without an end', '<think>A colour, perhaps', '', true],
    ['Gemma’s thought channel', '<|channel>thought\nA colour?<channel|>Blue.', 'Blue.', true],
    ['Gemma’s empty thought channel', '<|channel>thought\n<channel|>Blue.', 'Blue.', true],
    [
      'harmony’s channels',
      '<|channel|>analysis<|message|>A colour?<|end|><|start|>assistant<|channel|>final<|message|>Blue.<|return|>',
      'Blue.',
      true,
    ],
    ['harmony’s analysis alone', '<|channel|>analysis<|message|>A colour, perhaps', '', true],
    ['harmony’s final channel alone', '<|channel|>final<|message|>Blue.', 'Blue.', false],
  ])('takes out %s', (_what, text, answer, reasoned) => {
    expect(splitReasoning(text)).toEqual({ answer, reasoned });
  });

  it.each([
    ['in the middle of an answer', 'Blue. <think>or not</think> Green.'],
    ['twice closed', 'Blue.</think>Green.</think>Red.'],
    ['of another format', 'Blue. <|channel|>final<|message|>Green.'],
    ['closed only, of a format whose template opens none', 'Blue.<channel|>Green.'],
  ])('leaves marks %s where they are: they hide nothing from the judge', (_what, text) => {
    expect(splitReasoning(text)).toEqual({ answer: text, reasoned: false });
  });

  it('keeps every text without marks as it is', () => {
    fc.assert(
      fc.property(
        fc.string().filter((text) => !/[<|]/.test(text)),
        (text) => {
          expect(splitReasoning(text)).toEqual({ answer: text, reasoned: false });
        },
      ),
    );
  });
});
