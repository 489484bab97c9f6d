import { describe, expect, it } from 'vitest';
import { parsePolicy } from '../../src/config/read-policy.ts';
import { refusalOfChange, refusals } from './refusals.ts';
import { changePolicy, wholePolicy } from './whole-policy.ts';

describe('what a schema cannot say', () => {
  it.each([
    [
      'sample: 384',
      'sample: 390',
      'suite.queries[0].sample',
      'a multiple of draws (16)',
      '390',
      'the nearest are 384 or 400',
    ],
    [
      'sample: 160',
      'sample: 161',
      'suite.controlQueries[0].sample',
      'a multiple of draws (16)',
      '161',
      'the nearest are 160 or 176',
    ],
    [
      'sample: 384',
      'sample: 15',
      'suite.queries[0].sample',
      'a multiple of draws (16)',
      '15',
      'the nearest is 16',
    ],
    [
      'minJudgedTokens: 64',
      'minJudgedTokens: 257',
      'sampling.minJudgedTokens',
      'at most maxTokens (256)',
      '257',
      'lower it, or raise maxTokens',
    ],
    [
      'name: self-instruct',
      'name: redacted',
      'suite.benignDemonstrations[0].name',
      'a name used once',
      '"redacted"',
      'rename one of them',
    ],
    [
      'name: everyday',
      'name: standard',
      'suite.controlQueries[0].name',
      'a name used once',
      '"standard"',
      'rename one of them',
    ],
    [
      '[0, 8, 32, 64]',
      '[0, 8, 32, 8]',
      'suite.sweeps.benignSweep.benign',
      'each entry once',
      '[0,8,32,8]',
      'remove the repetition',
    ],
    [
      'harmful: 32, benign: [0, 8, 32, 64]',
      'harmful: [32, 32], benign: [0, 8]',
      'suite.sweeps.benignSweep.harmful',
      'each entry once',
      '[32,32]',
      'remove the repetition',
    ],
    [
      'benign: [32]',
      'benign: [32, 32]',
      'suite.sweeps.harmfulSweep.benign',
      'each entry once',
      '[32,32]',
      'remove the repetition',
    ],
    [
      'harmful: [0, 8, 32]',
      'harmful: [8, 8]',
      'suite.sweeps.harmfulSweep.harmful',
      'each entry once',
      '[8,8]',
      'remove the repetition',
    ],
    [
      '[4, 16, 64]',
      '[4, 4]',
      'suite.sweeps.grid.totals',
      'each entry once',
      '[4,4]',
      'remove the repetition',
    ],
    [
      '[0, 0.5, 1]',
      '[1, 1.0]',
      'suite.sweeps.grid.harmfulFractions',
      'each entry once',
      '[1,1]',
      'remove the repetition',
    ],
    [
      'random, middle, interleaved]',
      'prefix]',
      'suite.sweeps.orderings.rules',
      'each entry once',
      '["prefix","suffix","prefix"]',
      'remove the repetition',
    ],
    [
      '{ max: 0.2, maxIncrease: 0.15 }',
      '{}',
      'checks.recencySpread',
      'at least one limit',
      '{}',
      'set a limit, or remove recencySpread',
    ],
  ])('is refused with line and remedy: %s -> %s', (from, to, path, expected, got, remedy) => {
    const { complaint, line } = refusalOfChange(from, to);
    expect(complaint).toEqual({
      code: 'POLICY_INVALID',
      where: `p.yml:${line} ${path}`,
      expected,
      got,
      remedy,
    });
  });

  it('refuses each total of which a fraction is not whole', () => {
    const { text, line } = changePolicy(
      'totals: [4, 16, 64], harmfulFractions: [0, 0.5, 1]',
      'totals: [4, 5, 10], harmfulFractions: [0.25, 0.3]',
    );
    const at = (index: number) => `p.yml:${line} suite.sweeps.grid.harmfulFractions[${index}]`;
    expect(refusals(text).map(({ where, remedy }) => [where, remedy])).toEqual([
      [at(1), '0.3 of 4 is 1.2; change the total or the fraction'],
      [at(0), '0.25 of 5 is 1.25; change the total or the fraction'],
      [at(1), '0.3 of 5 is 1.5; change the total or the fraction'],
      [at(0), '0.25 of 10 is 2.5; change the total or the fraction'],
    ]);
  });

  it('takes a fraction that is whole but for the rounding of floating point', () => {
    // 0.07 * 100 is 7.000000000000001 and 0.29 * 100 is 28.999999999999996.
    const { text } = changePolicy(
      'totals: [4, 16, 64], harmfulFractions: [0, 0.5, 1]',
      'totals: [100], harmfulFractions: [0.07, 0.29]',
    );
    expect(parsePolicy(text, 'p.yml').suite.sweeps.grid?.harmfulFractions).toEqual([0.07, 0.29]);
  });

  it('wants prices for a budget of money', () => {
    const { text } = changePolicy(
      'prices: { promptPerMillion: 0.2, cachedPerMillion: 0.02, completionPerMillion: 0.6 }\n',
      '',
    );
    expect(refusals(text)).toMatchObject([
      {
        where: expect.stringMatching(/:\d+ budget\.money$/),
        expected: 'prices to count money with',
        got: 'nothing',
      },
    ]);
    expect(parsePolicy(text.replace('  money: 20\n', ''), 'p.yml').prices).toBeUndefined();
  });

  const sweeps = wholePolicy.slice(
    wholePolicy.indexOf('    zeroShot: true'),
    wholePolicy.indexOf('sampling:'),
  );
  it.each([
    [
      'no zero shot',
      '    zeroShot: false\n    orderings: { benign: 4, harmful: 4, rules: [prefix, suffix] }\n    benignSweep: { harmful: 4, benign: [0, 4] }\n',
      ['zeroShotCompliance'],
    ],
    [
      'no demonstrations at all',
      '    zeroShot: true\n',
      ['mixedCompliance', 'amplification', 'recencySpread'],
    ],
    [
      'sweeps that show no demonstration',
      '    benignSweep: { harmful: 0, benign: 0 }\n    harmfulSweep: { harmful: 0, benign: 0 }\n',
      ['mixedCompliance', 'amplification', 'recencySpread'],
    ],
    [
      'one benign count',
      '    benignSweep: { harmful: 4, benign: 4 }\n    orderings: { benign: 4, harmful: 4, rules: [prefix, suffix] }\n',
      ['amplification'],
    ],
    [
      'no suffix',
      '    benignSweep: { harmful: 4, benign: [0, 4] }\n    orderings: { benign: 4, harmful: 4, rules: [prefix, random] }\n',
      ['recencySpread'],
    ],
    [
      'no prefix',
      '    benignSweep: { harmful: 4, benign: [0, 4] }\n    orderings: { benign: 4, harmful: 4, rules: [middle, suffix] }\n',
      ['recencySpread'],
    ],
    [
      'a harmful sweep alone',
      '    harmfulSweep: { harmful: [4, 8], benign: 4 }\n',
      ['amplification', 'recencySpread'],
    ],
  ])('refuses a check whose evidence the suite does not gather: %s', (_, some, refused) => {
    const { text } = changePolicy(sweeps, some);
    const complaints = refusals(text);
    expect(complaints.map(({ where }) => where.replace(/^p.yml:\d+ checks\./, ''))).toEqual(refused);
    for (const [index, check] of refused.entries()) {
      const line = text.split('\n').findIndex((one) => one.startsWith(`  ${check}:`)) + 1;
      expect(complaints[index]).toMatchObject({
        where: `p.yml:${line} checks.${check}`,
        remedy: `add it, or remove checks.${check}`,
      });
    }
  });

  it('refuses a policy that checks nothing but the controls', () => {
    const checks = wholePolicy.slice(wholePolicy.indexOf('checks:'), wholePolicy.indexOf('effect:'));
    for (const some of ['checks: {}\n', 'checks: { controlCompliance: { minRate: 0.9 } }\n']) {
      const { complaint, line } = refusalOfChange(checks, some);
      expect(complaint).toMatchObject({
        where: `p.yml:${line} checks`,
        expected: 'at least one check beside controlCompliance',
      });
    }
  });

  it('refuses an empty list of control queries, without which a dead server could pass', () => {
    const [list = ''] = / {2}controlQueries:\n(?: {4}.*\n)*/.exec(wholePolicy) ?? [];
    const { text, line } = changePolicy(list, '  controlQueries: []\n');
    expect(refusals(text)).toMatchObject([
      { where: `p.yml:${line} suite.controlQueries`, expected: 'at least 1 entry' },
    ]);
  });

  it('lists several problems at once', () => {
    const text = wholePolicy
      .replace('sample: 384', 'sample: 7')
      .replace('minJudgedTokens: 64', 'minJudgedTokens: 300');
    expect(refusals(text).map(({ where }) => where)).toEqual([
      'p.yml:31 suite.queries[0].sample',
      'p.yml:58 sampling.minJudgedTokens',
    ]);
  });
});
