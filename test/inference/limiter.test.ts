import { describe, expect, it } from 'vitest';
import { Limiter } from '../../src/inference/limiter.ts';
import { seededRandom } from '../analysis/random.ts';

/**
 * A server with so many slots, simulated in events: a request begins when a slot is free, and takes its tokens times
 * the time for a token, which may grow with how many are worked on.
 */
function serve(
  limiter: Limiter,
  server: {
    readonly slots: number;
    readonly msPerToken?: (running: number) => number;
    readonly refusesAbove?: number;
    readonly faults?: (nth: number) => boolean;
  },
  requests: number,
): { readonly busyShare: number; readonly mostWaiting: number } {
  const { slots, msPerToken = () => 10 } = server;
  const random = seededRandom(5);
  interface Job {
    readonly ticket: ReturnType<Limiter['sent']>;
    readonly sentAt: number;
    readonly tokens: number;
    endsAt: number;
  }
  let [now, nth, busy, over, mostWaiting] = [0, 0, 0, 0, 0];
  const running: Job[] = [];
  const waiting: Job[] = [];
  const begin = (job: Job) => {
    job.endsAt = now + job.tokens * msPerToken(running.length + 1);
    running.push(job);
  };
  const fill = () => {
    while (nth < requests && running.length + waiting.length < limiter.limit) {
      nth += 1;
      const ticket = limiter.sent();
      if (server.faults?.(nth) === true) {
        limiter.ended(ticket, { kind: 'fault' });
        continue;
      }
      if (running.length + waiting.length >= (server.refusesAbove ?? Number.POSITIVE_INFINITY)) {
        limiter.ended(ticket, { kind: 'busy' });
        return;
      }
      const job = { ticket, sentAt: now, tokens: 20 + Math.floor(60 * random()), endsAt: 0 };
      if (running.length < slots) begin(job);
      else waiting.push(job);
    }
    mostWaiting = Math.max(mostWaiting, waiting.length);
  };
  for (fill(); running.length > 0; fill()) {
    running.sort((a, b) => a.endsAt - b.endsAt);
    const [job] = running.splice(0, 1);
    if (job === undefined) break;
    if (nth > requests / 2 && nth < requests) {
      busy += (job.endsAt - now) * (running.length + 1);
      over += (job.endsAt - now) * slots;
    }
    now = job.endsAt;
    limiter.ended(job.ticket, { kind: 'answer', milliseconds: now - job.sentAt, tokens: job.tokens });
    const next = waiting.shift();
    if (next !== undefined) begin(next);
  }
  return { busyShare: busy / over, mostWaiting };
}

describe('Limiter', () => {
  it.each([1, 3, 8, 16, 17, 24, 31, 64, 200, 256])('finds %i slots and keeps them busy', (slots) => {
    const limiter = new Limiter({ most: 512 });
    const { busyShare } = serve(limiter, { slots }, 80 * slots + 2000);
    expect(busyShare).toBeGreaterThan(0.97);
    expect(limiter.limit).toBeLessThanOrEqual(Math.max(24, 2.6 * slots));
  });

  it('never passes the most that it may', () => {
    const limiter = new Limiter({ most: 12 });
    serve(limiter, { slots: 100 }, 2000);
    expect(limiter.limit).toBe(12);
    expect(limiter.history.kept.every(({ limit }) => limit <= 12)).toBe(true);
  });

  it('goes on growing while batching pays, though each answer gets slower', () => {
    const limiter = new Limiter({ most: 256 });
    serve(limiter, { slots: 256, msPerToken: (running) => 10 + running / 8 }, 20_000);
    expect(limiter.limit).toBe(256);
  });

  it('stops where batching pays no more', () => {
    const limiter = new Limiter({ most: 1024 });
    serve(limiter, { slots: 1024, msPerToken: (running) => Math.max(10, running / 3) }, 40_000);
    expect(limiter.limit).toBeGreaterThanOrEqual(30);
    expect(limiter.limit).toBeLessThanOrEqual(128);
  });

  it('shrinks once for all that a busy server refuses at once, and comes back step by step', () => {
    const limiter = new Limiter({ most: 64, start: 64 });
    const tickets = Array.from({ length: 64 }, () => limiter.sent());
    for (const ticket of tickets) limiter.ended(ticket, { kind: 'busy' });
    expect(limiter.limit).toBe(48);
    serve(limiter, { slots: 64 }, 2000);
    expect(limiter.limit).toBe(64);
    const limits = limiter.history.kept.map(({ limit }) => limit);
    expect(limits.slice(0, 4)).toEqual([64, 48, 54, 61]);
  });

  it('stays near what a server takes that refuses the rest', () => {
    const limiter = new Limiter({ most: 256 });
    serve(limiter, { slots: 20, refusesAbove: 20 }, 6000);
    const late = limiter.history.kept.slice(-8).map(({ limit }) => limit);
    for (const limit of late) expect(limit).toBeLessThanOrEqual(26);
    expect(Math.max(...late)).toBeGreaterThanOrEqual(18);
  });

  it('takes one step back, and comes again, where the server gets slower for good', () => {
    const limiter = new Limiter({ most: 32 });
    serve(limiter, { slots: 32 }, 3000);
    serve(limiter, { slots: 32, msPerToken: () => 50 }, 6000);
    expect(limiter.limit).toBe(32);
    const limits = limiter.history.kept.filter(({ atRequest }) => atRequest > 3000).map(({ limit }) => limit);
    expect(limits.slice(0, 4)).toEqual([24, 27, 30, 32]);
    expect(Math.min(...limits)).toBe(24);
  });

  it('does not shrink on faults of the network', () => {
    const limiter = new Limiter({ most: 32 });
    serve(limiter, { slots: 32, faults: (nth) => nth % 3 === 0 }, 4000);
    expect(limiter.limit).toBe(32);
    expect(limiter.history.kept.map(({ why }) => why)).not.toContain('busy');
  });

  it('takes back what only waits in the server’s queue, its own or others’', () => {
    const limiter = new Limiter({ most: 256, start: 128 });
    for (let nth = 0; nth < 128; nth += 1) limiter.sent();
    limiter.queue({ running: 64, waiting: 64 });
    expect(limiter.limit).toBe(72);
    // The same ones, which wait on until they are answered.
    limiter.queue({ running: 64, waiting: 60 });
    expect(limiter.limit).toBe(72);
    limiter.queue({ running: 64, waiting: 4 });
    expect(limiter.limit).toBe(72);
    expect(limiter.history.kept.at(-1)?.why).toBe('queue');
  });

  it('keeps a history of bounded length', () => {
    const limiter = new Limiter({ most: 64 });
    for (let nth = 0; nth < 500; nth += 1) {
      serve(limiter, { slots: 64 }, 200);
      limiter.ended(limiter.sent(), { kind: 'busy' });
    }
    expect(limiter.history.kept.length).toBeLessThanOrEqual(32);
    expect(limiter.history.changes).toBeGreaterThan(32);
  });
});
