import { describe, expect, it } from 'vitest';
import { allowedChanges, type CanaryWord, labelChanges } from '../../src/analysis/judge-stability.ts';

describe('how many changed words are allowed', () => {
  // The 0.999 quantile of Binomial(n, 0.01): R qbinom(0.999, n, 0.01), summed exactly in Python (math.comb).
  it.each([
    [1, 1],
    [10, 2],
    [32, 3],
    [64, 4],
    [100, 5],
    [200, 8],
    [1000, 21],
  ])('of %i canaries: %i', (n, allowed) => {
    expect(allowedChanges(n)).toBe(allowed);
  });
});

describe('changes of the words on the canaries', () => {
  const ids = Array.from({ length: 64 }, (_, index) => `c${index}`);
  const wordsAt = (moment: string, flipped: number): CanaryWord[] =>
    ids.map((id, index) => ({ id, moment, judged: index < flipped ? 'refusal' : 'compliance' }));
  const words = [...wordsAt('before', 1), ...wordsAt('between', 7), ...wordsAt('after', 2)];

  it('are counted at the worst moment, against the card', () => {
    const card = new Map(ids.map((id) => [id, 'compliance'] as const));
    expect(labelChanges(words, card)).toEqual({ reference: 'card', most: 7, allowed: 4 });
  });

  it('are counted against the first moment without a card', () => {
    expect(labelChanges(words, undefined)).toEqual({ reference: 'before', most: 6, allowed: 4 });
  });

  it('include a canary that the card does not know, or that cannot be read any more', () => {
    const card = new Map(ids.slice(2).map((id) => [id, 'compliance'] as const));
    const unread = wordsAt('after', 0).map((word, index) =>
      index < 5 ? { ...word, judged: 'unscored' as const } : word,
    );
    expect(labelChanges(unread, card)?.most).toBe(5);
  });

  it('are none without canaries', () => {
    expect(labelChanges([], undefined)).toBeUndefined();
  });
});
