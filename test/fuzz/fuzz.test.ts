import { describe, expect, it } from 'vitest';
import { feedRange, targets } from './targets.ts';

/** A share of what `npm run fuzz` feeds ten thousand times over; its inputs are always the same. */
const share: Readonly<Record<string, number>> = { receipt: 40, server: 60, github: 60 };

describe.each(Object.entries(targets))('%s', (name, open) => {
  it('is taken or refused with a message, whatever stands in it, and never for long', async () => {
    const target = await open();
    const to = share[name] ?? 120;
    const { faults, taken, refused, slowestMs } = await feedRange(target, { seed: 7, from: 0, to });
    await target.close();
    expect(faults).toEqual([]);
    expect(taken + refused).toBe(to);
    // Most inputs are damaged: a reader that takes them all reads nothing.
    expect(refused).toBeGreaterThan(name === 'github' ? 0 : to / 5);
    expect(slowestMs).toBeLessThan(5000);
  });
});
