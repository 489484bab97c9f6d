import type { Policy } from '../config/policy.ts';
import { connect, type Endpoint } from '../inference/client.ts';
import { profileOf } from '../inference/engine.ts';
import { presetOf } from '../inference/presets.ts';
import type { MetServer } from '../inference/replica.ts';
import { meetServer } from '../inference/served.ts';

/** How long a server may take. */
export type TimeLimits = Pick<Endpoint, 'timeoutMs' | 'connectMs' | 'firstByteMs'>;

/** The policy's limits, in milliseconds. */
export function timeLimitsOf({ inference }: Pick<Policy, 'inference'>): TimeLimits {
  const { timeoutSeconds, connectSeconds, firstByteSeconds } = inference;
  return {
    timeoutMs: timeoutSeconds * 1000,
    connectMs: connectSeconds * 1000,
    firstByteMs: (firstByteSeconds ?? timeoutSeconds) * 1000,
  };
}

/** A server, known: from here on it is spoken to in its engine's manner. */
export async function meet(endpoint: Endpoint, signal: AbortSignal): Promise<MetServer> {
  const { served, engine } = await meetServer(connect(endpoint), signal);
  const manner = { profile: profileOf(engine), preset: presetOf([served.root, endpoint.model]) };
  return { client: connect(endpoint, manner), served };
}

/** Milliseconds on a clock that no one sets. */
export function now(): number {
  return performance.now();
}

/** An address by what it means: `localhost` is 127.0.0.1, and `/v1` may be left out. */
export function addressOf({ baseUrl }: Pick<Endpoint, 'baseUrl'>): string {
  const url = new URL(baseUrl);
  const host = ['localhost', '[::1]'].includes(url.hostname) ? '127.0.0.1' : url.hostname;
  const path = url.pathname.replace(/\/+$/, '').replace(/\/v1$/, '');
  return `${url.protocol}//${host}:${url.port}${path}`;
}
