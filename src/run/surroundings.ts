import { setTimeout as wait } from 'node:timers/promises';
import type { Surroundings } from '../inference/exchange.ts';

/** The real clock's waiting and chance, around what an entry gives. */
export function surroundingsOf({ now, signal }: Pick<Surroundings, 'now' | 'signal'>): Surroundings {
  const sleep = async (milliseconds: number, stop: AbortSignal) => {
    await wait(milliseconds, undefined, { signal: stop }).catch(() => {});
  };
  return { now, random: Math.random, sleep, signal };
}
