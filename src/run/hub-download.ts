import { ConfigError, ModelError } from '../config/errors.ts';
import type { HubFile } from '../config/hub-file.ts';
import { classifyFault, type Fault } from '../inference/fault.ts';
import { type Sleep, waitBeforeRetry } from '../inference/retry.ts';
import { sha256 } from '../receipt/digest.ts';
import type { HubSettings } from './hub-settings.ts';

/** What a download may take: bytes, milliseconds for one try, further tries. */
export interface DownloadLimits {
  readonly maxBytes: number;
  readonly timeoutMs: number;
  readonly retries: number;
}

export const downloadLimits: DownloadLimits = { maxBytes: 536_870_912, timeoutMs: 240_000, retries: 4 };

/** What a download is given from outside. */
export interface DownloadTools {
  readonly sleep: Sleep;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly signal: AbortSignal;
  readonly limits?: DownloadLimits;
}

/** A file of a hub that is to be fetched; `location` names it in messages. */
export interface HubRequest {
  readonly location: string;
  readonly hub: HubFile;
}

const maxRedirects = 5;

/**
 * Fetches a file at one commit, and checks it against the SHA-256 that the hub itself states for it.
 *
 * @throws ConfigError HUB_FILE_REFUSED (gated, or a wrong token), HUB_FILE_MISSING, SOURCE_TOO_LARGE, HUB_REDIRECT;
 *   ModelError HUB_FAILED after all tries, INTERRUPTED
 */
export async function downloadFromHub(
  request: HubRequest,
  settings: HubSettings,
  tools: DownloadTools,
): Promise<Buffer> {
  const { retries } = tools.limits ?? downloadLimits;
  for (let failed = 0; ; failed += 1) {
    const result = await tryDownload(request, settings, tools);
    if (tools.signal.aborted) throw failure(request, 'INTERRUPTED', 'an interruption');
    if (Buffer.isBuffer(result)) return result;
    if (failed >= retries)
      throw failure(request, 'HUB_FAILED', `${result.detail}, after ${failed + 1} tries`);
    await tools.sleep(waitBeforeRetry(result, failed, tools.random), tools.signal);
  }
}

/** @returns the bytes, or a fault that may pass */
async function tryDownload(
  request: HubRequest,
  settings: HubSettings,
  tools: DownloadTools,
): Promise<Buffer | Fault> {
  const { maxBytes, timeoutMs } = tools.limits ?? downloadLimits;
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    const { response, stated } = await follow(request, settings, AbortSignal.any([tools.signal, timeout]));
    if (!response.ok) return faultOf(request, response);
    const bytes = await readBody(response, maxBytes, request.location);
    if (stated === undefined || stated === sha256(bytes)) return bytes;
    return passing('other bytes than the hub states (SHA-256)');
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    if (timeout.aborted) return passing(`no whole answer within ${timeoutMs / 1000} s`);
    return passing(`a connection that failed or ended early (${codeOf(error)})`);
  }
}

function passing(detail: string): Fault {
  return { kind: 'fault', code: 'hub', retryable: true, reason: 'requestFailed', scope: 'run', detail };
}

/** The answer after all redirects, and the SHA-256 that the hub states on the way. */
async function follow(
  { location, hub }: HubRequest,
  { address, token }: HubSettings,
  signal: AbortSignal,
): Promise<{ readonly response: Response; readonly stated: string | undefined }> {
  let url = fileUrl(address, hub);
  let stated: string | undefined;
  // The token is the hub's: a store that it sends us to gets none, nor does a hub behind such a store.
  let authorized = token !== undefined && isPrivate(address);
  for (let redirects = 0; redirects <= maxRedirects; redirects += 1) {
    const atHub = url.origin === address.origin;
    authorized &&= atHub;
    const response = await fetch(url, {
      redirect: 'manual',
      // Compressed on the way, a small answer could unpack to any size.
      headers: { 'accept-encoding': 'identity', ...(authorized ? { authorization: `Bearer ${token}` } : {}) },
      signal,
    });
    // A store's own tag may be any hash; the hub's is that of the file.
    if (atHub) stated ??= statedSha256(response.headers);
    const target = response.headers.get('location');
    if (response.status < 300 || response.status > 399 || target === null) return { response, stated };
    await response.body?.cancel();
    const next = URL.canParse(target, url.href) ? new URL(target, url) : undefined;
    if (next === undefined || !isAllowed(url, next)) throw badRedirect(location, 'to another scheme');
    url = next;
  }
  throw badRedirect(location, `more than ${maxRedirects} times`);
}

function fileUrl(address: URL, { repo, revision, file }: HubFile): URL {
  const steps = `datasets/${repo}/resolve/${revision}/${file}`.split('/').map(encodeURIComponent);
  return new URL(`${address.href.replace(/\/+$/, '')}/${steps.join('/')}`);
}

/** A token is not sent in clear over a network. */
function isPrivate({ protocol, hostname }: URL): boolean {
  return protocol === 'https:' || ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
}

function isAllowed(from: URL, to: URL): boolean {
  return to.protocol === 'https:' || (to.protocol === 'http:' && from.protocol === 'http:');
}

/** Large files go by their SHA-256, small ones by git's own hash, which tells nothing here. */
function statedSha256(headers: Headers): string | undefined {
  const tag = headers.get('x-linked-etag') ?? headers.get('etag') ?? '';
  return /^(?:W\/)?"?([0-9a-f]{64})"?$/.exec(tag)?.[1];
}

async function readBody(response: Response, maxBytes: number, location: string): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > maxBytes) {
      throw new ConfigError({
        code: 'SOURCE_TOO_LARGE',
        where: location,
        expected: `at most ${maxBytes} bytes`,
        got: 'more',
        remedy: 'cut the file to the rows that a suite needs, and name it by path',
      });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** What a status means; the hub says in a header of its own which part was not found. */
function faultOf({ location }: HubRequest, { status, headers }: Response): Fault {
  const fault = classifyFault(status, null, headers);
  if (fault.retryable) return fault;
  const said = headers.get('x-error-code') ?? '';
  const got = /^[A-Za-z]{1,40}$/.test(said) ? `HTTP ${status} (${said})` : `HTTP ${status}`;
  if ([401, 403, 451].includes(status)) {
    throw new ConfigError({
      code: 'HUB_FILE_REFUSED',
      where: location,
      expected: 'a file that this token may read',
      got,
      remedy:
        'check repo; accept the terms of a gated one on its page; set HF_TOKEN to a token that may read it (sent over https alone)',
    });
  }
  const remedy = 'check repo, revision and file: a hub keeps files at the commits in which they stand';
  throw new ConfigError({ code: 'HUB_FILE_MISSING', where: location, expected: 'the file', got, remedy });
}

function badRedirect(where: string, got: string): ConfigError {
  return new ConfigError({
    code: 'HUB_REDIRECT',
    where,
    expected: `at most ${maxRedirects} redirects, from https to https`,
    got: `redirected ${got}`,
    remedy: 'check the hub’s address in MIXGATE_HUB or HF_ENDPOINT',
  });
}

function failure({ location }: HubRequest, code: string, got: string): ModelError {
  const remedy = 'see to the network or the hub, then start again; what was fetched is kept';
  return new ModelError({ code, where: location, expected: 'the file from its hub', got, remedy });
}

/** A code such as ECONNREFUSED: a message may hold an address with a signature. */
function codeOf(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  return typeof cause === 'object' && cause !== null && 'code' in cause ? String(cause.code) : 'no code';
}
