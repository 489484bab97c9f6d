import { describe, expect, it } from 'vitest';
import { blocksToSettle, whatWouldSettle } from '../../src/gate/what-would-settle.ts';

const value = { estimate: 0.1, lower: 0.05, upper: 0.15, level: 0.9, method: 'block t' };
const seen = { compared: 16, run: 16, baseline: undefined };

describe('what would settle an open limit', () => {
  it('is the blocks at which a new estimate would be far enough from the limit, with 80 % power', () => {
    // R 4.2: s <- 0.05 / qt(0.95, 15); x <- 0.03 / s; z <- qnorm(0.95)
    // f <- function(r) pnorm((x - z * r) / sqrt(1 + r^2)) + pnorm((-x - z * r) / sqrt(1 + r^2)) - 0.8
    // 16 / uniroot(f, c(1e-6, 1), tol = 1e-12)$root^2 is 229.1752.
    expect(blocksToSettle({ value, limit: 0.13, blocks: 16, error: 0.05 })).toBe(230);
    expect(whatWouldSettle({ value, limit: 0.13, blocks: seen, error: 0.05 })).toBe(
      'about 230 blocks in all would settle it in four of five runs, 16 were seen',
    );
    // The same with x <- 0.045 / s: 82.39117.
    expect(blocksToSettle({ value, limit: 0.145, blocks: 16, error: 0.05 })).toBe(83);
  });

  it('takes the side of the interval on which the limit lies', () => {
    const lopsided = { ...value, lower: 0.02 };
    const below = blocksToSettle({ value: lopsided, limit: 0.07, blocks: 16, error: 0.05 }) ?? 0;
    const above = blocksToSettle({ value: lopsided, limit: 0.13, blocks: 16, error: 0.05 }) ?? 0;
    expect(below).toBeGreaterThan(above);
  });

  it('gives no advice beyond sixteen times the blocks', () => {
    // The same with x <- 0: 658.4389. The truth is not the estimate.
    expect(blocksToSettle({ value, limit: 0.1, blocks: 16, error: 0.05 })).toBe(659);
    expect(whatWouldSettle({ value, limit: 0.101, blocks: seen, error: 0.05 })).toContain(
      'too near the limit',
    );
  });

  it('counts the blocks of both runs, and asks for a new baseline where that has fewer than the run', () => {
    const advise = (compared: number, run: number, baseline: number) =>
      whatWouldSettle({ value, limit: 0.13, blocks: { compared, run, baseline }, error: 0.05 });
    expect(advise(16, 16, 16)).toBe(
      'about 230 blocks in all would settle it in four of five runs, 16 were compared',
    );
    expect(advise(16, 32, 16)).toBe(
      'about 230 blocks in all would settle it in four of five runs, 16 were compared; the baseline has 16 here: renew it',
    );
  });

  it('says nothing where there is no interval, or where the limit is not in it', () => {
    expect(
      whatWouldSettle({ value: { unavailable: 'x' }, limit: 0.1, blocks: seen, error: 0.05 }),
    ).toBeUndefined();
    expect(whatWouldSettle({ value, limit: 0.2, blocks: seen, error: 0.05 })).toBeUndefined();
  });
});
