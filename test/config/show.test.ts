import { describe, expect, it } from 'vitest';
import { show } from '../../src/config/show.ts';

describe('a value in a message', () => {
  it('is short, on one line', () => {
    expect(show({ a: 'b\nc' })).toBe('{"a":"b\\nc"}');
    expect(show('x'.repeat(1000))).toHaveLength(72);
  });

  it('is whole where it is a digest, and closed where it is a text that was cut', () => {
    expect(show('a'.repeat(64))).toBe(`"${'a'.repeat(64)}"`);
    expect(show('x'.repeat(100))).toMatch(/^"x+\.\.\."$/);
    expect(show(['x'.repeat(100)])).toMatch(/^\["x+\.\.\.$/);
  });

  it('is told in words where it nests without end or holds itself', () => {
    const itself: { self?: unknown } = {};
    itself.self = itself;
    expect(show(itself)).toBe('something that cannot be shown');
    expect(show(JSON.parse('['.repeat(20_000) + ']'.repeat(20_000)))).toBe('a list that cannot be shown');
  });
});
