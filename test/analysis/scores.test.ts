import { describe, expect, it } from 'vitest';
import { sumBlocks } from '../../src/analysis/block-t-interval.ts';
import { complianceRate } from '../../src/analysis/compliance-rate.ts';
import { logitBlockT } from '../../src/analysis/logit-block-t.ts';
import { pairScores, scoresOf, valuesByBlock } from '../../src/analysis/scores.ts';
import { wilsonInterval } from '../../src/analysis/wilson-interval.ts';
import { hexOf, trialsOf, word } from './scored-trials.ts';

const leftOut = { first: 'leftOut', second: 'leftOut' } as const;

describe('scores of trials', () => {
  it('are 1 for compliance, 0 for refusal, null for unscored, and none for what did not run', () => {
    const scores = scoresOf(trialsOf('zero-shot', ['cru', 'n']), 'evaluation').get('zero-shot');
    expect(scores?.map(({ value, block }) => [value, block])).toEqual([
      [1, 0],
      [0, 0],
      [null, 0],
    ]);
  });

  it('keep the roles apart', () => {
    const trials = [...trialsOf('zero-shot', ['c']), ...trialsOf('zero-shot', ['rr'], 'control')];
    expect(scoresOf(trials, 'evaluation').get('zero-shot')).toHaveLength(1);
    expect(scoresOf(trials, 'control').get('zero-shot')).toHaveLength(2);
  });

  it('count a shared trial under each of its conditions', () => {
    const scores = scoresOf(trialsOf(['b4-h4', 'b4-h4-middle'], ['cr']), 'evaluation');
    expect(scores.get('b4-h4')).toEqual(scores.get('b4-h4-middle'));
    expect(scores.get('b4-h4')).toHaveLength(2);
  });

  it('are filled as told, in rising order of blocks', () => {
    const scores = scoresOf([...trialsOf('a', ['cu', 'u', 'r'])].reverse(), 'evaluation').get('a') ?? [];
    const sorted = (fill: 0 | 1 | 'leftOut') =>
      valuesByBlock(scores, fill).map((values) => [...values].sort());
    expect(sorted('leftOut')).toEqual([[1], [0]]);
    expect(sorted(0)).toEqual([[0, 1], [0], [0]]);
    expect(sorted(1)).toEqual([[1, 1], [1], [0]]);
  });
});

describe('pairing', () => {
  const scoresAt = (condition: string, words: readonly string[]) =>
    scoresOf(trialsOf(condition, words), 'evaluation').get(condition) ?? [];

  it('by query joins two conditions, by trial joins nothing but the same trial', () => {
    const [high, low] = [scoresAt('high', ['cr']), scoresAt('low', ['rr'])];
    const pairs = pairScores({ by: 'query', first: high, second: low, fill: leftOut });
    expect(pairs.map(({ first, second }) => [first, second])).toEqual([
      [1, 0],
      [0, 0],
    ]);
    expect(pairScores({ by: 'trialId', first: high, second: low, fill: leftOut })).toEqual([]);
    expect(pairScores({ by: 'trialId', first: high, second: high, fill: leftOut })).toHaveLength(2);
  });

  it('does not depend on the order of either side', () => {
    const [high, low] = [scoresAt('high', ['crc', 'rrc']), scoresAt('low', ['rcc', 'crr'])];
    const key = ({ key: query }: { readonly key: string }) => query;
    const pairs = pairScores({ by: 'query', first: high, second: low, fill: leftOut });
    const turned = pairScores({
      by: 'query',
      first: [...high].reverse(),
      second: [...low].reverse(),
      fill: leftOut,
    });
    const sort = (list: typeof pairs) => [...list].sort((a, b) => (key(a) < key(b) ? -1 : 1));
    expect(sort(turned)).toEqual(sort(pairs));
  });

  it('leaves out or fills an unscored side, and never fills a partner that does not exist', () => {
    const [high, low] = [scoresAt('high', ['ucr']), scoresAt('low', ['ru'])];
    const pair = (first: 0 | 1 | 'leftOut', second: 0 | 1 | 'leftOut') =>
      pairScores({ by: 'query', first: high, second: low, fill: { first, second } }).map((one) => [
        one.first,
        one.second,
      ]);
    expect(pair('leftOut', 'leftOut')).toEqual([]);
    expect(pair(1, 0)).toEqual([
      [1, 0],
      [1, 0],
    ]);
    expect(pair(0, 1)).toEqual([
      [0, 0],
      [1, 1],
    ]);
  });

  it('names each pair by its query', () => {
    const [pair] = pairScores({
      by: 'query',
      first: scoresAt('high', ['c']),
      second: scoresAt('low', ['r']),
      fill: leftOut,
    });
    expect(pair?.key).toBe(`${hexOf('evaluation 0 0')} 0`);
  });
});

describe('a compliance rate', () => {
  const bits = (text: string) => [...text].map((letter) => (letter === 'c' ? 1 : 0));

  it('is the wider, end by end, of block t on log-odds and Wilson', () => {
    const blocks = [5, 1, 4, 2, 8, 0, 3, 1].map((complied) => bits(word(complied, 10)));
    const rate = complianceRate({ blocks, level: 0.9 });
    const blockT = logitBlockT({ blocks: sumBlocks(blocks), level: 0.9 });
    const wilson = wilsonInterval({ successes: 24, trials: 80, level: 0.9 });
    if (!('lower' in rate && 'lower' in blockT && 'lower' in wilson)) throw new Error('expected intervals');
    expect(rate.estimate).toBeCloseTo(24 / 80, 12);
    expect(rate.lower).toBe(Math.min(blockT.lower, wilson.lower));
    expect(rate.upper).toBe(Math.max(blockT.upper, wilson.upper));
    expect(rate.level).toBe(0.9);
  });

  it('stays within [0, 1] however much blocks differ', () => {
    const blocks = Array.from({ length: 8 }, (_, block) => bits(word(block === 0 ? 9 : 0, 10)));
    const rate = complianceRate({ blocks, level: 0.99 });
    expect(rate).toMatchObject({ estimate: 9 / 80 });
    if (!('lower' in rate)) throw new Error('expected an interval');
    expect(rate.lower).toBeGreaterThanOrEqual(0);
    expect(rate.lower).toBeLessThan(0.01);
    expect(rate.upper).toBeGreaterThan(0.5);
    expect(rate.upper).toBeLessThanOrEqual(1);
  });

  it.each([0, 10])('with %i of 10 in every block is Wilson’s, never of zero width', (complied) => {
    const blocks = Array.from({ length: 8 }, () => bits(word(complied, 10)));
    const rate = complianceRate({ blocks, level: 0.9 });
    expect(rate).toEqual(wilsonInterval({ successes: complied * 8, trials: 80, level: 0.9 }));
    expect('lower' in rate && rate.upper - rate.lower).toBeGreaterThan(0.03);
  });

  it('cannot be given without answers, or from one block', () => {
    expect(complianceRate({ blocks: [], level: 0.9 })).toEqual({ unavailable: 'no scored answers' });
    expect(complianceRate({ blocks: [[], []], level: 0.9 })).toEqual({ unavailable: 'no scored answers' });
    expect(complianceRate({ blocks: [[1, 0]], level: 0.9 })).toHaveProperty('unavailable');
  });
});
