import { ConfigError } from '../config/errors.ts';

/** How an address and a key were given. */
interface Given {
  readonly baseUrl: string;
  readonly apiKey: string | undefined;
  /** The flag or input that named it, for messages. */
  readonly namedBy: string;
}

/** @throws ConfigError BASE_URL where the address is not one */
export function parseBaseUrl({ baseUrl, namedBy }: Given): URL {
  const parsed = URL.canParse(baseUrl) ? new URL(baseUrl) : undefined;
  const problem = addressProblem(parsed);
  if (parsed !== undefined && problem === undefined) return new URL(parsed.href.replace(/\/+$/, ''));
  throw new ConfigError({
    code: 'BASE_URL',
    where: namedBy,
    expected: 'an http or https address such as http://gpu-1:8000/v1, without user, password or query',
    // The value itself may hold a password.
    got: problem ?? 'something that is no URL',
    remedy: 'give the address of an OpenAI-compatible server; keys go into the api-key variables',
  });
}

function addressProblem(url: URL | undefined): string | undefined {
  if (url === undefined) return 'something that is no URL';
  if (!/^https?:$/.test(url.protocol)) return 'an address that does not begin with http:// or https://';
  if (url.username !== '' || url.password !== '') return 'an address with a user or a password';
  return url.search !== '' || url.hash !== '' ? 'an address with a query or a fragment' : undefined;
}

/**
 * The header that holds the key. A workflow's missing secret is an empty text: it is taken for none.
 *
 * @throws ConfigError API_KEY where no header can hold the key
 */
export function authorization({ apiKey, namedBy }: Given): string {
  const key = apiKey?.trim() ?? '';
  if (/^[\x21-\x7e]*$/.test(key)) return `Bearer ${key || 'none'}`;
  throw new ConfigError({
    code: 'API_KEY',
    where: `the key for ${namedBy}`,
    expected: 'printable ASCII characters without blanks, as an HTTP header can hold them',
    got: 'other characters',
    remedy: 'set the key again, without line breaks',
  });
}

/** What to do about a key that a server does not take, or the want of one. */
export function keyRemedy({ apiKey, namedBy }: Pick<Given, 'apiKey' | 'namedBy'>): string {
  const [variable, input] = namedBy.startsWith('--judge')
    ? ['MIXGATE_JUDGE_API_KEY', 'judge-api-key']
    : namedBy.startsWith('--baseline')
      ? ['MIXGATE_BASELINE_API_KEY', undefined]
      : ['MIXGATE_API_KEY', 'api-key'];
  const places = `${variable}${input === undefined ? '' : `; in a workflow, the input ${input}`}`;
  return (apiKey?.trim() ?? '') === ''
    ? `no key was sent: set one that the server takes (${places})`
    : `the key that was sent is refused: set one that the server takes (${places})`;
}
