import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Complaint, ConfigError, MixgateError } from '../../src/config/errors.ts';
import { connect } from '../../src/inference/client.ts';
import { verifyReceipt } from '../../src/receipt/verify.ts';
import { hashModel } from '../../src/run/hash-model.ts';
import { readWeights } from '../../src/run/weights.ts';
import { type ScriptedServer, startScriptedServer } from '../../src/simulate/scripted-server.ts';
import { runSmall } from './small-gate.ts';

const digest = 'ab'.repeat(32);
const binding = { require: true, digestEndpoint: '/weights/digest' };

let models: ScriptedServer;
let front: Server;
let baseUrl: string;
/** What the serving host says of its weights, by how often it was asked. */
let tell: (response: ServerResponse, nth: number, model: string | null) => void;
let asked: number;

beforeEach(async () => {
  models = await startScriptedServer({ models: [{ id: 'strict', rule: () => 0.02 }] });
  asked = 0;
  tell = (response) => json(response, { digest: `sha256:${digest}` });
  front = createServer((request, response) => void forward(request, response));
  await new Promise<void>((done) => front.listen(0, '127.0.0.1', done));
  const address = front.address();
  baseUrl = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/v1`;
});
afterEach(async () => {
  front.closeAllConnections();
  front.close();
  await models.close();
});

function json(response: ServerResponse, value: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

/** The engine stands behind a front that also knows the digest, as a serving host would have it. */
async function forward(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://host');
  if (pathname === '/weights/digest') {
    asked += 1;
    return tell(response, asked, searchParams.get('model'));
  }
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  const origin = models.baseUrl.replace(/\/v1$/, '');
  const body = chunks.length === 0 ? {} : { body: Buffer.concat(chunks) };
  const reply = await fetch(`${origin}${request.url}`, { method: request.method ?? 'GET', ...body });
  const type = reply.headers.get('content-type') ?? 'text/plain';
  response.writeHead(reply.status, { 'content-type': type }).end(Buffer.from(await reply.arrayBuffer()));
}

function candidateFile(stated = digest, model = 'strict'): string {
  const path = join(mkdtempSync(join(tmpdir(), 'mixgate-weights-')), 'candidate.yml');
  writeFileSync(path, `model: ${JSON.stringify(model)}\ndigest: sha256:${stated}\n`);
  return path;
}

const run = (stated?: string, model?: string) =>
  runSmall({ baseUrl, model: undefined, candidatePath: candidateFile(stated, model), policy: { binding } });

/** The release beside the model that it replaces, both loaded by one host. */
async function serveTwo(older = 'strict'): Promise<void> {
  await models.close();
  models = await startScriptedServer({
    models: [
      { id: older, rule: () => 0.02 },
      { id: 'release', rule: () => 0.98 },
    ],
  });
}
const answered = () => models.requests.filter(({ path }) => path.endsWith('/chat/completions')).length;

async function refusal(work: Promise<unknown>): Promise<Complaint> {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  const [first] = error instanceof MixgateError ? error.complaints : [];
  if (first === undefined) throw new Error(`expected an error of ours, got ${String(error)}`);
  return first;
}

describe('a digest endpoint that the policy names', () => {
  it('makes the binding measured where it tells what the candidate file states', async () => {
    const { receipt, files } = await run();
    expect(receipt.evidence).toMatchObject({
      verdict: 'pass',
      binding: 'measured',
      served: { weightsSha256: digest },
    });
    expect(receipt.evidence.limits.join(' ')).toContain('taken on the serving host');
    // Before the first trial and after the last.
    expect(asked).toBe(2);
    const named = { name: 'receipt.json', text: readFileSync(files.receipt, 'utf8') };
    const ledger = { name: 'ledger.jsonl', text: readFileSync(files.ledger, 'utf8') };
    expect(verifyReceipt({ receipt: named, ledger })).toMatchObject({ problems: [] });
    expect(readFileSync(files.statement, 'utf8')).toContain(digest);
  });

  it('stops the run before it costs anything where other weights are served', async () => {
    const found = await refusal(run('cd'.repeat(32)));
    expect(found).toMatchObject({ code: 'WEIGHTS_DIFFER', got: digest });
    expect(answered()).toBe(0);
  });

  it.each<[string, (response: ServerResponse) => void]>([
    ['is not there', (response) => json(response, { detail: 'Not Found' }, 404)],
    ['tells something else', (response) => json(response, { digest: 'md5:abc' })],
    ['tells it in words', (response) => response.end(`sha256:${digest}`)],
    [
      'sends us elsewhere',
      (response) => response.writeHead(302, { location: `${models.baseUrl}/models` }).end(),
    ],
    ['is broken', (response) => json(response, {}, 400)],
    [
      'nests without end',
      (response) => {
        response.setHeader('content-type', 'application/json');
        response.end('['.repeat(20_000) + ']'.repeat(20_000));
      },
    ],
  ])('that %s stops the run, and says what it should tell', async (_, how) => {
    tell = how;
    const found = await refusal(run());
    expect(found.code).toBe('WEIGHTS_UNKNOWN');
    expect(found.where).toContain('/weights/digest');
    expect(answered()).toBe(0);
  });

  it('that tells another digest at the end ends the run as a changed server', async () => {
    tell = (response, nth) => json(response, { digest: nth === 1 ? digest : 'ef'.repeat(32) });
    expect(await refusal(run())).toMatchObject({
      code: 'SERVER_CHANGED',
      where: expect.stringContaining('weightsSha256'),
    });
  });

  it('that tells one digest, whatever model is asked, shows nothing of a server with two', async () => {
    await serveTwo();
    const found = await refusal(run());
    expect(found).toMatchObject({ code: 'WEIGHTS_UNKNOWN', expected: expect.stringContaining('?model=') });
    expect(found.got).toContain('"strict", "release"');
    expect(answered()).toBe(0);
  });

  it('that names another model than was asked shows nothing, even of a server with one', async () => {
    tell = (response) => json(response, { digest, model: 'release' });
    expect(await refusal(run())).toMatchObject({ code: 'WEIGHTS_UNKNOWN', got: '"release"' });
    expect(answered()).toBe(0);
  });

  it('is believed of the one model of two that it is asked for and names', async () => {
    const older = 'acme/older model & co?';
    await serveTwo(older);
    tell = (response, _, model) =>
      json(response, { digest: model === older ? digest : 'cd'.repeat(32), model });
    const { receipt } = await run(digest, older);
    expect(receipt.evidence).toMatchObject({ binding: 'measured', served: { weightsSha256: digest } });
    expect(await refusal(run(digest, 'release'))).toMatchObject({ code: 'WEIGHTS_DIFFER' });
  });

  it('is not asked for a candidate that states no digest, which stays unbound', async () => {
    const { receipt } = await runSmall({ baseUrl, policy: { binding } });
    expect(receipt.evidence).toMatchObject({ verdict: 'inconclusive', binding: 'declared' });
    expect(asked).toBe(0);
  });
});

describe('files that a server of this machine was started from', () => {
  const folder = mkdtempSync(join(tmpdir(), 'mixgate-model-'));
  writeFileSync(join(folder, 'model.safetensors'), 'weights');
  const { signal } = new AbortController();
  const replica = (url: string) =>
    connect({ baseUrl: url, model: 'm', apiKey: undefined, timeoutMs: 1000, namedBy: '--base-url' });
  const policy = { binding: { require: true, files: folder } };

  it('are hashed, where the server says that it serves them', async () => {
    const stated = (await hashModel(folder)).digest;
    const request = {
      policy,
      digest: stated,
      replicas: [replica(baseUrl)],
      served: { root: folder },
      signal,
    };
    expect(`sha256:${await readWeights(request)}`).toBe(stated);
    const other = { ...request, digest: `sha256:${digest}` };
    expect(await refusal(readWeights(other))).toMatchObject({ code: 'WEIGHTS_DIFFER' });
  });

  it('show nothing of a server that serves another model beside', async () => {
    await serveTwo();
    const request = { policy, digest, replicas: [replica(baseUrl)], served: { root: folder }, signal };
    const found = await refusal(readWeights(request));
    expect(found).toMatchObject({ code: 'WEIGHTS_ELSEWHERE', got: expect.stringContaining('"release"') });
  });

  it.each([
    ['on another machine', 'http://gpu-1:8000/v1', folder],
    ['of another folder', 'http://localhost:8000/v1', '/models/other'],
    ['that does not tell its root', 'http://[::1]:8000/v1', null],
  ])('show nothing of a server %s', async (_, url, root) => {
    const request = { policy, digest, replicas: [replica(url)], served: { root }, signal };
    await expect(readWeights(request)).rejects.toThrow(ConfigError);
    expect(await refusal(readWeights(request))).toMatchObject({ code: 'WEIGHTS_ELSEWHERE' });
  });
});
