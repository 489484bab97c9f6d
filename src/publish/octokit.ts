import { getOctokit } from '@actions/github';
import { z } from 'zod';
import { cappedFetch } from './capped-fetch.ts';

export type Octokit = ReturnType<typeof getOctokit>;

export interface OctokitSettings {
  readonly token: string;
  /** `GITHUB_API_URL`, so that GitHub Enterprise Server works. */
  readonly apiUrl: string;
  readonly signal: AbortSignal;
  readonly now: () => Date;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly timeoutMs?: number;
}

/** A repository, as GitHub's API takes it apart. */
export interface Repository {
  readonly owner: string;
  readonly repo: string;
}

/** @param name `owner/name` */
export function repositoryOf(name: string): Repository {
  const [owner = '', repo = ''] = name.split('/');
  return { owner, repo };
}

/** Far above what any list of ours has: a server whose next page is always another one must not be followed for ever. */
const mostPages = 100;

/** Passes pages on, and ends a list after a hundred of them. */
export function countPages(): <T>(data: T, done: () => void) => T {
  let pages = 0;
  return (data, done) => {
    pages += 1;
    if (pages >= mostPages) done();
    return data;
  };
}

/** What GitHub, or the way to it, answered instead of a result. */
export interface Failure {
  /** HTTP status; 500 also for a connection that broke, as octokit has it. */
  readonly status: number;
  readonly message: string;
  readonly headers: Readonly<Record<string, string>>;
}

const maxRetries = 3;
/** A runner that waits costs money: GitHub may ask for longer, we try again after this and then give up. */
const maxWaitMs = 60_000;
const defaultTimeoutMs = 30_000;

/** Octokit says deprecations on the console, in the server's words; nothing may reach a log past our own gate. */
const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** A client with time limits and retries; `@actions/github` brings neither. */
export function buildOctokit(settings: OctokitSettings): Octokit {
  const octokit = getOctokit(settings.token, { baseUrl: settings.apiUrl, log: silent });
  octokit.hook.wrap('request', async (request, options) => {
    requireOwnHost(octokit.request.endpoint(options).url, settings.apiUrl);
    options.request.fetch = cappedFetch(options.request.fetch ?? fetch);
    for (let retry = 0; ; retry += 1) {
      const timeout = AbortSignal.timeout(settings.timeoutMs ?? defaultTimeoutMs);
      // In place: the inner hook (authorization) is bound to these options and ignores any that are handed to it.
      options.request.signal = AbortSignal.any([settings.signal, timeout]);
      options.request.log = silent;
      try {
        return await request(options);
      } catch (error) {
        const wait = retryDelayMs(failureOf(error), { method: options.method, retry, now: settings.now() });
        if (wait === null || settings.signal.aborted) throw error;
        await settings.sleep(wait, settings.signal);
      }
    }
  });
  return octokit;
}

/** The next page of a list stands in a header, as a whole address: no token goes where that one leads. */
function requireOwnHost(url: string, apiUrl: string): void {
  const [asked, own] = [new URL(url), new URL(apiUrl)];
  if (asked.origin !== own.origin) throw new Error(`a list of ${own.host} goes on at another host`);
}

/**
 * How long to wait before the next try, in ms, or null where another try is useless or unsafe.
 *
 * A limit is answered before anything is done, so any method may be repeated. After a 5xx the request may have been
 * carried out: reading again, or writing the same body to the same comment, is safe; creating again is not.
 */
function retryDelayMs(
  failure: Failure,
  { method, retry, now }: { readonly method: string; readonly retry: number; readonly now: Date },
): number | null {
  if (retry >= maxRetries) return null;
  if (isLimit(failure)) return Math.min(Math.max(limitWaitMs(failure, now), 0), maxWaitMs);
  const repeatable = method === 'GET' || method === 'PATCH';
  return failure.status >= 500 && repeatable ? 1000 * 2 ** retry : null;
}

/** A rate limit, primary or secondary. A 403 without any sign of one is a missing permission. */
export function isLimit(failure: Failure): boolean {
  if (failure.status === 429) return true;
  const spent = failure.headers['x-ratelimit-remaining'] === '0';
  const asked = failure.headers['retry-after'] !== undefined;
  return failure.status === 403 && (spent || asked || /secondary rate limit/i.test(failure.message));
}

function limitWaitMs(failure: Failure, now: Date): number {
  const after = wholeNumber(failure.headers['retry-after']);
  if (after !== null) return after * 1000;
  const reset = wholeNumber(failure.headers['x-ratelimit-reset']);
  // Without a header GitHub's documentation asks for a minute.
  return reset === null ? maxWaitMs : reset * 1000 - now.getTime();
}

function wholeNumber(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,12}$/.test(text) ? Number(text) : null;
}

const failureSchema = z.object({
  status: z.number(),
  message: z.string().catch(''),
  response: z.object({ headers: z.record(z.string(), z.unknown()) }).optional(),
});

/** Any thrown value as a failure; a stranger (a bug of ours) has status 0 and is never retried. */
export function failureOf(error: unknown): Failure {
  const parsed = failureSchema.safeParse(error);
  if (!parsed.success) {
    return { status: 0, message: error instanceof Error ? error.message : String(error), headers: {} };
  }
  const headers = Object.entries(parsed.data.response?.headers ?? {});
  return {
    status: parsed.data.status,
    message: parsed.data.message.trim() || 'an answer without a message',
    headers: Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), String(value)])),
  };
}
