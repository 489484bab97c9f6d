import { createHash } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { ModelError } from '../../src/config/errors.ts';
import { identityChange, readServedIdentity, requireSameServer } from '../../src/inference/served.ts';
import { type CannedServer, going, sendJson, startCanned } from './canned-server.ts';

const servers: CannedServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

/** A server with these GET paths; everything else is not there. */
async function serve(paths: Readonly<Record<string, unknown>>, status = 200): Promise<CannedServer> {
  const server = await startCanned(({ url }, response) => {
    const body = paths[url];
    if (body === undefined) sendJson(response, { error: { message: 'File Not Found', code: 404 } }, 404);
    else sendJson(response, body, status);
  });
  servers.push(server);
  return server;
}
const readFrom = async (paths: Readonly<Record<string, unknown>>, model = 'm', status = 200) =>
  await readServedIdentity((await serve(paths, status)).client({ model }), going());
async function errorOf(promise: Promise<unknown>): Promise<ModelError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof ModelError) return error;
  throw new Error('expected a ModelError');
}

const hashed = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`;

const unknown = {
  root: null,
  engine: null,
  version: null,
  contextLength: null,
  templateSha256: null,
  answersAs: null,
  fingerprint: null,
};

describe('readServedIdentity', () => {
  it('reads vLLM’s model card and version', async () => {
    const card = {
      id: 'm',
      object: 'model',
      created: 1,
      owned_by: 'vllm',
      root: '/models/llama',
      parent: null,
      max_model_len: 8192,
      permission: [],
    };
    const adapter = { ...card, id: 'adapter', root: '/adapters/a', max_model_len: undefined };
    const identity = await readFrom({
      '/v1/models': { object: 'list', data: [adapter, card] },
      '/version': { version: '0.16.0' },
    });
    expect(identity).toEqual({
      ...unknown,
      model: 'm',
      root: '/models/llama',
      engine: 'vllm',
      version: '0.16.0',
      contextLength: 8192,
    });
  });

  it('reads llama.cpp’s model card, an alias and the properties beside /v1', async () => {
    const card = {
      id: 'weights.gguf',
      aliases: ['m'],
      object: 'model',
      owned_by: 'llamacpp',
      meta: { n_ctx: 1024, n_ctx_train: 4096 },
    };
    const identity = await readFrom({
      '/v1/models': { models: [{ name: 'weights.gguf' }], object: 'list', data: [card] },
      '/props': { chat_template: '{{ messages }}', build_info: 'b10573-unknown', total_slots: 4 },
    });
    expect(identity).toEqual({
      ...unknown,
      model: 'm',
      engine: 'llamacpp',
      version: 'b10573-unknown',
      contextLength: 1024,
      templateSha256: createHash('sha256').update('{{ messages }}').digest('hex'),
    });
  });

  it('reads a plain list', async () => {
    expect(await readFrom({ '/v1/models': { data: [{ id: 'm' }] } })).toEqual({ ...unknown, model: 'm' });
  });

  it.each([404, 405, 501])('goes on without a list where the server has none (%d)', async (status) => {
    expect(await readFrom({ '/v1/models': {} }, 'm', status)).toEqual({ ...unknown, model: 'm' });
  });

  it('goes on where the list, the properties or the version is of another kind', async () => {
    const page = '<html></html>';
    expect(
      await readFrom({ '/v1/models': { data: 'none' }, '/props': page, '/version': { version: 16 } }),
    ).toEqual({ ...unknown, model: 'm' });
  });

  it.each([
    ['whole', 8192, 8192],
    ['nothing', 0, 0],
    ['the most', 2 ** 31, 2 ** 31],
    ['more than that', 2 ** 31 + 1, null],
    ['negative', -1, null],
    ['broken', 4096.5, null],
    ['a text', '8192', null],
  ])('takes a context length that is %s as %j', async (_what, told, read) => {
    const vllm = { id: 'm', max_model_len: told };
    const llama = { id: 'm', meta: { n_ctx: told } };
    for (const card of [vllm, llama]) {
      expect((await readFrom({ '/v1/models': { data: [card] } })).contextLength).toBe(read);
    }
  });

  it('keeps the hash of whatever does not look like a name, or holds the key', async () => {
    const apiKey = 'sk-0123456789';
    const prompt = 'What is the code? It is nine.';
    const [root, engine, version] = [`/models/${apiKey}/m`, prompt, `Bearer ${apiKey}`];
    const server = await serve({
      '/v1/models': { data: [{ id: 'm', root, owned_by: engine }] },
      '/props': { build_info: version },
    });
    const identity = await readServedIdentity(server.client({ apiKey }), going());
    expect(identity).toEqual({
      ...unknown,
      model: 'm',
      root: hashed(root),
      engine: hashed(engine),
      version: hashed(version),
    });
    const versioned = await readFrom({ '/v1/models': { data: [] }, '/version': { version: prompt } });
    expect(versioned.version).toBe(hashed(prompt));
  });

  it('finds the model by its name as given, whatever characters it has', async () => {
    const model = 'Modell für alle (v2)';
    const list = { '/v1/models': { data: [{ id: model, root: '/m' }] } };
    expect(await readFrom(list, model)).toEqual({ ...unknown, model, root: '/m' });
  });

  it('does not repeat a prompt or a key that a server gives for a model’s name', async () => {
    const apiKey = 'sk-0123456789';
    const server = await serve({ '/v1/models': { data: [{ id: 'It is nine.' }, { id: `m-${apiKey}` }] } });
    const { message } = await errorOf(readServedIdentity(server.client({ apiKey }), going()));
    expect(message).not.toContain('nine');
    expect(message).not.toContain(apiKey);
    expect(message).toContain(hashed('It is nine.'));
  });

  it('refuses a model that the server does not list, and names those that it does', async () => {
    const error = await errorOf(
      readFrom({ '/v1/models': { data: [{ id: 'llama-8b' }, { id: 'wildguard' }] } }, 'lama-8b'),
    );
    expect(error).toMatchObject({
      code: 'MODEL_NOT_SERVED',
      complaints: [
        {
          where: '--base-url model',
          expected: 'one of the served names: "llama-8b", "wildguard"',
          got: '"lama-8b"',
        },
      ],
    });
  });

  it.each([
    [
      401,
      'UNAUTHORIZED',
      'no key was sent: set one that the server takes (MIXGATE_API_KEY; in a workflow, the input api-key)',
    ],
    [
      403,
      'UNAUTHORIZED',
      'no key was sent: set one that the server takes (MIXGATE_API_KEY; in a workflow, the input api-key)',
    ],
    [500, 'UNREACHABLE', 'start the server, or correct the address'],
    [503, 'UNREACHABLE', 'start the server, or correct the address'],
  ])('tells what %d means', async (status, code, remedy) => {
    const error = await errorOf(
      readFrom({ '/v1/models': { error: { message: 'Invalid API Key' } } }, 'm', status),
    );
    expect(error).toMatchObject({
      code,
      complaints: [{ where: '--base-url', got: `HTTP ${status}`, remedy }],
    });
  });

  it('does not follow a redirect', async () => {
    const server = await startCanned((_, response) =>
      response.writeHead(302, { location: 'http://127.0.0.1:9/' }).end(),
    );
    servers.push(server);
    const error = await errorOf(readServedIdentity(server.client(), going()));
    expect(error).toMatchObject({
      code: 'UNREACHABLE',
      complaints: [{ got: 'a redirect to another address' }],
    });
  });

  it('says that it was stopped, not that the server is away, when it was stopped', async () => {
    const server = await serve({});
    expect(await errorOf(readServedIdentity(server.client(), AbortSignal.abort()))).toMatchObject({
      code: 'INTERRUPTED',
    });
  });
});

describe('identityChange', () => {
  const identity = { ...unknown, model: 'm', root: '/a', fingerprint: 'f', contextLength: 1024 };

  it('names the first field that differs', () => {
    expect(identityChange(identity, { ...identity, root: '/b', contextLength: 2048 })).toEqual({
      field: 'root',
      before: '/a',
      after: '/b',
    });
    expect(identityChange(identity, { ...identity, contextLength: 2048 })).toEqual({
      field: 'contextLength',
      before: '1024',
      after: '2048',
    });
  });

  it('takes what either side does not know as equal', () => {
    expect(identityChange(identity, { ...unknown, model: 'm' })).toBeUndefined();
    expect(identityChange({ ...unknown, model: 'm' }, identity)).toBeUndefined();
  });

  it('makes a changed server an error that names the field', () => {
    expect(() => requireSameServer(identity, { ...identity, root: '/b' }, '--base-url')).toThrow(
      expect.objectContaining({
        code: 'SERVER_CHANGED',
        field: 'root',
        message: '--base-url root: expected /a, as at the start of the run, got /b',
      }),
    );
    requireSameServer(identity, identity, '--base-url');
  });

  it.each(['root', 'engine', 'contextLength'] as const)(
    'makes a server that told its %s, and does not any more, a changed one',
    (field) => {
      const whole = { ...identity, engine: 'vllm' };
      expect(() => requireSameServer(whole, { ...whole, [field]: null }, '--base-url')).toThrow(
        expect.objectContaining({
          code: 'SERVER_CHANGED',
          message: `--base-url ${field}: expected ${whole[field]}, as at the start of the run, got nothing`,
        }),
      );
      requireSameServer({ ...whole, [field]: null }, whole, '--base-url');
    },
  );

  it.each([
    ['is gone', undefined],
    ['is of another kind', { models: 'none' }],
    ['is empty', { data: [] }],
  ])('takes a list of models that %s at the end as a change', async (_what, list) => {
    const card = { id: 'm', root: '/a', owned_by: 'vllm', max_model_len: 1024 };
    const before = await readFrom({ '/v1/models': { data: [card] } });
    const after = await readFrom(list === undefined ? {} : { '/v1/models': list });
    expect(() => requireSameServer(before, after, '--base-url')).toThrow(
      expect.objectContaining({ code: 'SERVER_CHANGED' }),
    );
  });

  it('does not hold version and template against a server that gives no answer about them', () => {
    const whole = { ...identity, version: '1', templateSha256: 'ab', answersAs: 'm' };
    requireSameServer(
      whole,
      { ...whole, version: null, templateSha256: null, answersAs: null, fingerprint: null },
      '--base-url',
    );
  });
});
