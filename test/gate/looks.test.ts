import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lookEnds, nominalError, planLooks } from '../../src/gate/looks.ts';

describe('planned looks', () => {
  it('stand at equal shares of the blocks, and never below 8 of them', () => {
    expect(lookEnds(32, 4)).toEqual([8, 16, 24, 32]);
    expect(lookEnds(16, 4)).toEqual([8, 12, 16]);
    expect(lookEnds(12, 4)).toEqual([9, 12]);
    expect(lookEnds(8, 4)).toEqual([8]);
    expect(lookEnds(5, 4)).toEqual([5]);
    expect(lookEnds(100, 1)).toEqual([100]);
  });

  it('rise, have 8 blocks or all, and end with all, whatever the design', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 8 }), (blocks, looks) => {
        const ends = lookEnds(blocks, looks);
        expect(ends.at(-1)).toBe(blocks);
        expect(ends.every((end, k) => end > (ends[k - 1] ?? 0) && (end >= 8 || end === blocks))).toBe(true);
        expect(ends.length).toBeLessThanOrEqual(looks);
      }),
    );
  });

  it('see each block from the first look that reaches it', () => {
    const trials = Array.from({ length: 16 }, (_, block) => ({ role: 'evaluation' as const, block }));
    const { ends, lookOf } = planLooks([...trials].reverse(), 4);
    expect(ends).toEqual([8, 12, 16]);
    expect(trials.map(lookOf)).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3]);
  });

  it('see the same share of control queries where those have blocks of their own', () => {
    const evaluation = Array.from({ length: 40 }, (_, block) => ({ role: 'evaluation' as const, block }));
    const control = Array.from({ length: 8 }, (_, index) => ({
      role: 'control' as const,
      block: 40 + index,
    }));
    const { ends, lookOf } = planLooks([...evaluation, ...control], 4);
    expect(ends).toEqual([10, 20, 30, 40]);
    expect(control.map(lookOf)).toEqual([1, 1, 2, 2, 3, 3, 4, 4]);
  });
});

describe('the error of a look', () => {
  it('is alpha where there is one look', () => {
    expect(nominalError(0.05, [16], 1)).toBe(0.05);
  });

  // R rpact 4.1: getDesignGroupSequential(sided = 1, alpha = 0.05, informationRates = (1:4) / 4, typeOfDesign = "asOF").
  it.each([
    [1, 0.0000886],
    [2, 0.0055435],
    [3, 0.0218963],
    [4, 0.0427001],
  ])('is that of O’Brien and Fleming’s type at look %i of four', (look, expected) => {
    expect(nominalError(0.05, [8, 16, 24, 32], look)).toBeCloseTo(expected, 6);
  });

  it('is none where a look comes too early to say anything', () => {
    expect(nominalError(0.0001, [1, 64], 1)).toBe(0);
  });
});
