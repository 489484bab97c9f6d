import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { refusalOfChange, refusals } from './refusals.ts';
import { changePolicy, wholePolicy } from './whole-policy.ts';

describe('an unknown key', () => {
  it.each([
    ['the top level', 'retention: none', 'retentoin: none', 'retentoin', 'retention'],
    ['a sweep', 'zeroShot: true', 'zeroshot: true', 'suite.sweeps.zeroshot', 'zeroShot'],
    [
      'a list entry in block style',
      '      sample: 384',
      '      samples: 384',
      'suite.queries[0].samples',
      'sample',
    ],
    ['a list entry in flow style', 'sample: 160', 'smaple: 160', 'suite.controlQueries[0].smaple', 'sample'],
    [
      'a check',
      'maxIncreaseAnyCondition',
      'maxIncreaseAnyConditoin',
      'checks.mixedCompliance.maxIncreaseAnyConditoin',
      'maxIncreaseAnyCondition',
    ],
    [
      'a nested budget',
      'judge: { requests: 15000 }',
      'judge: { request: 15000 }',
      'budget.judge.request',
      'requests',
    ],
  ])('of %s is refused with line, key and the nearest known key', (_, from, to, path, nearest) => {
    const { complaint, line } = refusalOfChange(from, to);
    expect(complaint).toEqual({
      code: 'POLICY_INVALID',
      where: `p.yml:${line} ${path}`,
      expected: 'a known key',
      got: JSON.stringify(path.slice(path.lastIndexOf('.') + 1)),
      remedy: `the nearest known key is "${nearest}"`,
    });
  });

  it.each([
    ['seed: 20260618', 'seed: 20260618\n  temperature: 1', 'suite.temperature', 'sampling.temperature'],
    ['  layout: block', '  zeroShot: true', 'suite.zeroShot', 'suite.sweeps.zeroShot'],
    ['retention: none', 'draws: 16', 'draws', 'suite.draws'],
    ['retention: none', 'maxTokns: 16', 'maxTokns', 'sampling.maxTokens'],
    // A sibling is two letters away, and would mean the opposite.
    [
      'maxRate: 0.25',
      'minRate: 0.25',
      'checks.zeroShotCompliance.minRate',
      'checks.controlCompliance.minRate',
    ],
  ])('that is known elsewhere is told where: %s -> %s', (from, to, path, belongs) => {
    const { complaint } = refusalOfChange(from, to);
    expect(complaint?.where).toMatch(new RegExp(`^p.yml:\\d+ ${path}$`));
    expect(complaint?.remedy).toBe(`the nearest known key is "${belongs}"`);
  });

  it('that is near nothing is to be removed', () => {
    const { complaint, line } = refusalOfChange('retention: none', 'zzzzzzzz: none');
    expect(complaint).toMatchObject({ where: `p.yml:${line} zzzzzzzz`, remedy: 'remove zzzzzzzz' });
  });

  it('is never ignored, wherever it stands and whatever it is', () => {
    const places = ['retention: none', '  draws: 16', '    zeroShot: true', '  topP: 0.9', '  alpha: 0.05'];
    fc.assert(
      fc.property(fc.constantFrom(...places), fc.stringMatching(/^[a-z]{1,12}[0-9]$/), (place, key) => {
        const indent = place.slice(0, place.length - place.trimStart().length);
        const { text, line } = changePolicy(`${place}\n`, `${place}\n${indent}${key}: 1\n`);
        const complaints = refusals(text);
        expect(complaints).toHaveLength(1);
        expect(complaints[0]?.where).toMatch(new RegExp(`^p\\.yml:${line + 1} .*${key}$`));
      }),
      { seed: 4, numRuns: 60 },
    );
  });

  it('is shown as a short excerpt without line breaks', () => {
    for (const key of ['x'.repeat(9_000), '"x\\n::error::y"', '"\\u202ex"']) {
      const { complaint } = refusalOfChange('retention: none', `${key}: 1`);
      expect(JSON.stringify(complaint).length).toBeLessThan(450);
      expect(Object.values(complaint ?? {}).join('')).not.toMatch(/[\p{Cc}\p{Cf}\u2028\u2029]/u);
    }
  });

  it('is listed with at most forty-nine others', () => {
    const keys = Array.from({ length: 500 }, (_, i) => `zz${i}: 1`).join('\n');
    expect(refusals(`${wholePolicy}${keys}\n`)).toHaveLength(50);
  });
});

describe('a key that the contract knows and this version does not run yet', () => {
  it.each([['prices.speed', 'cachedPerMillion: 0.02', 'speed: 900']])(
    'is refused as such, not as a misspelling: %s',
    (path, from, to) => {
      const { text, line } = changePolicy(from, to);
      const key = path.slice(path.lastIndexOf('.') + 1);
      expect(refusals(text)).toContainEqual({
        code: 'POLICY_INVALID',
        where: `p.yml:${line} ${path}`,
        expected: 'a key that this version runs',
        got: `"${key}"`,
        remedy: 'this version does not run it yet; remove it',
      });
    },
  );

  it('is told from the same word elsewhere, which is unknown', () => {
    const { complaint } = refusalOfChange('retention: none', 'allowUnpaired: [sampling.topP]');
    expect(complaint?.expected).toBe('a known key');
  });
});

describe('a value that is none of those known', () => {
  it('is refused with those that are: layout blocks', () => {
    const { complaint, line } = refusalOfChange('layout: block', 'layout: blocks');
    expect(complaint).toMatchObject({
      where: `p.yml:${line} suite.layout`,
      expected: '"block" or "perQuery"',
      got: '"blocks"',
      remedy: 'correct suite.layout',
    });
  });
});
