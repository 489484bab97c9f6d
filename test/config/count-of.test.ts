import { expect, it } from 'vitest';
import { countOf } from '../../src/config/count-of.ts';

it.each([
  [0, '0 requests'],
  [1, '1 request'],
  [2, '2 requests'],
])('%d is %s', (count, words) => {
  expect(countOf(count, 'request')).toBe(words);
});

it('takes a plural that is not one with an s', () => {
  expect([1, 4].map((count) => countOf(count, 'canary', 'canaries'))).toEqual(['1 canary', '4 canaries']);
});
