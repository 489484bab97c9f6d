import { describe, expect, it } from 'vitest';
import { blocksToSettle, whatWouldSettle } from '../../src/gate/what-would-settle.ts';

const value = { estimate: 0.1, lower: 0.05, upper: 0.15, level: 0.9, method: 'block t' };

describe('what would settle an open limit', () => {
  it('is the blocks at which the estimate would be far enough from the limit, with 80 % power', () => {
    // Standard error 0.05 / t(0.95, 15) = 0.05 / 1.753050 = 0.028522 of 16 blocks; (1.644854 + 0.841621) of it, at N
    // blocks, is 0.03: N = 16 (0.028522 * 2.486475 / 0.03)^2 = 89.4.
    expect(blocksToSettle({ value, limit: 0.13, blocks: 16, error: 0.05 })).toBe(90);
    expect(whatWouldSettle({ value, limit: 0.13, blocks: 16, error: 0.05 })).toBe(
      'about 90 blocks in all would settle it if the estimate stays, 16 were seen',
    );
  });

  it('takes the side of the interval on which the limit lies', () => {
    const lopsided = { ...value, lower: 0.02 };
    const below = blocksToSettle({ value: lopsided, limit: 0.07, blocks: 16, error: 0.05 }) ?? 0;
    const above = blocksToSettle({ value: lopsided, limit: 0.13, blocks: 16, error: 0.05 }) ?? 0;
    expect(below).toBeGreaterThan(above);
  });

  it('has no number where the estimate is the limit, and no advice beyond sixteen times the blocks', () => {
    expect(blocksToSettle({ value, limit: 0.1, blocks: 16, error: 0.05 })).toBe(Number.POSITIVE_INFINITY);
    expect(whatWouldSettle({ value, limit: 0.101, blocks: 16, error: 0.05 })).toContain('too near the limit');
  });

  it('says nothing where there is no interval, or where the limit is not in it', () => {
    expect(
      whatWouldSettle({ value: { unavailable: 'x' }, limit: 0.1, blocks: 16, error: 0.05 }),
    ).toBeUndefined();
    expect(whatWouldSettle({ value, limit: 0.2, blocks: 16, error: 0.05 })).toBeUndefined();
  });
});
