import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readSuite } from '../../src/run/gate-inputs.ts';
import { parseShardOption, planOfShard } from '../../src/run/shard.ts';
import { smallSuite, writeSmallPolicy } from './small-gate.ts';

const plans = [
  (await readSuite(writeSmallPolicy())).plan,
  (await readSuite(writeSmallPolicy({ suite: { ...smallSuite, layout: 'perQuery', draws: 2 } }))).plan,
];

describe('--shard', () => {
  it('reads i/n', () => {
    expect(parseShardOption('1/1')).toEqual({ index: 1, of: 1 });
    expect(parseShardOption('12/16')).toEqual({ index: 12, of: 16 });
  });

  it.each(['0/4', '5/4', '1', '1/', '/4', '1/0', '01/4', '1/4 ', '-1/4', 'a/b', '1/10000'])(
    'refuses %j',
    (text) => {
      expect(() => parseShardOption(text)).toThrow(expect.objectContaining({ code: 'SHARD_INVALID' }));
    },
  );
});

describe('the shards of a plan', () => {
  it.each(['block', 'perQuery'])(
    'are the plan, cut between blocks, each trial once, in order (%s)',
    (layout) => {
      const plan = plans[layout === 'block' ? 0 : 1];
      if (plan === undefined) throw new Error('expected a plan');
      const blocks = new Set(plan.trials.map(({ block }) => block)).size;
      fc.assert(
        fc.property(fc.integer({ min: 1, max: blocks }), (of) => {
          const parts = Array.from({ length: of }, (_, at) => planOfShard(plan, { index: at + 1, of }));
          expect(parts.flatMap(({ trials }) => trials)).toEqual(plan.trials);
          const places = parts.map(({ trials }) => new Set(trials.map(({ block }) => block)));
          expect(places.reduce((sum, { size }) => sum + size, 0)).toBe(blocks);
          // As even as blocks allow.
          const sizes = places.map(({ size }) => size);
          expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
          for (const part of parts) expect(part.sha256).toBe(plan.sha256);
        }),
      );
    },
  );
});
