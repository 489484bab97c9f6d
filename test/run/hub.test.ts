import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type ConfigError, MixgateError } from '../../src/config/errors.ts';
import { getHubCopy, type HubAccess, type HubSource, readHubSource } from '../../src/run/hub.ts';
import { cachedFile } from '../../src/run/hub-cache.ts';
import { downloadLimits } from '../../src/run/hub-download.ts';
import { readHubSettings } from '../../src/run/hub-settings.ts';
import { refusalOf } from '../config/complaints.ts';
import {
  commit,
  hashOf,
  hubFile,
  type LocalHub,
  sendFile,
  sendOn,
  sendStatus,
  startHub,
} from './hub-server.ts';
import { makeFolder } from './small-gate.ts';

const text = '{"id":"a","request":"Which river runs through Vienna?"}\n';
const sha256 = hashOf(text);
const pinned: HubSource = { name: 'asked', hub: hubFile, redacted: false, sha256 };
const unpinned: HubSource = { name: 'asked', hub: hubFile, redacted: false };
const servers: LocalHub[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function start(...answer: Parameters<typeof startHub>): Promise<LocalHub> {
  const server = await startHub(...answer);
  servers.push(server);
  return server;
}

interface Tried {
  readonly hub: HubAccess;
  readonly cacheDir: string;
  readonly waits: number[];
}

function access(
  origin: string,
  more: { env?: Record<string, string>; cache?: string; limits?: object; signal?: AbortSignal } = {},
): Tried {
  const cache = more.cache ?? makeFolder();
  const waits: number[] = [];
  const settings = readHubSettings({ MIXGATE_HUB: origin, XDG_CACHE_HOME: cache, ...more.env });
  const download = {
    sleep: async (milliseconds: number) => {
      waits.push(milliseconds);
    },
    random: () => 0.5,
    signal: more.signal ?? new AbortController().signal,
    limits: { ...downloadLimits, retries: 2, timeoutMs: 2000, ...more.limits },
  };
  return { hub: { settings: () => settings, download }, cacheDir: settings.cacheDir, waits };
}

async function errorOf(work: Promise<unknown>): Promise<MixgateError> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof MixgateError) return error;
  throw error instanceof Error ? error : new Error('expected an error of ours, got none');
}

describe('a file of a hub', () => {
  it('comes from the dataset’s address at the commit, and is kept for its owner alone', async () => {
    const server = await start((_, response) => sendFile(response, text));
    const { hub, cacheDir } = access(server.origin);
    expect((await readHubSource(pinned, hub)).toString()).toBe(text);
    expect(server.calls.map(({ url }) => url)).toEqual([
      `/datasets/owner/asked/resolve/${commit}/data/test.jsonl`,
    ]);
    const file = join(cacheDir, sha256, 'test.jsonl');
    expect(readFileSync(file, 'utf8')).toBe(text);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    for (const folder of [cacheDir, dirname(file)]) expect(statSync(folder).mode & 0o777).toBe(0o700);
  });

  it('is asked for once: then the cache has it, with or without a network', async () => {
    const server = await start((_, response) => sendFile(response, text));
    const { hub } = access(server.origin);
    await readHubSource(pinned, hub);
    expect((await getHubCopy(pinned, hub)).from).toBe('cache');
    expect((await readHubSource(pinned, { ...hub, download: 'never' })).toString()).toBe(text);
    expect(server.calls).toHaveLength(1);
  });

  it('is not taken without its hash by a gate, which asks nobody', async () => {
    const server = await start((_, response) => sendFile(response, text));
    const error = await errorOf(readHubSource(unpinned, access(server.origin).hub));
    expect(error).toMatchObject({ code: 'HUB_HASH_MISSING' });
    expect(error.complaints[0]?.remedy).toContain('mixgate pool fetch');
    expect(server.calls).toHaveLength(0);
  });

  it('is refused where there is no network and no copy, with the command that makes one', async () => {
    const server = await start((_, response) => sendFile(response, text));
    const { hub } = access(server.origin);
    const error = await errorOf(readHubSource(pinned, { ...hub, download: 'never' }));
    expect(error).toMatchObject({ code: 'HUB_NOT_CACHED' });
    expect(error.complaints[0]?.remedy).toContain('mixgate pool fetch');
    expect(server.calls).toHaveLength(0);
  });

  it('that was changed in the cache is fetched again, or refused without a network', async () => {
    const server = await start((_, response) => sendFile(response, text));
    const { hub, cacheDir } = access(server.origin);
    const file = cachedFile(cacheDir, hubFile, sha256);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text.replace('Vienna', 'Prague'));
    const error = await errorOf(readHubSource(pinned, { ...hub, download: 'never' }));
    expect(error).toMatchObject({ code: 'HUB_NOT_CACHED', message: expect.stringContaining('was changed') });
    expect((await readHubSource(pinned, hub)).toString()).toBe(text);
    expect(readFileSync(file, 'utf8')).toBe(text);
  });

  it('with another hash than the policy’s is refused, and not kept', async () => {
    const server = await start((_, response) => sendFile(response, `${text} `));
    const { hub, cacheDir } = access(server.origin);
    const error = await errorOf(readHubSource(pinned, hub));
    expect(error).toMatchObject({ code: 'SOURCE_CHANGED', message: expect.stringContaining(sha256) });
    expect(existsSync(cacheDir)).toBe(false);
    expect(server.calls).toHaveLength(1);
  });
});

