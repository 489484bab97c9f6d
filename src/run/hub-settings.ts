import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { ConfigError } from '../config/errors.ts';

/** Where files of a hub come from and where they are kept: the environment says it, never a policy. */
export interface HubSettings {
  readonly address: URL;
  readonly token: string | undefined;
  readonly cacheDir: string;
}

export type Env = Readonly<Record<string, string | undefined>>;

const publicHub = 'https://huggingface.co';

/**
 * The hub's address (`MIXGATE_HUB`, else `HF_ENDPOINT`, else the public hub), its token (`HF_TOKEN`) and the cache
 * (below `XDG_CACHE_HOME`, else `~/.cache`). A workflow's missing secret is an empty variable: not given.
 *
 * @throws ConfigError HUB_ADDRESS_INVALID
 */
export function readHubSettings(env: Env): HubSettings {
  const name = env.MIXGATE_HUB ? 'MIXGATE_HUB' : 'HF_ENDPOINT';
  const xdg = env.XDG_CACHE_HOME;
  // The specification of XDG: a relative path is to be ignored.
  const caches = xdg !== undefined && isAbsolute(xdg) ? xdg : join(homedir(), '.cache');
  return {
    address: parseAddress(env[name] || publicHub, name),
    token: parseToken(env.HF_TOKEN),
    cacheDir: join(caches, 'mixgate', 'hub'),
  };
}

function parseToken(text: string | undefined): string | undefined {
  const token = text?.trim();
  if (token === undefined || token === '') return undefined;
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw new ConfigError({
    code: 'HUB_TOKEN_INVALID',
    where: 'HF_TOKEN',
    expected: 'a token without spaces or line breaks',
    got: 'something else',
    remedy: 'set HF_TOKEN to the token alone, or unset it',
  });
}

function parseAddress(text: string, name: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const plain =
    url !== undefined && [url.username, url.password, url.search, url.hash].every((part) => part === '');
  if (plain && ['http:', 'https:'].includes(url.protocol)) return url;
  throw new ConfigError({
    code: 'HUB_ADDRESS_INVALID',
    where: name,
    expected: 'the address of a hub, such as https://huggingface.co, without a key in it',
    // An address may hold a key.
    got: 'something else',
    remedy: `correct ${name}; a token goes into HF_TOKEN`,
  });
}
