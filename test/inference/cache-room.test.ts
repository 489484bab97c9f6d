import { describe, expect, it } from 'vitest';
import { cacheScope, TokenLengths } from '../../src/inference/ask-order.ts';
import { onePlace } from '../../src/inference/places.ts';

describe('the room for contexts', () => {
  const capacity = { cache: 'shared', slots: null, cacheTokens: 10_000 } as const;
  const prompt = { messages: [], shared: [], bytes: 4000, strand: 'one' };

  it('is what the usual answer leaves, once answers were counted', () => {
    const lengths = new TokenLengths();
    const scope = cacheScope({ capacity, lengths, maxTokens: 1000, places: onePlace });
    if (scope.kind !== 'shared' || scope.room === undefined) throw new Error('no room');
    expect(scope.room(4)).toBe((10_000 - 4 * 1128) * 3);
    const usage = { promptTokens: 1000, cachedTokens: 0, completionTokens: 100 };
    for (let answer = 0; answer < 10_000; answer += 1) lengths.learn(prompt, usage);
    expect(scope.room(4) / 4).toBeCloseTo(10_000 - 4 * 228, -2);
  });

  it('is not told by a server that counts nothing', () => {
    const lengths = new TokenLengths();
    lengths.learn(prompt, { promptTokens: null, cachedTokens: null, completionTokens: null });
    expect([lengths.bytesPerToken, lengths.usualAnswer(500)]).toEqual([3, 500]);
    const untold = cacheScope({
      capacity: { ...capacity, cacheTokens: null },
      lengths,
      maxTokens: 500,
      places: onePlace,
    });
    expect(untold).toEqual({ kind: 'shared', places: onePlace });
  });
});