describe('a hub that sends on to a store', () => {
  it('keeps its token: the store gets none, nor does the hub behind it', async () => {
    const behind = await start((_, response) => sendFile(response, text));
    const store = await start((_, response) =>
      sendStatus(response, 307, { location: `${server.origin}/back` }),
    );
    const server: LocalHub = await start(({ url }, response) => {
      if (url === '/back') sendStatus(response, 302, { location: `${behind.origin}/last` });
      else sendOn(response, `${store.origin}/blob?signature=s`, sha256);
    });
    const { hub } = access(server.origin, { env: { HF_TOKEN: 'hf_secret' } });
    expect((await readHubSource(pinned, hub)).toString()).toBe(text);
    const sent = [server, store, behind].map(({ calls }) =>
      calls.map(({ headers }) => headers.authorization),
    );
    expect(sent).toEqual([['Bearer hf_secret', undefined], [undefined], [undefined]]);
  });

  it('keeps its token on a renamed repository’s own address', async () => {
    const server = await start(({ url }, response) => {
      if (url === '/new') sendFile(response, text);
      else sendStatus(response, 307, { location: '/new' });
    });
    await readHubSource(pinned, access(server.origin, { env: { HF_TOKEN: 'hf_secret' } }).hub);
    expect(server.calls.map(({ headers }) => headers.authorization)).toEqual(
      Array(2).fill('Bearer hf_secret'),
    );
  });

  it('is held to the SHA-256 that it states, even where the policy states none', async () => {
    const store = await start((_, response) => sendFile(response, 'other'));
    const server = await start((_, response) => sendOn(response, `${store.origin}/blob`, sha256));
    const { hub, waits } = access(server.origin);
    const error = await errorOf(getHubCopy(unpinned, hub));
    expect(error).toMatchObject({ code: 'HUB_FAILED', message: expect.stringContaining('other bytes') });
    expect(waits).toHaveLength(2);
  });

  it('is not followed for ever, nor to another scheme', async () => {
    const server = await start((_, response) => sendStatus(response, 302, { location: '/again' }));
    expect(await errorOf(readHubSource(pinned, access(server.origin).hub))).toMatchObject({
      code: 'HUB_REDIRECT',
    });
    expect(server.calls).toHaveLength(6);
    const file = await start((_, response) =>
      sendStatus(response, 302, { location: 'file:///etc/hostname' }),
    );
    expect(await errorOf(readHubSource(pinned, access(file.origin).hub))).toMatchObject({
      code: 'HUB_REDIRECT',
    });
  });
});

