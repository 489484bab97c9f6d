import { describe, expect, it } from 'vitest';
import { keyRemedy } from '../../src/inference/address.ts';

describe('what is said of a refused key', () => {
  it.each([
    ['--base-url', 'MIXGATE_API_KEY; in a workflow, the input api-key'],
    ['--base-url (replica 2 of 2)', 'MIXGATE_API_KEY; in a workflow, the input api-key'],
    ['--judge-base-url', 'MIXGATE_JUDGE_API_KEY; in a workflow, the input judge-api-key'],
    ['--baseline-url', 'MIXGATE_BASELINE_API_KEY'],
  ])('names the place where the key of %s stands', (namedBy, place) => {
    expect(keyRemedy({ apiKey: 'k', namedBy })).toContain(`(${place})`);
  });

  it('tells a key that is refused from one that was never sent, and quotes none', () => {
    expect(keyRemedy({ apiKey: 'sk-secret', namedBy: '--base-url' })).toMatch(
      /^the key that was sent is refused/,
    );
    expect(keyRemedy({ apiKey: 'sk-secret', namedBy: '--base-url' })).not.toContain('sk-secret');
    // As an empty secret of a workflow arrives.
    for (const apiKey of [undefined, '', ' '])
      expect(keyRemedy({ apiKey, namedBy: '--base-url' })).toMatch(/^no key was sent/);
  });
});
