import { describe, expect, it } from 'vitest';
import { show } from '../../src/config/show.ts';

describe('a value in a message', () => {
  it('is short, on one line', () => {
    expect(show({ a: 'b\nc' })).toBe('{"a":"b\\nc"}');
    expect(show('x'.repeat(1000))).toHaveLength(60);
  });

  it('is told in words where it nests without end or holds itself', () => {
    const itself: { self?: unknown } = {};
    itself.self = itself;
    expect(show(itself)).toBe('something that cannot be shown');
    expect(show(JSON.parse('['.repeat(20_000) + ']'.repeat(20_000)))).toBe('a list that cannot be shown');
  });
});
