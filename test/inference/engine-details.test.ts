import { createHash } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { connect } from '../../src/inference/client.ts';
import { profileOf } from '../../src/inference/engine.ts';
import { meetServer } from '../../src/inference/served.ts';
import { type CannedServer, going, sendJson, startCanned } from './canned-server.ts';

const servers: CannedServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

/** A server with these paths; a number is an error of that status. */
async function serve(paths: Readonly<Record<string, unknown>>): Promise<CannedServer> {
  const server = await startCanned(({ url }, response) => {
    const body = paths[url] ?? 404;
    if (typeof body === 'number') sendJson(response, { error: { message: 'no' } }, body);
    else sendJson(response, body);
  });
  servers.push(server);
  return server;
}
const meet = async (paths: Readonly<Record<string, unknown>>, model = 'm') =>
  await meetServer((await serve(paths)).client({ model }), going());
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const listOf = (card: object) => ({ '/v1/models': { object: 'list', data: [card] } });

/** Shapes from public source and documentation, as the design notes them; llama.cpp's from a running server. */
describe('meetServer', () => {
  it('knows vLLM, and gives an adapter the context of its base model', async () => {
    const base = { id: 'base', owned_by: 'vllm', root: '/models/llama', max_model_len: 8192 };
    const adapter = { id: 'm', owned_by: 'vllm', root: '/adapters/a', parent: 'base' };
    const { engine, served } = await meet({
      '/v1/models': { data: [base, adapter] },
      '/version': { version: '0.16.0' },
    });
    expect(engine).toBe('vllm');
    expect(served).toMatchObject({
      engine: 'vllm',
      root: '/adapters/a',
      version: '0.16.0',
      contextLength: 8192,
    });
  });

  it.each(['/get_server_info', '/server_info'])('knows SGLang by its list, and reads %s', async (path) => {
    const { engine, served } = await meet({
      ...listOf({ id: 'm', owned_by: 'sglang', root: 'm', max_model_len: 32768 }),
      [path]: { model_path: '/models/olmo', version: '0.5.4', context_length: null, api_key: 'sk-secret-1' },
    });
    expect(engine).toBe('sglang');
    expect(served).toMatchObject({ engine: 'sglang', root: '/models/olmo', version: '0.5.4' });
    expect(served.contextLength).toBe(32768);
    expect(JSON.stringify(served)).not.toContain('secret');
  });

  it('knows llama.cpp, with the context of one slot and the template it uses', async () => {
    const { engine, served } = await meet({
      ...listOf({ id: 'm', owned_by: 'llamacpp', meta: { n_ctx: 16384, n_ctx_train: 131072 } }),
      '/props': {
        default_generation_settings: { n_ctx: 4096, params: { top_k: 40 } },
        total_slots: 4,
        model_path: '/models/m.gguf',
        chat_template: '{{ messages }}',
        build_info: 'b10573-unknown',
      },
    });
    expect(engine).toBe('llamacpp');
    expect(served).toMatchObject({
      engine: 'llamacpp',
      root: '/models/m.gguf',
      version: 'b10573-unknown',
      contextLength: 4096,
      templateSha256: sha256('{{ messages }}'),
    });
  });

  it('knows TGI by what stands beside its list, with model and revision', async () => {
    const { engine, served } = await meet({
      ...listOf({ id: 'm', object: 'model', created: 0, owned_by: 'org/m' }),
      '/info': { model_id: 'org/m', model_sha: 'abc123', version: '3.3.4', max_total_tokens: 4096 },
    });
    expect(engine).toBe('tgi');
    expect(served).toMatchObject({
      engine: 'tgi',
      root: 'org/m@abc123',
      version: '3.3.4',
      contextLength: 4096,
    });
  });

  it('knows Ollama, with the digest of what it serves and its template', async () => {
    const digest = 'f'.repeat(64);
    const { engine, served } = await meet({
      ...listOf({ id: 'm', owned_by: 'library' }),
      '/api/version': { version: '0.12.6' },
      '/api/tags': { models: [{ name: 'other:latest' }, { name: 'm:latest', digest }] },
      '/api/show': { template: '{{ .Prompt }}', model_info: {} },
    });
    expect(engine).toBe('ollama');
    expect(served).toMatchObject({
      engine: 'ollama',
      root: `sha256:${digest}`,
      version: '0.12.6',
      contextLength: null,
      templateSha256: sha256('{{ .Prompt }}'),
    });
  });

  it('takes any other server as unknown, under the owner that it gives', async () => {
    const { engine, served } = await meet({ ...listOf({ id: 'm', owned_by: 'a-cloud' }) });
    expect(engine).toBe('unknown');
    expect(served).toMatchObject({ engine: 'a-cloud', root: null, version: null, contextLength: null });
  });

  it('does not take a server that answers everything alike for one that it knows', async () => {
    const server = await startCanned((_, response) => sendJson(response, { data: [{ id: 'm' }] }));
    servers.push(server);
    expect((await meetServer(server.client(), going())).engine).toBe('unknown');
  });

  it('takes a met server whose own answers fail as away, and one that has lost them as changed', async () => {
    const paths: Record<string, unknown> = {
      ...listOf({ id: 'm', owned_by: 'org/m' }),
      '/info': { model_id: 'org/m', version: '3' },
    };
    const server = await serve(paths);
    const endpoint = {
      baseUrl: `${server.origin}/v1`,
      model: 'm',
      apiKey: undefined,
      timeoutMs: 5000,
      namedBy: '--base-url',
    };
    const met = connect(endpoint, { profile: profileOf('tgi'), preset: undefined });
    expect((await meetServer(met, going())).served.engine).toBe('tgi');
    paths['/info'] = 503;
    await expect(meetServer(met, going())).rejects.toMatchObject({ code: 'UNREACHABLE' });
    paths['/info'] = 404;
    expect((await meetServer(met, going())).served.engine).toBe('org/m');
  });
});
