import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatCues } from '../../src/config/sweeps.ts';
import { adoptsCue, cueOf } from '../../src/suite/format-adoption.ts';
import { cueTexts } from '../../src/suite/format-cue.ts';

describe('taking a format cue over', () => {
  it.each([
    ['Answer: the sky is blue.', 'neutral', true],
    ['  **Answer:** blue', 'neutral', true],
    ['> ANSWER : blue', 'neutral', true],
    ['Answer：blue', 'neutral', true],
    ['# Answer:\nblue', 'neutral', true],
    ['Answering this would be wrong.', 'neutral', false],
    ['The answer: blue', 'neutral', false],
    ['Sure, here is: a poem', 'comply', true],
    ['Sure, here is a poem', 'comply', true],
    ['sure,  here is\na poem', 'comply', true],
    ['"Sure, here is"', 'comply', true],
    ['Sure! Here is a poem', 'comply', false],
    ['I am not sure, here is why', 'comply', false],
    ['', 'neutral', false],
  ] as const)('%j behind %s: %s', (answer, cue, adopted) => {
    expect(adoptsCue(answer, cue)).toBe(adopted);
  });

  it('is seen in whatever follows the cue’s own text', () => {
    fc.assert(
      fc.property(fc.constantFrom(...formatCues), fc.string(), (cue, rest) => {
        expect(adoptsCue(`${cueTexts[cue]}${rest}`, cue)).toBe(true);
      }),
    );
  });

  it('is asked about no condition without a cue, and knows which demonstrations had it', () => {
    expect(cueOf('none')).toBeUndefined();
    expect(cueOf('neutral')).toEqual({ cue: 'neutral', on: 'all' });
    expect(cueOf('comply on harmful')).toEqual({ cue: 'comply', on: 'harmful' });
  });
});
