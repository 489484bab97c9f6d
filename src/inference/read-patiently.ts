import { setTimeout as wait } from 'node:timers/promises';
import type { Client } from './client.ts';
import { isFault } from './fault.ts';

const tries = 3;
const longestPauseMs = 10_000;

/**
 * Asks a server something about itself. One that is busy is asked again; one that is not there is not.
 *
 * @param body makes it a POST
 */
export async function readPatiently(
  client: Client,
  path: string,
  signal: AbortSignal,
  body?: object,
): Promise<unknown> {
  for (let tried = 1; ; tried += 1) {
    const told = body === undefined ? await client.read(path, signal) : await client.post(path, body, signal);
    const busy = isFault(told) && told.retryable && told.code.startsWith('http');
    if (!busy || tried === tries || signal.aborted) return told;
    const pause = Math.min(longestPauseMs, told.retryAfterMs ?? 500 * tried);
    await wait(pause, undefined, { signal }).catch(() => {});
  }
}