describe('a hub that does not give the file', () => {
  it.each([
    [401, 'GatedRepo', 'HUB_FILE_REFUSED'],
    [403, 'GatedRepo', 'HUB_FILE_REFUSED'],
    [404, 'EntryNotFound', 'HUB_FILE_MISSING'],
    [404, 'RevisionNotFound', 'HUB_FILE_MISSING'],
  ])('says so once: %i %s', async (status, said, code) => {
    const server = await start((_, response) => sendStatus(response, status, { 'x-error-code': said }));
    const error = await errorOf(readHubSource(pinned, access(server.origin).hub));
    expect(error).toMatchObject({ code, message: expect.stringContaining(`HTTP ${status} (${said})`) });
    expect(server.calls).toHaveLength(1);
    if (status < 404) expect(error.complaints[0]?.remedy).toContain('HF_TOKEN');
  });

  it('is asked again after the wait that it asks for', async () => {
    const server = await start((_, response, calls) => {
      if (calls.length === 1) sendStatus(response, 429, { 'retry-after': '7' });
      else if (calls.length === 2) sendStatus(response, 503);
      else sendFile(response, text);
    });
    const { hub, waits } = access(server.origin);
    expect((await readHubSource(pinned, hub)).toString()).toBe(text);
    // Half a second, doubled for the second try, three quarters of it by the random number given.
    expect(waits).toEqual([7000, 750]);
  });

  it('has failed after all tries', async () => {
    const server = await start((_, response) => sendStatus(response, 502));
    const error = await errorOf(readHubSource(pinned, access(server.origin).hub));
    expect(error).toMatchObject({
      code: 'HUB_FAILED',
      message: expect.stringContaining('HTTP 502, after 3 tries'),
    });
    expect(server.calls).toHaveLength(3);
  });

  it('or breaks off in the middle, is asked again', async () => {
    const server = await start((_, response, calls) => {
      if (calls.length > 1) return sendFile(response, text);
      response.writeHead(200, { 'content-length': String(text.length) });
      response.write(text.slice(0, 10), () => response.destroy());
    });
    expect((await readHubSource(pinned, access(server.origin).hub)).toString()).toBe(text);
    expect(server.calls).toHaveLength(2);
  });

  it('or is slow, is left after the time limit', async () => {
    const server = await start((_, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('{');
    });
    const { hub } = access(server.origin, { limits: { timeoutMs: 60, retries: 1 } });
    const error = await errorOf(readHubSource(pinned, hub));
    expect(error).toMatchObject({ code: 'HUB_FAILED', message: expect.stringContaining('within 0.06 s') });
    expect(server.calls).toHaveLength(2);
  });

  it('or sends more than a source may have, is cut off', async () => {
    const server = await start((_, response) => sendFile(response, text));
    const atMost = (maxBytes: number) => access(server.origin, { limits: { maxBytes } }).hub;
    expect(await errorOf(readHubSource(pinned, atMost(text.length - 1)))).toMatchObject({
      code: 'SOURCE_TOO_LARGE',
    });
    expect(await readHubSource(pinned, atMost(text.length))).toHaveLength(text.length);
  });

  it('is not waited for by who was interrupted', async () => {
    const stop = new AbortController();
    const server = await start(() => stop.abort());
    const error = await errorOf(readHubSource(pinned, access(server.origin, { signal: stop.signal }).hub));
    expect(error).toMatchObject({ code: 'INTERRUPTED' });
  });
});

describe('the settings of a hub', () => {
  const refusal = (env: Record<string, string>): ConfigError => refusalOf(() => readHubSettings(env));

  it('come from the environment: mixgate’s own name first, the public hub where there is none', () => {
    const hrefOf = (env: Record<string, string>) => readHubSettings(env).address.href;
    expect(hrefOf({})).toBe('https://huggingface.co/');
    expect(hrefOf({ HF_ENDPOINT: 'https://mirror.example', MIXGATE_HUB: '' })).toBe(
      'https://mirror.example/',
    );
    expect(hrefOf({ HF_ENDPOINT: 'https://mirror.example', MIXGATE_HUB: 'http://own.example/hub' })).toBe(
      'http://own.example/hub',
    );
    expect(readHubSettings({ HF_TOKEN: '' }).token).toBeUndefined();
    expect(readHubSettings({ XDG_CACHE_HOME: 'relative' }).cacheDir).toMatch(/\.cache.mixgate.hub$/);
  });

  it('are refused without being repeated where they are no address and no token', () => {
    for (const MIXGATE_HUB of ['hub', 'ftp://x', 'https://user:SECRET@x', 'https://x/?token=SECRET']) {
      const error = refusal({ MIXGATE_HUB });
      expect(error).toMatchObject({ code: 'HUB_ADDRESS_INVALID' });
      expect(JSON.stringify(error.complaints)).not.toContain('SECRET');
    }
    expect(refusal({ HF_TOKEN: 'a b' })).toMatchObject({ code: 'HUB_TOKEN_INVALID' });
  });
});
