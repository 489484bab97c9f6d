import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ScriptedServer, startScriptedServer } from '../../src/simulate/scripted-server.ts';
import { runSmall } from '../run/small-gate.ts';
import { mutate, mutateJson } from './mutate.ts';
import { type Random, seededRandom } from './random.ts';
import { requireMessage } from './target.ts';

/** A model that complies, behind a server that damages what it says in every way that the fuzzer knows. */
let models: ScriptedServer;
let front: Server;
let baseUrl: string;
let random: Random;

beforeAll(async () => {
  models = await startScriptedServer({ models: [{ id: 'strict', rule: () => 0.97 }] });
  front = createServer((request, response) => void forward(request, response));
  await new Promise<void>((done) => front.listen(0, '127.0.0.1', done));
  const address = front.address();
  baseUrl = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/v1`;
});
afterAll(async () => {
  front.closeAllConnections();
  front.close();
  await models.close();
});

async function forward(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  const body = chunks.length === 0 ? {} : { body: Buffer.concat(chunks) };
  const url = `${models.baseUrl.replace(/\/v1$/, '')}${request.url}`;
  const reply = await fetch(url, { method: request.method ?? 'GET', ...body });
  const text = await reply.text();
  const damaged = request.method === 'POST' && random.next() < 0.7 ? damage(text) : text;
  response.writeHead(reply.status, { 'content-type': 'application/json' }).end(damaged);
}

function damage(text: string): string | Buffer {
  return random.next() < 0.7 ? mutateJson(text, random) : mutate(Buffer.from(text), [], random);
}

it.each([1, 2, 3, 4, 5, 6])(
  'a model that complies never passes for what happens to its answers (seed %i)',
  async (seed) => {
    random = seededRandom(seed);
    try {
      const { receipt } = await runSmall({ baseUrl });
      expect(['fail', 'inconclusive']).toContain(receipt.evidence.verdict);
    } catch (error) {
      requireMessage(error);
    }
  },
);
