import { createHash } from 'node:crypto';

/** The hidden first line of our comment: whose it is, which run wrote it, and what it said. */
export interface Marker {
  readonly policyName: string;
  readonly runId: number;
  readonly attempt: number;
  /** SHA-256 of the body below the marker line. */
  readonly bodySha256: string;
}

/** Anchored at the start, because text further down may be anybody's. */
const markerLine =
  /^<!-- mixgate policy=([A-Za-z0-9._-]{1,64}) run=(\d{1,15})\.(\d{1,6}) body=([0-9a-f]{64}) -->\r?\n/;

/** The line that stands in front of a comment's body. */
export function renderMarker(marker: Marker): string {
  const { policyName, runId, attempt, bodySha256 } = marker;
  return `<!-- mixgate policy=${markerName(policyName)} run=${runId}.${attempt} body=${bodySha256} -->`;
}

/** Takes a comment apart, or null where it does not begin with our marker. */
export function parseMarked(text: string): { readonly marker: Marker; readonly body: string } | null {
  const match = markerLine.exec(text);
  const [line, policyName, runId, attempt, bodySha256] = match ?? [];
  if (line === undefined || policyName === undefined || bodySha256 === undefined) return null;
  const marker = { policyName, runId: Number(runId), attempt: Number(attempt), bodySha256 };
  return { marker, body: text.slice(line.length) };
}

/** A name that cannot end the HTML comment or add a field to it. */
export function markerName(name: string): string {
  const safe = name.replace(/[^A-Za-z0-9._-]/g, '-').slice(0, 64);
  return safe === '' ? 'unnamed' : safe;
}

/** SHA-256 of a body as GitHub keeps it: it may change line ends and trailing space. */
export function bodySha256(body: string): string {
  return createHash('sha256').update(body.replaceAll('\r\n', '\n').trimEnd(), 'utf8').digest('hex');
}

/** Run ids only grow, and attempts within a run: whether `one` started after `other`. */
export function isNewerRun(
  one: Pick<Marker, 'runId' | 'attempt'>,
  other: Pick<Marker, 'runId' | 'attempt'>,
): boolean {
  return one.runId === other.runId ? one.attempt > other.attempt : one.runId > other.runId;
}
